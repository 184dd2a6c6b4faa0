"""Every layer with randomly drawn arguments, alone and in small networks: compiled code agrees with the reference."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

from runner import main

sys.exit(main(count=70, steps=4, extent=14))
