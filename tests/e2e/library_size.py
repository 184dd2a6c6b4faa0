"""What libraries weigh: packed weights within 2 % of the spec's with --optimize size and within twice with speed, code within
0.5 MB, and both compute the same function."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
most = {"size": 1.02, "speed": 2.0}


def float32_bytes(spec):
    return json.loads(halcyon("show", spec, "--json")[0])["total"]["parameters"] * 4


def check_weights(spec, goal, packed):
    plain = float32_bytes(spec)
    require(packed <= most[goal] * plain, f"{spec.stem} for {goal}: {packed} bytes of weights, {packed / plain:.3f} x {plain}")


# Every network, as planned for two machines.
for spec in sorted((SOURCE / "examples/models").glob("*.hcn")):
    if spec.stem.endswith("_blocks"):
        continue
    for target in ["x86-64-v4", "x86-64-v3"]:
        for goal in most:
            program, _ = halcyon("compile", spec, "--target", target, "--optimize", goal, "--emit", "program")
            check_weights(spec, goal, int(re.search(r"constants (\d+) bytes$", program)[1]))

# Small ones, as built: 3x3 convolutions for Winograd, and dense layers whose units fill no vector.
spec = folder / "small.hcn"
spec.write_text("""
def small(image: float32[20, 20, 3]):
    x = Conv2D(16, 3, padding="same", activation="relu")(image)
    for _ in range(3):
        x = ReLU()(Conv2D(32, 3, padding="same")(x))
    x = DepthwiseConv2D(3, padding="same")(x)
    x = Conv2D(48, 1, activation="relu")(x)
    return {"scores": Dense(21, activation="softmax")(GlobalAveragePooling2D()(x))}
""")
for spec, weights in [(DIGITS / "digits.hcn", []), (SOURCE / "examples/models/lenet5.hcn", ["--initialize", 1]),
                      (spec, ["--initialize", 1])]:
    for goal in most:
        halcyon("compile", spec, *weights, "--optimize", goal, "-o", folder / goal)
        size = json.loads((folder / goal / f"{spec.stem}.json").read_text())["bytes"]
        check_weights(spec, goal, size["weights"])
        require(size["object"] - size["weights"] < 500_000, f"{spec.stem} for {goal}: {size}")
        halcyon("check", spec, *weights, "--optimize", goal)
small = {goal: json.loads((folder / goal / "small.json").read_text())["bytes"]["weights"] for goal in most}
require(small["size"] < small["speed"], f"speed asks for no more than size: {small}")

# A limit of one's own: none of Winograd's transforms, or all that pay.
for growth, goal in [("1.02", "size"), ("4", "speed")]:
    halcyon("compile", spec, "--initialize", 1, "--weights-growth", growth, "-o", folder / growth)
    packed = json.loads((folder / growth / "small.json").read_text())["bytes"]["weights"]
    require(packed <= float(growth) * float32_bytes(spec), f"{packed} bytes with --weights-growth {growth}")
    require(packed == small[goal] if goal == "size" else packed > small[goal], f"{packed} with {growth}, but {small}")
