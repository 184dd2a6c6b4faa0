"""On a terminal a bar shows the kernels in work and is gone at the end; into a file goes no control sequence."""

import os
import pathlib
import pty
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, HALCYON, require, scratch

folder = scratch()


def compile_with(cache, **streams):
    environment = os.environ | {"HALCYON_CACHE": str(folder / cache), "TERM": "xterm"}
    words = [HALCYON, "compile", str(DIGITS / "digits.hcn"), "-o", str(folder / "out")]
    return subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True, **streams)


def on_terminal(cache):
    mine, its = pty.openpty()
    with subprocess.Popen(["cat"], stdin=mine, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        os.close(mine)
        try:
            compile_with(cache, stderr=its)
        finally:
            os.close(its)
        return reader.stdout.read().decode()


plain = compile_with("plain", stderr=subprocess.PIPE).stderr.decode()
require("\x1b" not in plain and "\r" not in plain, repr(plain))
try:
    for end in pty.openpty():
        os.close(end)
except OSError as error:
    print(f"there are no pseudo-terminals here: {error}")
    sys.exit(77)
shown = on_terminal("terminal")
require(re.search(r"\[----.*/\d+ kernels  .*conv2d_1\.", shown), repr(shown))
require(shown.endswith("\r\x1b[K"), repr(shown))
require(on_terminal("terminal") == "", "a bar although all kernels are in the cache")
