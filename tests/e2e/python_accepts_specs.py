"""Every spec of the repository is syntactically Python, so editors and people can read it as such."""

import ast
import os
import pathlib
import sys

root = pathlib.Path(os.environ["SOURCE_DIR"])
# Specs under an errors/ folder are wrong on purpose.
specs = [
    path
    for path in sorted(root.rglob("*.hcn"))
    if not {"build", ".venv", "errors"} & set(path.relative_to(root).parts)
]
failures = 0
for path in specs:
    try:
        ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        failures += 1
        print(f"{path.relative_to(root)}:{error.lineno}:{error.offset}: {error.msg}")
print(f"{len(specs)} specs, {failures} refused by Python")
sys.exit(1 if failures else 0)
