"""`halcyon fmt --names` writes automatic names out, and no layer gets another name by that."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, SOURCE, halcyon, require, scratch

folder = scratch()


def named(text):
    """The spec with names written, the notes, and whether all graphs are as before."""
    path = folder / "net.hcn"
    path.write_text(text)
    before, _ = halcyon("compile", path, "--emit", "graph")
    _, notes = halcyon("fmt", "--names", path)
    after, _ = halcyon("compile", path, "--emit", "graph")
    require(before == after, f"{path}: another graph\n{before}\n{after}")
    halcyon("fmt", "--names", "--check", path)
    return path.read_text(), notes


text, notes = named("""\
def net(x: float32[8, 8, 3]):
    conv = Conv2D(3, 1)
    x = conv(conv(x))
    x = layers.Conv2D(4, 3, activation="relu")(x)
    x = Conv2D(4, 3, name="mine")(ReLU()(x))
    return Flatten()(x)
""")
require(text == """\
def net(x: float32[8, 8, 3]):
    conv = Conv2D(3, 1, name="conv2d")
    x = conv(conv(x))
    x = layers.Conv2D(4, 3, activation="relu", name="conv2d_1")(x)
    x = Conv2D(4, 3, name="mine")(ReLU(name="re_lu")(x))
    return Flatten(name="flatten")(x)
""", text)
require(notes == "", notes)

# What is made in a loop keeps its numbers, and so does what stands before it.
text, notes = named("""\
def net(x: float32[8, 8, 3]):
    x = Conv2D(3, 1)(x)
    for i in range(2):
        x = Conv2D(3, 1)(x) + x
    x = Conv2D(3, 1)(x)
    return Dense(2)(x)
""")
require(text == """\
def net(x: float32[8, 8, 3]):
    x = Conv2D(3, 1)(x)
    for i in range(2):
        x = Conv2D(3, 1)(x) + x
    x = Conv2D(3, 1, name="conv2d_3")(x)
    return Dense(2, name="dense")(x)
""", text)
require("note: 'conv2d' keeps its automatic name: with a name it would no longer count" in notes, notes)
require("note: 'conv2d_1' keeps its automatic name: 2 layers are made here" in notes, notes)
require("note: 'add' keeps its automatic name: an operator takes no name" in notes, notes)

# Two models that share a block number its layers differently; one that is alone names it.
block = """\
def block(x):
    return Dense(3)(x)


"""
alone = block + "def net(x: float32[3]):\n    return block(Dense(3)(x))\n"
text, _ = named(alone)
require("Dense(3, name=\"dense_1\")(x)" in text and "Dense(3, name=\"dense\")(x)" in text, text)
text, notes = named(alone + "\n\ndef other(x: float32[3]):\n    return block(x)\n")
require(text.count("name=") == 0 and "2 layers are made here" in notes, text + notes)

text, _ = named("""\
import keras
from keras import layers

model = keras.Sequential([
    keras.Input(shape=(8, 8, 3)),
    layers.Conv2D(
        4,
        3,  # small
    ),
    layers.Flatten(),
    layers.Dense(2),
])
""")
require('        3,  # small\n        name="conv2d",\n' in text, text)
require('layers.Flatten(name="flatten"),' in text and 'layers.Dense(2, name="dense"),' in text, text)

for path in [DIGITS / "digits.hcn", *sorted((SOURCE / "examples/models").glob("*.hcn"))]:
    if path.stem.endswith("_blocks"):
        continue
    copy = folder / path.name
    copy.write_text(path.read_text())
    for blocks in path.parent.glob("*_blocks.hcn"):
        (folder / blocks.name).write_text(blocks.read_text())
    before, _ = halcyon("compile", copy, "--emit", "graph")
    halcyon("fmt", "--names", copy)
    require(halcyon("compile", copy, "--emit", "graph")[0] == before, f"{path}: another graph")

_, err = halcyon("fmt", "--names", SOURCE / "tests/errors/shape_axis.hcn", status=1)
require("error[E0306]" in err, err)
