"""halcyon import: Keras files become specs with their weights beside them; what is refused leaves nothing behind."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
files = SOURCE / "tests/data/keras_files"


def tensors(path):
    """The arrays of a safetensors file, by name."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    types = {"F32": "<f4", "I32": "<i4"}
    found = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        begin, end = entry["data_offsets"]
        found[name] = np.frombuffer(data[8 + size + begin : 8 + size + end], types[entry["dtype"]]).reshape(entry["shape"])
    return found


# Keras 3's own format, and its way of writing the old one.
expected = np.load(files / "net.npz")
for name in ("net.keras", "net.h5"):
    spec = folder / f"{pathlib.Path(name).suffix[1:]}.hcn"
    out, _ = halcyon("import", files / name, "-o", spec)
    require(out == f"wrote {spec}\nwrote {spec.with_suffix('.safetensors')}\n", out)
    weights = tensors(spec.with_suffix(".safetensors"))
    require(sorted(weights) == sorted(expected.files), f"{name}: {sorted(weights)}")
    for key in expected.files:
        require(np.array_equal(weights[key], expected[key]), f"{name}: {key}")
    # It stands as halcyon fmt would have it, and is whole.
    halcyon("fmt", "--check", spec)
    out, _ = halcyon("show", spec, "--weights")
    require("missing" not in out and "left over" not in out, out)

# What Keras 2 itself has saved computes what Keras 2 computed; paths become names, float32's digits what was meant.
keras2 = SOURCE / "tests/data/keras2"
spec = folder / "keras2.hcn"
_, err = halcyon("import", keras2 / "net.h5", "-o", spec)
require(err == "", err)
require('name="block1_left_separable"' in spec.read_text() and "LeakyReLU(0.2)" in spec.read_text(), spec.read_text())
halcyon("run", spec, "--input", keras2 / "net_image.npy", "--output", folder / "keras2.npy")
difference = np.abs(np.load(folder / "keras2.npy") - np.load(keras2 / "net_output.npy")).max()
require(difference < 1e-6, f"Keras 2 computed other numbers: {difference}")

# Without -o both lie beside the file, once.
(folder / "beside.keras").write_bytes((files / "net.keras").read_bytes())
halcyon("import", "beside.keras", folder=folder)
require((folder / "beside.hcn").exists() and (folder / "beside.safetensors").exists(), "no spec beside the file")
_, err = halcyon("import", "beside.keras", status=1, folder=folder)
require("error[E0502]: 'beside.hcn' is already there" in err, err)

# One line per layer, under a name.
halcyon("import", files / "net.keras", "-o", folder / "plain.hcn", "--plain", "--name", "other")
text = (folder / "plain.hcn").read_text()
require("\ndef other(image: float32[6, 6, 2]):\n" in text and "for " not in text, text)

# What is refused leaves no files behind.
for path, code in ((files / "refused_truncated.keras", "E0406"), (files / "net.weights.h5", "E0407"),
                   (DIGITS / "digits.safetensors", "E0406"), (folder / "none.keras", "E0501")):
    _, err = halcyon("import", path, "-o", folder / "refused.hcn", status=1)
    require(f"error[{code}]" in err, f"{path}: {err}")
require(not list(folder.glob("refused*")), "files of what was refused")

halcyon("import", files / "net.keras", "-o", folder / "net.txt", status=2)
halcyon("import", files / "net.keras", "--input-size", "6x", status=2)
_, err = halcyon("import", files / "net.keras", "-o", folder / "sized.hcn", "--input-size", "6x6", status=1)
require("it leaves nothing open" in err, err)
