"""Windows of every size over small images, every pair of values together: compiled code agrees with the reference."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

from window_runner import main

sys.exit(main(strength=2))
