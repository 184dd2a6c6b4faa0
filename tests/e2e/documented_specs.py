"""What the pages show is so: specs compile as far as a table, a mistake reads as in README.md, a schedule is taken."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

folder = scratch()


def blocks(page):
    """The indented blocks of a page, without their indentation."""
    text = (SOURCE / page).read_text()
    for block in re.findall(r"(?:^|\n)\n((?:    .*\n|\n(?=    ))+)", text):
        yield "\n".join(line[4:] for line in block.split("\n"))


def is_spec(block):
    return re.search(r"^def \w+\(.*: *\w+\[|^\w+ = keras\.", block, re.MULTILINE)


shown = 0
for page in ["README.md", "docs/language.md"]:
    for block in blocks(page):
        file = re.match(r"# (\w+\.hcn)\n", block)
        if file:
            (folder / file[1]).write_text(block)
        elif is_spec(block):
            spec = folder / f"spec{shown}.hcn"
            spec.write_text(block)
            halcyon("show", spec)
            shown += 1
require(shown >= 6, f"only {shown} specs were found: has the indentation of the pages changed?")

digits = next(filter(is_spec, blocks("README.md"))).split("\n")
(mistake,) = [block for block in blocks("README.md") if ": error[" in block]
number = int(mistake.split(":")[1])
digits[number - 1] = mistake.split("\n")[1]
(folder / "digits.hcn").write_text("\n".join(digits))
_, errors = halcyon("show", "digits.hcn", status=1, folder=folder)
require(errors.strip() == mistake.strip(), f"README.md shows another message than\n{errors}")

(schedule,) = [block for block in blocks("docs/schedules.md") if block.startswith("halcyon-schedules")]
(folder / "digits.hcs").write_text(schedule)
listing, _ = halcyon("show", SOURCE / "examples/digits/digits.hcn", "--target", "x86-64-v4", "--schedules", folder / "digits.hcs")
require("digits.hcs:5" in listing, f"the schedule is not taken:\n{listing}")
