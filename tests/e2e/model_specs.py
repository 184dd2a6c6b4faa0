"""The well-known networks have as many parameters as keras.applications counts, and give a number per class."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import json

from program import SOURCE, halcyon, require

PARAMETERS = {
    "densenet121": 8062504,
    "efficientnet_b0": 5330571,
    "inception_v3": 23851784,
    "lenet5": 61706,
    "mobilenet": 4253864,
    "mobilenet_v2": 3538984,
    "mobilenet_v3_large": 5507432,
    "mobilenet_v3_small": 2554968,
    "resnet50": 25636712,
    "squeezenet": 1235496,
    "vgg16": 138357544,
}

folder = SOURCE / "examples/models"
# Files of blocks hold no model of their own.
specs = {path.stem for path in folder.glob("*.hcn") if not path.stem.endswith("_blocks")}
require(specs == PARAMETERS.keys(), f"specs without a count, or the other way round: {specs ^ PARAMETERS.keys()}")

readme = (folder / "README.md").read_text()
for name, parameters in PARAMETERS.items():
    model = json.loads(halcyon("show", folder / f"{name}.hcn", "--json")[0])
    require(model["total"]["parameters"] == parameters, f"{name}: {model['total']['parameters']} parameters")
    classes = [10 if name == "lenet5" else 1000]
    shapes = [output["shape"] for output in model["outputs"]]
    require(shapes == [classes], f"{name}: outputs {shapes}")
    require(f"| `{name}.hcn` |" in readme and f"| {parameters:,} |" in readme, f"{name}: not so in README.md")
