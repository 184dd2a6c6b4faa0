"""`from preprocessing import caffe, torch, tf` needs no file, computes what Keras does, and costs no pass of its own."""

import pathlib
import re
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

folder = scratch()
data = SOURCE / "tests/data/preprocessing"
spec = folder / "photo.hcn"


def write_spec(mode, *layers):
    """A network that sees a picture of bytes through `mode` and then `layers`, the last one named conv."""
    lines = [f"from preprocessing import {mode}", "", "def photo(image: uint8[7, 9, 3]):", f"    x = {mode}(image)"]
    spec.write_text("\n".join([*lines, *(f"    x = {layer}(x)" for layer in layers), '    return {"y": x}\n']))


def difference(expected):
    """From an array, in parts of its largest magnitude."""
    files = ["--weights", data / "conv.safetensors", "--input", data / "image.npy", "--output", folder / "y.npy"]
    halcyon("run", spec, *files)
    return np.abs(np.load(folder / "y.npy") - expected).max() / np.abs(expected).max()


# Zeros pad what the convolution sees, so not the picture but the preprocessed one: a mean folded into the bias would be
# wrong at every edge.
same = 'Conv2D(4, 3, padding="same", name="conv")'
padded = ["ZeroPadding2D(1)", 'Conv2D(4, 3, name="conv")']
for mode in ["caffe", "torch", "tf"]:
    expected = np.load(data / f"{mode}.npy")
    for layers in [[same], padded]:
        write_spec(mode, *layers)
        require(difference(expected) < 1e-6, f"{mode}, {layers}: {difference(expected):.1e} off what Keras computed")
        program, _ = halcyon("compile", spec, "--initialize", 1, "--emit", "program")
        calls = re.findall(r"^call (.*)", program, re.MULTILINE)
        require(len(calls) == 1 and "conv" in calls[0], f"{mode}, {layers}: not one kernel:\n{program}")

# A file beside the spec wins.
write_spec("tf", same)
(folder / "preprocessing.hcn").write_text("def tf(image):\n    return Rescaling(1 / 127.5)(image) - 1\n")
require(difference(np.load(data / "tf.npy")) < 1e-6, "a file of one's own computes something else")
(folder / "preprocessing.hcn").write_text("def caffe(image):\n    return image\n")
_, errors = halcyon("show", spec, status=1)
require("preprocessing.hcn' does not define 'tf'" in errors, f"not the file beside the spec:\n{errors}")

# What examples/models/README.md shows: a model that is imported is a layer, and its first kernel reads the bytes.
(folder / "preprocessing.hcn").unlink()
(folder / "resnet50.hcn").write_bytes((SOURCE / "examples/models/resnet50.hcn").read_bytes())
readme = (SOURCE / "examples/models/README.md").read_text()
(shown,) = re.findall(r"^    from preprocessing.*\n(?:    .*\n|\n(?=    ))+", readme, re.MULTILINE)
spec.write_text(re.sub("^    ", "", shown, flags=re.MULTILINE))
program, _ = halcyon("compile", spec, "--initialize", 1, "--emit", "program")
reads_bytes = re.search(r"^kernel 0 conv1_conv\..*\n    conv2d uint8 1x224x224x3 ", program, re.MULTILINE)
require(reads_bytes, f"the first convolution does not read bytes:\n{program}")
