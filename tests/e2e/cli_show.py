"""`show` counts what Keras counts, as a table and as JSON, and knows plan and weights."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import json

from program import DIGITS, SOURCE, halcyon, require

lenet5 = SOURCE / "examples/models/lenet5.hcn"
out, _ = halcyon("show", lenet5)
require("61,706" in out.splitlines()[-1], out)
model = json.loads(halcyon("show", lenet5, "--json")[0])
require(model["model"] == "lenet5" and model["total"]["parameters"] == 61706, str(model["total"]))
require([layer["type"] for layer in model["layers"]].count("Conv2D") == 2, str(model["layers"]))
# 28x28 positions of 5x5 by 6 filters, 10x10 of 5x5x6 by 16, then the dense layers.
require(model["total"]["macs"] == 28 * 28 * 25 * 6 + 10 * 10 * 150 * 16 + 400 * 120 + 120 * 84 + 84 * 10, str(model["total"]))

plan = json.loads(halcyon("show", lenet5, "--json", "--layouts", "--memory", "--schedules", "--target", "x86-64-v3")[0])
require(plan["memory"]["bytes"] >= plan["memory"]["liveness_bound"] > 0, str(plan["memory"]))
require(len(plan["layouts"]["calls"]) > 0 and plan["layouts"]["reorders"] == 0, str(plan["layouts"]))
require(len(plan["schedules"]) > 0 and all(row["source"] for row in plan["schedules"]), str(plan["schedules"]))
for buffer in plan["memory"]["buffers"]:
    require(buffer["offset"] + buffer["bytes"] <= plan["memory"]["bytes"] and buffer["first"] < buffer["last"], str(buffer))

weights = json.loads(halcyon("show", DIGITS / "digits.hcn", "--json", "--weights")[0])["weights"]
require(all(row["state"] == "" and row["type"] == "float32" for row in weights), str(weights))
weights = json.loads(halcyon("show", lenet5, "--json", "--weights", DIGITS / "digits.safetensors")[0])["weights"]
states = " ".join(row["state"] for row in weights)
require("misshapen" in states and "missing" in states and "left over" in states, states)
