"""keras.applications' own files are specs after as many edited lines as docs/language.md says, with Keras's parameters.

Needs a Python with Keras 3: this one, or the one that KERAS_PYTHON names; without either the test is skipped. Only Keras's files
are read; Keras is not run.
"""

import difflib
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

SKIPPED = 77


def keras_folder():
    """Where Keras lies, or None."""
    if python := os.environ.get("KERAS_PYTHON"):
        code = "import importlib.util; print(importlib.util.find_spec('keras').origin)"
        origin = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    else:
        found = importlib.util.find_spec("keras")
        origin = found.origin if found else None
    return pathlib.Path(origin).parent if origin else None


def without_class(text, name):
    """The text without the class of that name."""
    return re.sub(rf"^class {name}\(.*\n(?:[ \t]+.*\n|\)?:?\n)*", "", text, count=1, flags=re.MULTILINE)


# By file: the network, the arguments of its call, its parameters in Keras.
NETWORKS = {
    "vgg16": ("VGG16", "", 138357544),
    "vgg19": ("VGG19", "", 143667240),
    "resnet": ("ResNet50", "", 25636712),
    "resnet_v2": ("ResNet50V2", "", 25613800),
    "inception_v3": ("InceptionV3", "", 23851784),
    "inception_resnet_v2": ("InceptionResNetV2", "", 55873736),
    "xception": ("Xception", "", 22910480),
    "mobilenet": ("MobileNet", "", 4253864),
    "mobilenet_v2": ("MobileNetV2", "", 3538984),
    "mobilenet_v3": ("MobileNetV3Small", "input_shape=(224, 224, 3), ", 2554968),
    "densenet": ("DenseNet121", "", 8062504),
    "nasnet": ("NASNetMobile", "", 5326716),
    "efficientnet": ("EfficientNetB0", "", 5330571),
    "efficientnet_v2": ("EfficientNetV2B0", "", 7200312),
    "convnext": ("ConvNeXtTiny", "", 28589128),
}


def edited(file, text):
    """The text as a user would leave it, without the line that builds the network."""
    if file == "resnet_v2":
        return text.replace("from keras.src.applications import resnet\n", "import resnet\n")
    if file == "inception_resnet_v2":
        use = "CustomScaleLayer(scale)([x, up])"
        return without_class(text, "CustomScaleLayer").replace(use, "x + up * scale")
    if file == "convnext":
        return without_class(without_class(text, "StochasticDepth"), "LayerScale")
    return text


keras = keras_folder()
if keras is None:
    print("skipped: no Keras here; KERAS_PYTHON may name a Python that has it")
    sys.exit(SKIPPED)

page = (SOURCE / "docs/language.md").read_text()
folder = scratch()
for file, (network, arguments, parameters) in NETWORKS.items():
    written = (keras / f"src/applications/{file}.py").read_text()
    spec = folder / f"{file}.hcn"
    spec.write_text(f"{edited(file, written)}\nmodel = {network}({arguments}weights=None)\n")
    table, _ = halcyon("show", spec, "--json")
    counted = json.loads(table)["total"]["parameters"]
    require(counted == parameters, f"{file}: {counted} parameters, {parameters} in Keras")

    # Blank lines count nothing, and a line that is replaced once.
    lines = [[line for line in text.split("\n") if line.strip()] for text in (written, spec.read_text())]
    changes = difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
    count = sum(max(b - a, d - c) for tag, a, b, c, d in changes if tag != "equal")
    (row,) = [line for line in page.split("\n") if line.startswith("|") and f"`{file}`" in line]
    require(row.split("|")[2].strip() == str(count), f"{file}: {count} lines are edited, {row.split('|')[2]} on the page")
