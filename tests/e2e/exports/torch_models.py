"""Exports specs to PyTorch and compares what PyTorch computes of them."""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "command_line")]

import numpy as np
from networks import error
from program import SOURCE, halcyon, require

PYTHON = SOURCE / ".venv-torch/bin/python"
if not PYTHON.exists():
    # `./dev test` makes it.
    print("skipped: no .venv-torch, in which tests have PyTorch")
    sys.exit(77)

_server = subprocess.Popen(
    [PYTHON, HERE / "torch_server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)


class Module:
    """An exported file, and what its docstring says of the doors: whether their channels come first."""

    def __init__(self, spec, path, *words):
        halcyon("export", spec, "--to", "pytorch", "-o", path, *words)
        self.path = pathlib.Path(path)
        self.text = self.path.read_text()
        doors = re.findall(r"^(Input|Output) (?:outputs\[\")?([^:\"]+)(?:\"\])?: (.*)$", self.text, re.MULTILINE)
        self.inputs = {name: says for kind, name, says in doors if kind == "Input"}
        self.outputs = {name: says for kind, name, says in doors if kind == "Output"}
        weights = self.path.with_suffix(".safetensors")
        self.weights = weights if "--weights" in words or "--initialize" in words else None
        self.has_weights = "load_weights" in self.text

    def run(self, inputs, drawn=None):
        """`inputs` by name, with a batch axis and the spec's own axes; so are the outputs."""
        require(sorted(inputs) == sorted(self.inputs), f"{self.path}: inputs {list(self.inputs)}, not {list(inputs)}")
        folder = self.path.parent
        moved = {
            name: np.ascontiguousarray(np.moveaxis(array, -1, 1) if self.is_moved(self.inputs[name]) else array)
            for name, array in inputs.items()
        }
        np.savez(folder / "torch_in.npz", **moved)
        answer = _ask(
            module=str(self.path),
            weights=str(self.weights) if self.weights and self.has_weights else None,
            inputs=str(folder / "torch_in.npz"),
            names=list(self.inputs),
            outputs=str(folder / "torch_out.npz"),
            drawn=str(drawn) if drawn else None,
        )
        if "error" in answer:
            return answer["error"]
        with np.load(folder / "torch_out.npz") as arrays:
            outputs = {name.removeprefix("output:"): arrays[name] for name in arrays.files}
        if list(outputs) == [""]:
            outputs = {list(self.outputs)[0]: outputs[""]}
        return {
            name: np.moveaxis(array, 1, -1) if self.is_moved(self.outputs[name]) else array
            for name, array in outputs.items()
        }

    @staticmethod
    def is_moved(says):
        return says.endswith("with channels first.")


def read_safetensors(path):
    """float32 arrays by name."""
    content = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        arrays[name] = np.frombuffer(content[start + begin : start + end], "<f4").reshape(entry["shape"])
    return arrays


def _ask(**request):
    _server.stdin.write(json.dumps(request) + "\n")
    _server.stdin.flush()
    answer = _server.stdout.readline()
    require(answer, "the process with PyTorch has ended")
    return json.loads(answer)


def compare(folder, spec, weights, module, inputs, most):
    """The module against `halcyon run`, on the same weights; returns the largest error."""
    results = module.run(inputs)
    require(isinstance(results, dict), f"{spec}: {results}\n{pathlib.Path(spec).read_text()}\n{module.text}")
    files = []
    for name, array in inputs.items():
        np.save(folder / f"{name}.npy", array)
        files += ["--input", f"{name}={folder / name}.npy"]
    for name in results:
        files += ["--output", f"{name}={folder / name}_out.npy"]
    halcyon("run", spec, *weights, "--exact", *files)
    errors = {name: error(result, np.load(folder / f"{name}_out.npy")) for name, result in results.items()}
    wrong = {name: each for name, each in errors.items() if not isinstance(each, float) or each > most}
    require(not wrong, f"{spec}: {wrong}\n{pathlib.Path(spec).read_text()}\n{module.text}")
    return max(errors.values())
