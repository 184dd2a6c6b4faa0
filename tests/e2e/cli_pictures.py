"""A picture goes into doors of either channel order, and comes out again; its size must be exact."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
from PIL import Image
from program import halcyon, require, scratch

folder = scratch()
(folder / "same.hcn").write_text(
    "def last(image: uint8[4, 5, 3]):\n    return Activation(\"linear\")(image)\n\n"
    "def first(image: float32[3, 4, 5]):\n    return Activation(\"linear\")(image)\n")
pixels = np.random.default_rng(1).integers(0, 256, (4, 5, 4), dtype=np.uint8)
Image.fromarray(pixels).save(folder / "alpha.png")
Image.fromarray(pixels[..., :3]).resize((6, 5)).save(folder / "large.png")

halcyon("run", f"{folder}/same.hcn:last", "--input", folder / "alpha.png", "--output", folder / "out.png")
require(np.array_equal(np.asarray(Image.open(folder / "out.png")), pixels[..., :3]), "the picture changed")
halcyon("run", f"{folder}/same.hcn:first", "--input", folder / "alpha.png", "--output", folder / "out.npy")
require(np.array_equal(np.load(folder / "out.npy"), pixels[..., :3].transpose(2, 0, 1)), "channels are not first")
_, err = halcyon("run", f"{folder}/same.hcn:last", "--input", folder / "large.png", status=1)
require("is 6 pixels wide and 5 high, but the input 'image' takes 5 by 4" in err, err)
_, err = halcyon("run", folder / "same.hcn", "--input", folder / "alpha.png", status=1)
require("has 2 models: last, first" in err, err)
