"""Exports specs to ONNX and compares what ONNX Runtime computes of them."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "command_line"))

import numpy as np
from program import halcyon, require

try:
    import onnx
    import onnxruntime
except ImportError as missing:
    # `./dev test` installs both wheels.
    print(f"skipped: {missing}; tests/requirements.txt lists what this test needs")
    sys.exit(77)


def export(spec, path, *words):
    """The model, which ONNX's checker accepts."""
    halcyon("export", spec, "--to", "onnx", "-o", path, *words)
    onnx.checker.check_model(str(path), full_check=True)
    return path


def run(path, inputs):
    """What ONNX Runtime makes of {name: array with a batch axis}, by name of the output."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def error(result, expected):
    """The largest difference relative to the largest magnitude."""
    if result.shape != expected.shape or result.dtype != expected.dtype:
        return f"{result.dtype}{result.shape} instead of {expected.dtype}{expected.shape}"
    largest = np.max(np.abs(expected.astype(np.float64)))
    difference = np.max(np.abs(result.astype(np.float64) - expected))
    return float(difference / largest) if largest > 0 else float(difference)


def require_agreement(what, result, expected, most):
    found = error(result, expected)
    require(isinstance(found, float) and found <= most, f"{what}: error {found}, at most {most} is allowed")


def random_weights(spec, path, seed=1):
    """A file of weights with which no layer is idle: normalizations that move and scale, biases that are not zero."""
    random = np.random.default_rng(seed)
    shown = json.loads(halcyon("show", spec, "--json", "--weights", "--initialize", seed)[0])
    arrays = {}
    for weight in shown["weights"]:
        name, shape = weight["name"], weight["shape"]
        role = name.rsplit("/", 1)[-1]
        if role in ("gamma", "variance", "moving_variance"):
            array = random.uniform(0.7, 1.3, shape)
        elif role.endswith("kernel"):
            # He's: activations neither vanish nor grow from layer to layer. Depthwise kernels read one channel.
            fan_in = np.prod(shape[:-2]) if role == "depthwise_kernel" or "depthwise" in name else np.prod(shape[:-1])
            array = random.normal(0, np.sqrt(2 / fan_in), shape)
        else:
            array = random.normal(0, 0.2, shape)
        arrays[name] = array.astype(np.float32)
    np.savez(path, **arrays)
    return path


def compare_network(folder, spec, model, items, most=1e-4, words=None):
    """`halcyon run` against ONNX Runtime on random images, at the logits: a softmax would flatten every difference."""
    text = pathlib.Path(spec).read_text().replace('"softmax"', '"linear"')
    for blocks in pathlib.Path(spec).parent.glob("*.hcn"):
        (folder / blocks.name).write_text(blocks.read_text().replace('"softmax"', '"linear"'))
    path = folder / pathlib.Path(spec).name
    path.write_text(text)
    spec = f"{path}:{model}" if model else path
    if words is None:
        words = ["--weights", random_weights(spec, folder / "weights.npz")]
    exported = export(spec, folder / "model.onnx", "--batch", items, *words)
    random = np.random.default_rng(7)
    inputs, files = {}, []
    for door in onnxruntime.InferenceSession(str(exported), providers=["CPUExecutionProvider"]).get_inputs():
        require(door.shape[0] == items and door.type == "tensor(float)", f"{spec}: door {door.shape} {door.type}")
        inputs[door.name] = random.uniform(-1, 1, door.shape).astype(np.float32)
        np.save(folder / f"{door.name}.npy", inputs[door.name])
        files += ["--input", f"{door.name}={folder / door.name}.npy"]
    results = run(exported, inputs)
    outputs = []
    for name in results:
        outputs += ["--output", f"{name}={folder / name}_out.npy"]
    halcyon("run", spec, *words, *files, *outputs)
    for name, result in results.items():
        require_agreement(f"{spec}, {name}", result, np.load(folder / f"{name}_out.npy"), most)
