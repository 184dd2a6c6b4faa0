"""`check` agrees with the reference, and names the layer and the cause where activations were computed otherwise."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()
out, _ = halcyon("check", DIGITS / "digits.hcn")
require("agrees with the double-precision reference" in out and "digits.hcn:" in out, out)
_, err = halcyon("check", DIGITS / "digits.hcn", "--max-error", "0", status=1)
require("error[E0505]" in err and "digits.hcn:" in err, err)


def spec(name, padding):
    path = folder / f"{name}.hcn"
    path.write_text(f"def net(image: float32[8, 8, 3]):\n"
                    f"    x = Conv2D(4, 1, name=\"mix\")(image)\n"
                    f"    x = Conv2D(4, 3, strides=2, padding={padding}, name=\"halve\")(x)\n"
                    f"    return Conv2D(4, 1, name=\"last\")(x)\n")
    return path


def activations(path, image):
    np.save(folder / "image.npy", image)
    halcyon("run", path, "--initialize", 1, "--input", folder / "image.npy", "--dump-layers", folder / "dump")
    np.savez(folder / "expected.npz", **{file.stem: np.load(file)[None] for file in (folder / "dump").iterdir()})


def check(path, image, status):
    np.save(folder / "image.npy", image)
    return halcyon("check", path, "--initialize", 1, "--input", folder / "image.npy", "--expect", folder / "expected.npz", status=status)


same = spec("same", "\"same\"")
image = np.random.default_rng(2).random((8, 8, 3), dtype=np.float32)
activations(same, image)
out, _ = check(same, image, 0)
require("agrees with" in out and "in all 4 layers" in out, out)

_, err = check(same, image[..., ::-1].copy(), 1)
require("is 'image'" in err and "likely cause: the input's channels should be in the opposite order" in err, err)
_, err = check(same, image * 255, 1)
require("likely cause: the input should be divided by 255" in err, err)

activations(spec("padded", 1), image)
_, err = check(same, image, 1)
require("is 'halve'" in err and "padding=1 (symmetric" in err and "same.hcn:3:" in err, err)

# Activations that Keras computed: one or two inputs and outputs, pixels as bytes, a batch.
why = SOURCE / "tests/data/why"


def expect(network, status, spec=None, expected=None):
    return halcyon("check", spec or why / f"{network}.hcn", "--weights", why / f"{network}_weights.npz",
                   "--expect", expected or why / f"{network}_activations.npz", status=status)


for network, layers in ("photo", 16), ("pair", 11):
    out, _ = expect(network, 0)
    require(f"in all {layers} layers" in out, out)

other = folder / "photo.hcn"
other.write_text((why / "photo.hcn").read_text().replace("name=\"stem_bn\"", "epsilon=1e-5, name=\"stem_bn\"")
                 .replace("name=\"depth_bn\"", "epsilon=1e-5, name=\"depth_bn\""))
out, err = expect("photo", 1, spec=other)
require("photo.hcn:7:" in err and f"the first layer that differs from '{why}/photo_activations.npz' is 'stem_bn', by" in err, err)
require("hint: likely cause: epsilon=0.001, not 1e-05; with that it agrees to" in err, err)
require("'depth_bn' differs by itself, too, by" in err and "'leaky' differs" not in err and "by itself" in out, err + out)

arrays = dict(np.load(why / "pair_activations.npz"))
del arrays["series"]
np.savez(folder / "no_input.npz", **arrays)
_, err = expect("pair", 1, expected=folder / "no_input.npz")
require("has no array 'series' for the model's input" in err and "--input" in err, err)
np.savez(folder / "strange.npz", pixels=arrays["pixels"], series=np.zeros((2, 12, 4)), other=np.zeros(3))
_, err = expect("pair", 0, expected=folder / "strange.npz")
require("has an array that is no layer's: 'other'" in err, err)

# Where numbers go astray.
ratio = folder / "ratio.hcn"
ratio.write_text("def net(x: float32[4]):\n    y = ReLU(name=\"cut\")(x)\n    y = Divide(name=\"ratio\")([y, y])\n"
                 "    return ReLU(name=\"after\")(y)\n")
np.save(folder / "ratio.npy", np.array([1, 2, -1, 3], dtype="float32"))
_, err = halcyon("check", ratio, "--input", folder / "ratio.npy", status=1)
require("ratio.hcn:3:9: error[E0509]: 'ratio' gives NaN at (2,) from finite inputs between 0 and 3" in err, err)
weights = dict(np.load(why / "photo_weights.npz"))
weights["mix/kernel"][0, 0, 2, 5] = np.inf
np.savez(folder / "infinite.npz", **weights)
_, err = halcyon("check", why / "photo.hcn", "--weights", folder / "infinite.npz", status=1)
require("warning[E0405]" in err and "error[E0509]: 'mix' gives" in err and "its weight mix/kernel holds infinity at (0, 0, 2, 5)" in err, err)
