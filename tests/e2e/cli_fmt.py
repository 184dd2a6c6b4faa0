"""`halcyon fmt` rewrites, checks and filters specs; what it cannot read it leaves alone."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import HALCYON, halcyon, require, scratch

UGLY = "def net( x:float32[4] ):\n  return Dense( 2,use_bias = False )( x )  # two\n"
TIDY = "def net(x: float32[4]):\n    return Dense(2, use_bias=False)(x)  # two\n"

folder = scratch()
ugly, tidy, broken = folder / "ugly.hcn", folder / "tidy.hcn", folder / "broken.hcn"
ugly.write_text(UGLY)
ugly.chmod(0o640)
tidy.write_text(TIDY)
broken.write_text("x = (1\n")
before = tidy.stat()

out, _ = halcyon("fmt", "--check", ugly, tidy, status=1)
require(out == f"{ugly}\n" and ugly.read_text() == UGLY, f"--check wrote or named something else:\n{out}")

out, err = halcyon("fmt", ugly, broken, tidy, status=1)
require(out == f"{ugly}\n" and ugly.read_text() == TIDY, "a file after a broken one is still formatted")
require("broken.hcn:1:5: error[E0104]" in err and broken.read_text() == "x = (1\n", err)
require(ugly.stat().st_mode & 0o777 == 0o640, "the rights of a file have changed")
after = tidy.stat()
require((before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns), "an unchanged file was written")

out, _ = halcyon("fmt", "--check", ugly, tidy)
require(out == "", out)

(folder / "to").mkdir()
target = folder / "to" / "real.hcn"
target.write_text(UGLY)
link = folder / "link.hcn"
link.symlink_to(target)
halcyon("fmt", link)
require(link.is_symlink() and target.read_text() == TIDY, "a link was replaced by a file")
require(sorted(p.name for p in folder.iterdir()) == ["broken.hcn", "link.hcn", "tidy.hcn", "to", "ugly.hcn"],
        "temporary files stay behind")


def piped(text, *words):
    done = subprocess.run([HALCYON, "fmt", *words, "-"], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


require(piped(UGLY) == (0, TIDY, ""), f"standard input: {piped(UGLY)}")
require(piped(UGLY, "--check") == (1, "", ""), f"--check of standard input: {piped(UGLY, '--check')}")
require(piped(TIDY, "--check") == (0, "", ""), f"--check of standard input: {piped(TIDY, '--check')}")
status, out, err = piped("x = (1\n")
require((status, out) == (1, "") and err.startswith("<stdin>:1:5: error[E0104]"), err)

_, err = halcyon("fmt", folder / "none.hcn", status=1)
require("error[E0501]: cannot read" in err, err)
halcyon("fmt", status=2)
