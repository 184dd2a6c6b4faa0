"""Every spec of the repository is as `halcyon fmt` writes it."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require

# Wrong on purpose, pasted from elsewhere, or a mess on purpose.
specs = [
    path
    for path in sorted(SOURCE.rglob("*.hcn"))
    if not {"build", ".venv", "errors", "pasted"} & set(path.relative_to(SOURCE).parts) and path.name != "sample.hcn"
]
require(len(specs) > 10, f"only {len(specs)} specs")
halcyon("fmt", "--check", *specs)
print(f"{len(specs)} specs")
