"""Libraries for 64-bit ARM, run by QEMU, compute what this machine's compute: one of every kind of kernel, and random specs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "other_machines"))

from compare import main
from machines import Arm

sys.exit(main(Arm(), [("examples/digits/digits.hcn",), ("tests/e2e/library/families.hcn", "--initialize", 1),
    ("tests/e2e/library/half.hcn", "--initialize", 1)], 8))
