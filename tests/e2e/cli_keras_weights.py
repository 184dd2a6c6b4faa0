"""Keras files serve as --weights like any other: the same numbers, the same lists of what does not fit."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
files = SOURCE / "tests/data/keras_files"
spec = files / "net.hcn:net"
np.save(folder / "image.npy", np.random.default_rng(1).random((6, 6, 2), dtype="float32"))


def result(weights):
    halcyon("run", spec, "--weights", files / weights, "--input", folder / "image.npy", "--output", folder / "y.npy")
    return np.load(folder / "y.npy")


expected = result("net.npz")
for weights in ("net.keras", "net_keras2.h5", "net.weights.h5"):
    require(np.array_equal(result(weights), expected), weights)

shown = json.loads(halcyon("show", spec, "--json", "--weights", files / "net_bfloat16.keras")[0])["weights"]
require(len(shown) == 20 and all(row["state"] == "" for row in shown), str(shown))
arrays = np.load(files / "net.npz")
for row in json.loads(halcyon("show", spec, "--json", "--weights", files / "net.keras")[0])["weights"]:
    array = arrays[row["name"]].astype("float64")
    require(row["shape"] == list(array.shape) and row["type"] == str(arrays[row["name"]].dtype), str(row))
    require([row["min"], row["max"]] == [array.min(), array.max()] and abs(row["mean"] - array.mean()) < 1e-12, str(row))

# Another network's weights: all that does not fit is shown, and refused where it is needed.
out, _ = halcyon("show", spec, "--weights", DIGITS / "digits.safetensors")
require("missing" in out and "left over" in out, out)
_, err = halcyon("run", spec, "--weights", DIGITS / "digits.safetensors", "--input", folder / "image.npy", status=1)
require("error[E0402]" in err, err)
_, err = halcyon("run", spec, "--weights", files / "refused_soft_link.h5", "--input", folder / "image.npy", status=1)
require("error[E0406]" in err and "not followed" in err, err)
