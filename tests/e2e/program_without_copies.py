"""What a program has no kernel for: concatenations of a dense block, and a second kernel for an equal task."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import halcyon, require, scratch

spec = scratch() / "dense.hcn"
spec.write_text("""
def grow(x):
    y = Conv2D(8, 3, padding="same", activation="relu")(x)
    return Concatenate()([x, y])


def dense(image: float32[12, 12, 3]):
    x = Conv2D(8, 3, padding="same")(image)
    for _ in range(3):
        x = grow(x)
    for _ in range(4):
        x = Conv2D(32, 1, activation="relu")(x)
    return {"features": x}
""")
text, _ = halcyon("compile", spec, "--initialize", 1, "--emit", "program")
kernels = re.findall(r"^kernel \d+ (\S+)\n    (\S+) ", text, re.MULTILINE)
calls = re.findall(r"^call (\S+) \(.*\) -> (\S+)\+(\d+)", text, re.MULTILINE)
require([task for _, task in kernels] == ["conv2d"] * len(kernels), f"kernels that only move numbers:\n{text}")
require(len(calls) == 8, f"not one call for each convolution:\n{text}")

# The first value and the three that grow it lie side by side in one tensor of 32 channels.
offsets = [int(offset) for _, home, offset in calls[:4]]
require({home for _, home, _ in calls[:4]} == {"workspace"} and
        [offset - offsets[0] for offset in offsets] == [0, 8 * 4, 16 * 4, 24 * 4], f"not side by side:\n{text}")

# Layers of one shape differ in their weights alone; where their tensors lie does not matter.
names = [name for name, _, _ in calls[4:]]
require(len(set(names)) == 1, f"equal tasks with several kernels:\n{text}")
