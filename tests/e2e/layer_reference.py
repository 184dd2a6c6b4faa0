"""The page docs/layers.md is what the table of layers says."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require

page, _ = halcyon("show", "layers", "--markdown")
require((SOURCE / "docs/layers.md").read_text() == page, "docs/layers.md is old: halcyon show layers --markdown > docs/layers.md")
