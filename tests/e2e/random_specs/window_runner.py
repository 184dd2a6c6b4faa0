"""Compiles the layers of window_cover.py and holds them against the double-precision reference.

    windows_compiled.py [--seed S] [--strength N]

The strength is how many values meet in every combination.
"""

import argparse
import os
import pathlib

from runner import HALCYON, MAX_ERROR, Failure, run, targets_that_run_here
from window_cover import cover, specs

LAYERS_EACH = 24


def main(strength):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strength", type=int, default=strength)
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("BINARY_DIR", ".")) / "windows"
    folder.mkdir(exist_ok=True)
    targets = targets_that_run_here()
    count = failures = 0
    for number, (text, layers) in enumerate(specs(cover(options.seed, options.strength), LAYERS_EACH)):
        path = folder / f"windows{number}.hcn"
        path.write_text(text)
        count += layers
        try:
            run(HALCYON, "check", path, "--initialize", options.seed + number, "--max-error", MAX_ERROR, "--target",
                targets[number % len(targets)], "--threads", (1, 3)[number % 2])
        except Failure as failure:
            failures += 1
            print(f"{failure}\n{text}", flush=True)
    print(f"{count} layers from seed {options.seed} in {number + 1} specs: {failures} failed")
    return 1 if failures or not count else 0
