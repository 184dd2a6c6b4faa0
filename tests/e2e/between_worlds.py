"""Small networks give the same logits in ONNX Runtime, in PyTorch, and after they came back through ONNX; so does every layer
that Keras has no case of, one item or two at a time."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))

import numpy as np
import worlds
from networks import layer_inputs, require_agreement
from program import SOURCE, halcyon, require, scratch

folder = scratch()
names = ("lenet5", "mobilenet_v3_small")
require(all([worlds.compare(SOURCE / f"examples/models/{name}.hcn", folder) for name in names]), "they differ")

layers = SOURCE / "tests/e2e/exports/layers.hcn"
files = []
for name, array in layer_inputs(2).items():
    np.save(folder / f"{name}.npy", array)
    files += ["--input", folder / f"{name}.npy"]
shown = json.loads(halcyon("show", layers, "--initialize", 3, "--json")[0])
count = len(shown["outputs"])
require(count > 100, f"{count} outputs")
own = worlds.outputs_of(layers, ["--initialize", 3], files, range(count), folder / "own")
for batch in (1, 2):
    halcyon("export", layers, "--to", "onnx", "-o", folder / "layers.onnx", "--initialize", 3, "--batch", batch)
    halcyon("import", folder / "layers.onnx", "-o", folder / "back.hcn")
    back = worlds.outputs_of(folder / "back.hcn", [], files, range(count), folder / "again")
    for i, expected in own.items():
        require_agreement(f"output {i} of layers, imported with a batch of {batch}", back[i], expected, 1e-5)
