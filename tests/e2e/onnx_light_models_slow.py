"""All of ONNX's light models give ONNX Runtime's numbers."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import light_models
from program import require, scratch

folder = scratch()
names = light_models.names()
require(len(names) >= 9, f"only {names}")
for name in names:
    light_models.compare(name, folder, 1e-4)
