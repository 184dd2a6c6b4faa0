"""halcyon import: Keras files become specs with weights beside them, which compute what the files' own spec computes."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
files = SOURCE / "tests/data/keras_files"
np.save(folder / "image.npy", np.random.default_rng(1).random((6, 6, 2), dtype="float32"))


def result(spec, *words):
    halcyon("run", spec, *words, "--input", folder / "image.npy", "--output", folder / "y.npy")
    return np.load(folder / "y.npy")


# Keras 3's two formats, and Keras 3's own way of writing the old one.
expected = result(f"{files / 'net.hcn'}:net", "--weights", files / "net.npz")
for name in ("net.keras", "net.h5"):
    spec = folder / f"{pathlib.Path(name).suffix[1:]}.hcn"
    out, _ = halcyon("import", files / name, "-o", spec)
    require(out == f"wrote {spec}\nwrote {spec.with_suffix('.safetensors')}\n", out)
    require(np.array_equal(result(spec), expected), f"{name}: {result(spec)}, not {expected}")
    # It stands as halcyon fmt would have it.
    halcyon("fmt", "--check", spec)

# Without -o both lie beside the file, once.
(folder / "beside.keras").write_bytes((files / "net.keras").read_bytes())
halcyon("import", "beside.keras", folder=folder)
require((folder / "beside.hcn").exists() and (folder / "beside.safetensors").exists(), "no spec beside the file")
_, err = halcyon("import", "beside.keras", status=1, folder=folder)
require("error[E0502]: './beside.hcn' is already there" in err, err)

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
