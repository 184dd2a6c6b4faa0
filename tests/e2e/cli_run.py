"""`run` reads pictures and arrays, single and in batches, and writes what Keras computed."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
spec = DIGITS / "digits.hcn"

for picture in sorted((DIGITS / "scans").glob("*.png"))[:3]:
    out, _ = halcyon("run", spec, "--input", picture)
    lines = out.splitlines()
    require(lines[0] == "scores: top 5 of 10" and len(lines) == 6, out)
    label = picture.stem.split("-is-")[1]
    require(lines[1].split()[0] == label, f"{picture.name} is read as {lines[1]}")

images = np.load(DIGITS / "held_out/images.npy")
expected = np.load(DIGITS / "held_out/probabilities.npy")
images = images.reshape(len(images), 8, 8, 1)
np.save(folder / "batch.npy", images[:20])
halcyon("run", spec, "--input", f"image={folder}/batch.npy", "--output", f"scores={folder}/scores.npy")
scores = np.load(folder / "scores.npy")
require(scores.shape == (20, 10) and scores.dtype == np.float32, f"{scores.shape} {scores.dtype}")
require(np.abs(scores - expected[:20]).max() < 1e-5, "other probabilities than Keras computed")

np.save(folder / "one.npy", images[:1])
halcyon("run", spec, "--input", folder / "one.npy", "--output", folder / "one_score.npy")
require(np.load(folder / "one_score.npy").shape == (1, 10), "a batch of length 1 gives a batch")
np.save(folder / "item.npy", images[0])
halcyon("run", spec, "--input", folder / "item.npy", "--output", folder / "item_score.npy")
require(np.load(folder / "item_score.npy").shape == (10,), "an item gives an item")

np.save(folder / "wrong_type.npy", images[0].astype("float32"))
_, err = halcyon("run", spec, "--input", folder / "wrong_type.npy", status=1)
require("holds float32, which does not convert to the uint8" in err, err)
np.save(folder / "wrong_shape.npy", images[0, :4])
_, err = halcyon("run", spec, "--input", folder / "wrong_shape.npy", status=1)
require("has shape (4, 8, 1)" in err and "(8, 8, 1)" in err, err)
_, err = halcyon("run", spec, "--input", f"imag={folder}/item.npy", status=1)
require("there is no input 'imag'; the model has image" in err and "did you mean 'image'" in err, err)

# Every layer as a file, also those that a kernel computes with others.
why = SOURCE / "tests/data/why"
for network, doors in ("photo", ["image"]), ("pair", ["pixels", "series"]):
    keras = dict(np.load(why / f"{network}_activations.npz"))
    inputs = []
    for door in doors:
        np.save(folder / f"{door}.npy", keras[door])
        inputs += ["--input", f"{door}={folder / door}.npy"]
    halcyon("run", why / f"{network}.hcn", "--weights", why / f"{network}_weights.npz", *inputs, "--dump-layers", folder / network)
    dumped = {path.stem: np.load(path) for path in (folder / network).iterdir()}
    require(sorted(dumped) == sorted(keras), f"dumped are {sorted(dumped)}")
    for name, value in dumped.items():
        error = np.abs(value - keras[name].astype("float64")).max() / np.abs(keras[name]).max()
        require(value.shape == keras[name].shape and error < 1e-5, f"{name}: {value.shape}, {error}")

odd = folder / "odd.hcn"
odd.write_text("def net(x: float32[4]):\n    twice = Rescaling(2, name=\"a:b\")\n    return Rescaling(3, name=\"..a_b\")(twice(twice(x)))\n")
np.save(folder / "x.npy", np.array([1, -2, 3, np.nan], dtype="float32"))
_, err = halcyon("run", odd, "--input", folder / "x.npy", "--dump-layers", folder / "odd")
names = sorted(path.name for path in (folder / "odd").iterdir())
require(names == ["_.a_b.npy", "a_b.2.npy", "a_b.npy", "x.npy"], f"dumped are {names}")

# A result that is not finite is traced to where numbers went astray.
require("warning[E0509]: the output 'output' is not finite: the input 'x' holds NaN at (3,)" in err, err)
_, err = halcyon("run", spec, "--input", folder / "item.npy")
require("E0509" not in err, err)
