#!/usr/bin/env python3
"""How far Halcyon and ONNX Runtime are from double precision at the logits, on the same networks, weights and images.

The error is the largest difference over the largest magnitude of any image. Softmax is left out: with seeded weights it may
leave one class alone, and nothing to compare.
"""

import argparse
import pathlib
import re

import numpy as np
import onnxruntime
from workloads import ROOT, Workload, halcyon, networks

# What the project promises: at most so many times ONNX Runtime's error.
MOST_RATIO = 2.0
FOLDER = ROOT / "build/bench/accuracy"


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", metavar="NAME[,NAME...]", help="these networks")
    parser.add_argument("--images", type=int, default=32, help="default: %(default)s")
    return parser.parse_args()


def without_softmax(folder):
    """The specs again, each with its logits as output."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "examples/models").glob("*.hcn"):
        text = path.read_text().replace('"softmax"', '"linear"').replace("Softmax(", 'Activation("linear", ')
        (folder / path.name).write_text(text)
    return folder


def onnxruntime_outputs(workload, inputs):
    model = workload.folder / "model.onnx"
    halcyon("export", workload.spec, "--to", "onnx", "--weights", workload.weights, "-o", model)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run([workload.output_name], {workload.input_name: image[None]})[0] for image in inputs])


def errors(workload, images):
    """Halcyon's and ONNX Runtime's."""
    inputs, expected = workload.folder / "images.npy", workload.folder / "onnxruntime.npz"
    np.save(inputs, workload.image(images))
    np.savez(expected, predictions=onnxruntime_outputs(workload, np.load(inputs)))
    report = halcyon("check", workload.spec, "--weights", workload.weights, "--input", inputs, "--expect", expected)
    ours, theirs = report.split("Against ")
    error = r"^predictions +{}(\d\S*)  "
    return (float(re.search(error.format("whole model +"), ours, re.M)[1]),
            float(re.search(error.format(""), theirs, re.M)[1]))


def main():
    options = parse()
    specs = without_softmax(FOLDER / "specs")
    print("| network | Halcyon | ONNX Runtime | ratio |\n|---|---:|---:|---:|")
    worst = 0.0
    for network in networks():
        if options.only and network.name not in options.only.split(","):
            continue
        workload = Workload(network.name, "network", str(specs / pathlib.Path(network.spec).name))
        workload.prepare(FOLDER)
        ours, theirs = errors(workload, options.images)
        worst = max(worst, ours / theirs)
        print(f"| {network.name} | {ours:.1e} | {theirs:.1e} | {ours / theirs:.2f} |", flush=True)
    return 0 if worst <= MOST_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())
