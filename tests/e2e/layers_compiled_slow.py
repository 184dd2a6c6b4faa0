"""Many more of what layers_compiled.py does, with larger networks."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

from runner import main

sys.exit(main(count=400, steps=7))
