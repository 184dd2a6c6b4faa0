"""One network in four places: compiled, in ONNX Runtime, in PyTorch, and compiled after ONNX has brought it back."""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "command_line")]

import numpy as np
import onnx_models
import torch_models
from networks import error, random_weights, with_logits
from program import halcyon, require

MOST = 1e-4


def compare(spec, folder, items=2):
    """Whether a network's outputs agree everywhere; prints the largest differences relative to the largest output."""
    spec = with_logits(spec, folder)
    weights = random_weights(spec, folder / "weights.npz")
    module = torch_models.Module(spec, folder / "model.py", "--weights", weights)
    random = np.random.default_rng(7)
    inputs, files = {}, []
    session = onnx_models.export(spec, folder / "model.onnx", "--batch", items, "--weights", weights)
    for door in onnx_models.onnxruntime.InferenceSession(str(session)).get_inputs():
        require(door.type == "tensor(float)", f"{spec}: door {door.type}")
        inputs[door.name] = random.uniform(-1, 1, door.shape).astype(np.float32)
        np.save(folder / f"{door.name}.npy", inputs[door.name])
        files += ["--input", folder / f"{door.name}.npy"]
    in_onnx = onnx_models.run(session, inputs)
    in_torch = module.run(inputs)
    require(isinstance(in_torch, dict), f"{spec}: {in_torch}")
    expected = outputs_of(spec, ["--weights", weights], files, list(in_onnx), folder / "own")
    halcyon("export", spec, "--to", "onnx", "-o", folder / "one.onnx", "--weights", weights)
    (folder / "back").mkdir(exist_ok=True)
    halcyon("import", folder / "one.onnx", "-o", folder / "back" / spec.name)
    back = outputs_of(folder / "back" / spec.name, [], files, list(in_onnx), folder / "again")
    errors = {}
    for where, results in {"ONNX Runtime": in_onnx, "PyTorch": in_torch, "import": back}.items():
        each = [error(results[name], array) for name, array in expected.items()]
        errors[where] = max(each, key=lambda one: one if isinstance(one, float) else np.inf)
    print(f"{spec.stem:24}", *(f"{where} {each:.1e} " if isinstance(each, float) else each for where, each in errors.items()))
    sys.stdout.flush()
    return all(isinstance(each, float) and each <= MOST for each in errors.values())


def outputs_of(spec, weights, files, names, stem):
    """By the names in their order: an import may call them otherwise."""
    words = []
    for i in range(len(names)):
        words += ["--output", f"{stem}_{i}.npy"]
    halcyon("run", spec, *weights, *files, *words)
    return {name: np.load(f"{stem}_{i}.npy") for i, name in enumerate(names)}
