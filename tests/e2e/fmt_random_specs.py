"""Formatting random specs, put in disorder, gives well laid out ones that mean the same and stay as they are."""

import pathlib
import random
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).parent / name) for name in ("command_line", "random_specs")]

from program import halcyon, require, scratch
from spec_generator import Spec


def in_disorder(text, seed):
    """The same spec with blanks, line ends and comments between brackets, and with other quotes."""
    choice = random.Random(seed)
    between = ("", " ", "   ", "\n", "  # why\n      ", "\n# alone\n  ", "\n\n ")

    def after_comma(match):
        return "," + (choice.choice(between) if choice.random() < 0.3 else match[1])

    lines = []
    for line in text.splitlines():
        head = line[:len(line) - len(line.lstrip())]
        line = line[len(head):]
        if "(" in line and not line.startswith("def"):
            first = line.index("(") + 1
            line = line[:first] + re.sub(r",( *)", after_comma, line[first:])
        if choice.random() < 0.3:
            line = line.replace('"', "'").replace(" = ", "=", 1)
        if choice.random() < 0.1:
            line += "  #" + choice.choice(("", " ")) + "said"
        lines += [""] * choice.choice((0, 0, 0, 1, 4)) + [head + line]
    return "\n".join(lines) + "\n"


folder = scratch()
paths = []
for seed in range(1, 41):
    path = folder / f"spec{seed}.hcn"
    path.write_text(in_disorder(Spec(seed, 1 + seed % 7, 14).text, seed))
    paths.append(path)
compared = paths[::4]
graphs = [halcyon("compile", path, "--emit", "graph")[0] for path in compared]
comments = [path.read_text().count("#") for path in paths]
halcyon("fmt", *paths)
halcyon("fmt", "--check", *paths)
for path, graph in zip(compared, graphs):
    require(halcyon("compile", path, "--emit", "graph")[0] == graph, f"{path}: another graph")
for path, count in zip(paths, comments):
    require(path.read_text().count("#") == count, f"{path}: {count} comments before")
    longest = max(map(len, path.read_text().splitlines()))
    require(longest <= 120, f"{path}: a line of {longest} columns")
print(f"{len(paths)} specs, {sum(comments)} comments")
