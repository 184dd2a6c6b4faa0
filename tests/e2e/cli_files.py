"""Files that cannot be read or written are one error each, and nothing half-written stays behind."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, halcyon, require, scratch

folder = scratch()
spec = DIGITS / "digits.hcn"

_, err = halcyon("show", DIGITS / "digit.hcn", status=1)
require("error[E0501]: cannot read" in err and "did you mean" in err and "digits.hcn" in err, err)
_, err = halcyon("show", DIGITS, status=1)
require("Is a directory" in err, err)
_, err = halcyon("compile", spec, "--weights", folder / "none.safetensors", status=1)
require("error[E0501]" in err and "No such file or directory" in err, err)

cut = folder / "cut.safetensors"
cut.write_bytes((DIGITS / "digits.safetensors").read_bytes()[:1000])
_, err = halcyon("compile", spec, "--weights", cut, "-o", folder / "out", status=1)
require(err.count("error[") == 1 and "error[E0403]" in err, err)
require(not (folder / "out").exists(), "a failed compilation made its folder")

(folder / "file").write_text("not a folder")
_, err = halcyon("compile", spec, "-o", folder / "file", status=1)
require(err.count("error[") == 1 and "error[E0502]" in err, err)

blocked = folder / "blocked"
(blocked / "libdigits.a").mkdir(parents=True)
_, err = halcyon("compile", spec, "-o", blocked, status=1)
require("error[E0502]" in err, err)
require(sorted(p.name for p in blocked.iterdir()) == ["libdigits.a"], "files of a failed compilation stay behind")

lone = folder / "lone.hcn"
lone.write_text("def lone(x: float32[4]):\n    return Dense(2)(x)\n")
_, err = halcyon("compile", lone, status=1)
require("error[E0401]: no weights" in err and "--initialize SEED" in err, err)
