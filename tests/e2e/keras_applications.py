"""Small relatives of the networks of keras.applications, as Keras saved them, are imported and give Keras's logits.

keras_applications/make.py made them, each by: make.py NAME 32 tests/data/keras_applications
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "keras_applications"))

from compare import compare
from program import SOURCE, require, scratch

folder = scratch()
made = SOURCE / "tests/data/keras_applications"
names = sorted(path.stem for path in made.glob("*.keras"))
require(len(names) == 4, f"files: {names}")
sys.exit(not all([compare(name, made, folder) for name in names]))
