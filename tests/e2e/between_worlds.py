"""Small networks give the same logits in ONNX Runtime, in PyTorch, and after they came back through ONNX."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))

import worlds
from program import SOURCE, scratch

folder = scratch()
names = ("lenet5", "mobilenet_v3_small")
sys.exit(not all([worlds.compare(SOURCE / f"examples/models/{name}.hcn", folder) for name in names]))
