"""Many more of what layers_compiled.py does, with longer networks and larger images."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

from runner import main

sys.exit(main(count=150, steps=7, extent=14) + main(count=40, steps=5, extent=60))
