"""Libraries for WebAssembly, run by Node, compute what this machine's compute: one of every kind of kernel, and random specs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "other_machines"))

from compare import main
from machines import WebAssembly

sys.exit(main(WebAssembly(), [("examples/digits/digits.hcn",), ("tests/e2e/library/families.hcn", "--initialize", 1),
    ("tests/e2e/library/half.hcn", "--initialize", 1)], 8))
