"""Runs exported modules in PyTorch: one request a line on standard input, one answer a line on standard output.

A request names the module's file, its weights, the arrays that go in, by name, and where those that come out shall go.
"""

import importlib.util
import inspect
import json
import sys

import numpy as np
import torch

torch.set_num_threads(1)
# Python tells compiled modules by the second and their size: of two files of one name in a second it would take the first.
sys.dont_write_bytecode = True


def load(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # The model is the class that the docstring begins with.
    return getattr(module, inspect.getdoc(module).split()[0])()


def run(request):
    torch.manual_seed(1)
    model = load(request["module"])
    drawn = {name: value.clone() for name, value in model.state_dict().items()}
    if request["weights"]:
        model.load_weights(request["weights"])
    model.eval()
    with np.load(request["inputs"]) as arrays:
        inputs = [torch.from_numpy(arrays[name]) for name in request["names"]]
    with torch.no_grad():
        outputs = model(*inputs)
    if not isinstance(outputs, dict):
        outputs = {"": outputs}
    np.savez(request["outputs"], **{f"output:{name}": value.numpy() for name, value in outputs.items()})
    if request.get("drawn"):
        np.savez(request["drawn"], **{name: value.numpy() for name, value in drawn.items()})
    return {"type": type(model).__name__}


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except Exception as problem:  # the test says which module it was
        answer = {"error": f"{type(problem).__name__}: {problem}"}
    print(json.dumps(answer), flush=True)
