"""ONNX's own tests of single operators, all of them, through halcyon import and halcyon run."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import backend_nodes
from program import require, scratch

folder = scratch()
chosen = backend_nodes.cases()
require(len(chosen) > 500, f"only {len(chosen)} tests")
backend_nodes.run(chosen, folder)
