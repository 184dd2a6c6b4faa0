"""What the quick and the slow test share: a Keras file is imported, compiled and run, and gives what Keras computed."""

import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "command_line"))

from program import halcyon

# In parts of the logits' largest magnitude.
LIMIT = 1e-4


def difference(name, made, folder):
    """Between what halcyon and Keras make of the network NAME.keras in `made`; `folder` takes the spec."""
    spec = folder / f"{name}.hcn"
    halcyon("import", made / f"{name}.keras", "-o", spec)
    halcyon("run", spec, "--input", made / f"{name}_image.npy", "--output", folder / "logits.npy")
    expected = np.load(made / f"{name}_logits.npy")
    found = np.load(folder / "logits.npy")
    if found.shape != expected.shape:
        sys.exit(f"{name}: {found.shape} logits, not {expected.shape}")
    # A NaN is larger than no limit: without care it would pass.
    largest = np.abs(found - expected).max() / np.abs(expected).max()
    return largest if np.isfinite(largest) else np.inf


def compare(name, made, folder):
    """Whether they agree, with a line that says how well."""
    start = time.monotonic()
    found = difference(name, made, folder)
    agree = found <= LIMIT
    verdict = "" if agree else f"  not within {LIMIT:.0e}"
    print(f"{name:20} {found:.1e}  {time.monotonic() - start:4.0f} s{verdict}", flush=True)
    return agree
