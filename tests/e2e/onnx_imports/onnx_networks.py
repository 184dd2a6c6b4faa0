"""Imports ONNX models, runs what comes out, and compares with given numbers."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "command_line"))

import numpy as np
from program import HALCYON

try:
    import onnx
    import onnxruntime
except ImportError as missing:
    # `./dev test` installs both wheels.
    print(f"skipped: {missing}; tests/requirements.txt lists what this test needs")
    sys.exit(77)


class Failed(Exception):
    """What halcyon says instead of doing its work."""


def halcyon(*words):
    """Standard output; anything but success is an exception."""
    done = subprocess.run([HALCYON, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"halcyon {words[0]}: status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def import_model(model, folder, *words):
    """The spec that a model, or the file of one, becomes."""
    path = model
    if not isinstance(model, pathlib.Path):
        path = folder / "model.onnx"
        onnx.save(model, str(path))
    spec = folder / "model.hcn"
    for old in (spec, spec.with_suffix(".safetensors")):
        old.unlink(missing_ok=True)
    halcyon("import", path, "-o", spec, *words)
    return spec


def doors(spec):
    """[(name, shape)] of inputs and of outputs, in the spec's order."""
    shown = json.loads(halcyon("show", spec, "--json"))
    return tuple([(door["name"], door["shape"]) for door in shown[kind]] for kind in ("inputs", "outputs"))


def run(spec, arrays, *words):
    """The outputs for inputs that hold one item or several, in the order of the doors."""
    inputs, outputs = doors(spec)
    folder = spec.parent
    for (name, shape), array in zip(inputs, arrays, strict=True):
        # However many axes the file has for them, the numbers are those of whole items.
        np.save(folder / f"{name}_in.npy", array.reshape(-1, *shape))
        words += ("--input", f"{name}={folder / name}_in.npy")
    for name, _ in outputs:
        words += ("--output", f"{name}={folder / name}_out.npy")
    halcyon("run", spec, *words)
    return [np.load(folder / f"{name}_out.npy") for name, _ in outputs]


def reference(path, arrays):
    """What ONNX Runtime computes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, arrays, strict=True)))


def error(result, expected):
    """The largest difference relative to the largest magnitude; axes of one element do not count."""
    if result.size != expected.size:
        return float("inf")
    expected = expected.astype(np.float64).reshape(-1)
    difference = np.abs(result.astype(np.float64).reshape(-1) - expected)
    return float(difference.max() / max(np.abs(expected).max(), 1e-30))
