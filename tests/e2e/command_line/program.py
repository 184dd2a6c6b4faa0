"""What tests of the command line share: running halcyon, and saying what was not as it should be."""

import os
import pathlib
import shutil
import subprocess
import sys

HALCYON = os.environ["HALCYON"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
DIGITS = SOURCE / "examples/digits"


def scratch():
    """An empty folder of this test's own."""
    folder = pathlib.Path(os.environ["BINARY_DIR"]) / pathlib.Path(sys.argv[0]).stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def halcyon(*words, status=0, folder=None):
    """Runs halcyon and returns (standard output, standard error); another exit status than expected ends the test."""
    done = subprocess.run([HALCYON, *map(str, words)], capture_output=True, text=True, cwd=folder)
    if done.returncode != status:
        sys.exit(f"halcyon {' '.join(map(str, words))}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def require(condition, message):
    if not condition:
        sys.exit(message)
