"""Networks and single layers exported to ONNX give the same numbers in ONNX Runtime."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

import numpy as np
import onnx_models as models
from networks import layer_inputs
from program import SOURCE, halcyon, require, scratch
from runner import random_array
from spec_generator import Spec

folder = scratch()

# Every layer that Keras computed a case of: the ONNX model gives Keras's own numbers.
cases = sorted(path.parent for path in (SOURCE / "tests/data/keras").glob("*/layer.hcn"))
require(len(cases) > 100, f"only {len(cases)} cases")
wrong = []
for case in cases:
    inputs = {path.stem: np.load(path) for path in sorted(case.glob("input_*.npy"))}
    expected = np.load(case / "output_0.npy")
    words = ["--batch", len(expected)]
    if not (case / "layer.safetensors").exists():
        words += ["--initialize", 1]
    exported = models.export(case / "layer.hcn", folder / "layer.onnx", *words)
    (result,) = models.run(exported, inputs).values()
    error = models.error(result, expected.astype(np.float32))
    if not isinstance(error, float) or error > 1e-5:
        wrong.append(f"{case.name}: {error}")
require(not wrong, "these differ from Keras:\n" + "\n".join(wrong))

# The layers that Keras has no case of.
spec = SOURCE / "tests/e2e/exports/layers.hcn"
inputs, files = layer_inputs(2), []
for name, array in inputs.items():
    np.save(folder / f"{name}.npy", array)
    files += ["--input", f"{name}={folder / name}.npy"]
results = models.run(models.export(spec, folder / "layers.onnx", "--initialize", 3, "--batch", 2), inputs)
require(len(results) > 100, f"{len(results)} outputs")
for name in results:
    files += ["--output", f"{name}={folder / name}_out.npy"]
halcyon("run", spec, "--initialize", 3, "--exact", *files)
for name, result in results.items():
    models.require_agreement(name, result, np.load(folder / f"{name}_out.npy"), 1e-5)

# Layers in small networks, as random as those that the compiler is tested with.
for seed in range(100, 112):
    spec = Spec(seed, 4, 12)
    (folder / "net.hcn").write_text(spec.text)
    random = np.random.default_rng(seed)
    inputs, files, outputs = {}, [], []
    if any(kind == "bfloat16" for _, kind, _ in spec.inputs):
        continue  # NumPy has none to give ONNX Runtime
    for name, kind, shape in spec.inputs:
        inputs[name] = random_array(random, kind, (2, *shape))
        np.save(folder / f"{name}.npy", inputs[name])
        files += ["--input", f"{name}={folder / name}.npy"]
    exported = models.export(folder / "net.hcn", folder / "net.onnx", "--initialize", seed, "--batch", 2)
    results = models.run(exported, inputs)
    for name in results:
        outputs += ["--output", f"{name}={folder / name}_out.npy"]
    halcyon("run", folder / "net.hcn", "--initialize", seed, "--exact", *files, *outputs)
    for name, result in results.items():
        expected = np.load(folder / f"{name}_out.npy")
        models.require_agreement(f"seed {seed}, {name}:\n{spec.text}", result, expected, 1e-5)

# Doors in every order of axes.
conv2d = SOURCE / "examples/conv2d/conv2d.hcn"
for model in ("relu_valid", "relu_padded_from_pytorch", "strided", "sigmoid_channels_first", "sigmoid_permuted",
              "halved_same"):
    models.compare_network(folder, conv2d, model, 2, most=1e-5)

for network in ("lenet5", "mobilenet_v3_small"):
    models.compare_network(folder, SOURCE / f"examples/models/{network}.hcn", "", 1)
