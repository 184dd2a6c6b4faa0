"""`check` agrees with the reference, and names the layer and the cause where activations were computed otherwise."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from program import DIGITS, halcyon, require, scratch

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
require("agrees with" in out and "in all 3 layers" in out, out)

_, err = check(same, image[..., ::-1].copy(), 1)
require("is 'mix'" in err and "it agrees if the input's channels are in the opposite order" in err, err)
_, err = check(same, image * 255, 1)
require("it agrees if the input was divided by 255" in err, err)

activations(spec("padded", 1), image)
_, err = check(same, image, 1)
require("is 'halve'" in err and "the padding is symmetric" in err and "same.hcn:3:" in err, err)
