"""Every network of examples/models, and those that Keras saved for tests, give the same logits in ONNX Runtime, in
PyTorch, and after they came back through ONNX."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))

import worlds
from program import SOURCE, halcyon, require, scratch

folder = scratch()
specs = [path for path in sorted((SOURCE / "examples/models").glob("*.hcn")) if not path.stem.endswith("_blocks")]
require(len(specs) >= 11, f"only {len(specs)} networks")
for file in sorted((SOURCE / "tests/data/keras_applications").glob("*.keras")):
    (folder / "imported").mkdir(exist_ok=True)
    specs.append(folder / "imported" / f"{file.stem}.hcn")
    halcyon("import", file, "-o", specs[-1])
require(len(specs) >= 15, f"only {len(specs)} networks")
sys.exit(not all([worlds.compare(spec, folder) for spec in specs]))
