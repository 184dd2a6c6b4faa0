"""Wrong usage is status 2 with one line and a suggestion, wrong input status 1, help goes to standard output."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, halcyon, require

out, err = halcyon("compil", status=2)
require(err == "halcyon: no command 'compil'; did you mean 'compile'?\n`halcyon --help` lists the commands.\n", err)
out, err = halcyon("compile", status=2)
require(out == "" and "SPEC is required" in err, err)
out, err = halcyon("compile", DIGITS / "digits.hcn", "--emit", "grap", status=2)
require("no stage 'grap', did you mean 'graph'?" in err, err)
for wrong in (["--optimize", "speedy"], ["--batch", "1,1"], ["--batch", "1,0"], ["--batch", "8,"], ["--threads", "0"], ["--nonsense"]):
    halcyon("compile", DIGITS / "digits.hcn", *wrong, status=2)
halcyon(status=2)

out, err = halcyon("--help")
require("compile" in out and err == "", err)
out, err = halcyon("compile", "--help")
require("--weights-file" in out and err == "", err)
out, err = halcyon("--version")
require(out.startswith("halcyon "), out)

out, err = halcyon("explain", "E0204")
require(out.startswith("E0204: "), out)
out, err = halcyon("explain", "E9999", status=1)
require("there is no error code 'E9999'" in err, err)
out, err = halcyon("targets")
require("x86-64-v3" in out, out)
out, err = halcyon("show", "layers", "Conv2D")
require(out.startswith("Conv2D(filters, kernel_size, strides=(1, 1)"), out)
out, err = halcyon("show", "layers", "Conv2d_", status=1)
require("did you mean 'Conv2D'" in err, err)
