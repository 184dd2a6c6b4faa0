"""Every network of examples/models gives the same logits in ONNX Runtime, two images at a time."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))

import onnx_models as models
from program import SOURCE, require, scratch

folder = scratch()
specs = [path for path in sorted((SOURCE / "examples/models").glob("*.hcn")) if not path.stem.endswith("_blocks")]
require(len(specs) >= 10, f"only {len(specs)} networks")
for spec in specs:
    models.compare_network(folder, spec, "", 2)
