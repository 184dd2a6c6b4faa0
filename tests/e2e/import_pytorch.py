"""Networks that PyTorch's own exporter wrote as ONNX are imported and give PyTorch's numbers."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))

import numpy as np
from networks import error
from program import SOURCE, halcyon, require, scratch

PYTHON = SOURCE / ".venv-torch/bin/python"
if not PYTHON.exists():
    # `./dev test` makes it.
    print("skipped: no .venv-torch, in which tests have PyTorch")
    sys.exit(77)

folder = scratch()
made = subprocess.run(
    [PYTHON, SOURCE / "tests/e2e/exports/torch_networks.py", folder], capture_output=True, text=True, check=True
)
names = made.stdout.split()
require(len(names) >= 11, f"networks: {names}")
wrong = []
for name in names:
    spec = folder / f"{name}.hcn"
    halcyon("import", folder / f"{name}.onnx", "-o", spec)
    halcyon("run", spec, "--input", folder / f"{name}_in.npy", "--output", folder / "result.npy")
    found = error(np.load(folder / "result.npy"), np.load(folder / f"{name}_out.npy"))
    print(f"{name:20} {found}")
    if not isinstance(found, float) or found > 1e-5:
        wrong.append(f"{name}: {found}\n{spec.read_text()}")
require(not wrong, "\n".join(wrong))
