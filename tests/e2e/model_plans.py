"""Every network of examples/models: memory within 5 % of what is alive at once, no call that only moves numbers."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

shown = 0
for spec in sorted((SOURCE / "examples/models").glob("*.hcn")):
    if spec.stem.endswith("_blocks"):
        continue
    plan = json.loads(halcyon("show", spec, "--json", "--layouts", "--memory", "--target", "x86-64-v4")[0])
    memory = plan["memory"]
    require(0 < memory["liveness_bound"] <= memory["bytes"] <= 1.05 * memory["liveness_bound"],
            f"{plan['model']}: {memory['bytes']} bytes where {memory['liveness_bound']} are alive")
    require(plan["layouts"]["reorders"] == 0, f"{plan['model']}: {plan['layouts']}")
    shown += 1
require(shown >= 11, f"only {shown} models")

# As people read it, also where something is moved: a reversal of the channels' order inside of a network.
lenet5, _ = halcyon("show", SOURCE / "examples/models/lenet5.hcn", "--layouts", "--memory")
require("no call only moves numbers\n" in lenet5, lenet5)
require("% above the " in lenet5.splitlines()[-1], lenet5)
spec = scratch() / "turned.hcn"
spec.write_text("""
def turned(image: float32[12, 12, 3]):
    x = Conv2D(8, 3, name="first")(image)
    y = Permute((3, 1, 2), name="turn")(x)
    return {"a": Reshape((80, 10))(y), "b": Conv2D(8, 3)(x)}
""")
text, _ = halcyon("show", spec, "--layouts")
require("2 of 4 calls only move numbers: turn, reshape\n" in text, text)
