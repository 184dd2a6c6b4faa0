"""Exports specs to ONNX and compares what ONNX Runtime computes of them."""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "command_line")]

import numpy as np
from networks import error, random_weights, require_agreement, with_logits
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


def compare_network(folder, spec, model, items, most=1e-4, words=None):
    """`halcyon run` against ONNX Runtime on random images, at the logits: a softmax would flatten every difference."""
    path = with_logits(spec, folder)
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
