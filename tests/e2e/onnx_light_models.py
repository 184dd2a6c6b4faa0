"""Three of ONNX's light models give ONNX Runtime's numbers."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import light_models
from program import scratch

folder = scratch()
for name in ("light_squeezenet", "light_shufflenet", "light_bvlc_alexnet"):
    light_models.compare(name, folder, 1e-4)
