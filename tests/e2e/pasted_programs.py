"""Programs written for Keras compile as they are, and compute what Keras computes for them."""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

programs = sorted((SOURCE / "tests/data/pasted").glob("*.hcn"))
require(programs, "no programs")
for program in programs:
    result = scratch() / "result.npy"
    _, messages = halcyon("run", program, "--input", program.with_suffix(".input.npy"), "--output", result)
    expected = np.load(program.with_suffix(".output.npy"))
    difference = np.abs(np.load(result) - expected).max() / np.abs(expected).max()
    require(difference < 1e-5, f"{program.name} is {difference:.1e} off what Keras computes")
    require("error" not in messages and messages.count("note") <= 4, f"more than a note a kind:\n{messages}")
