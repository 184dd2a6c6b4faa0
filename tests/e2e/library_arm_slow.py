"""The same as library_arm.py with whole networks and many random specs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "other_machines"))

from compare import main
from machines import Arm

NETWORKS = ("mobilenet_v2", "squeezenet")
sys.exit(main(Arm(), [(f"examples/models/{name}.hcn", "--initialize", 1) for name in NETWORKS], 60, first_seed=100))
