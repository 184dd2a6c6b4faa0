"""However `compile` is killed, no file in the output folder is half written, and the next run is as if nothing had been."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import DIGITS, HALCYON, halcyon, require, scratch

folder = scratch()
command = ["compile", DIGITS / "digits.hcn", "--weights-file", "--shared", "-o"]


def files(name):
    return {path.name: path.read_bytes() for path in (folder / name).iterdir()}


def seconds(name):
    begin = time.monotonic()
    halcyon(*command, folder / name)
    return time.monotonic() - begin


os.environ["HALCYON_CACHE"] = str(folder / "cold")
longest = {"cold": seconds("whole")}
whole = files("whole")
longest["warm"] = seconds("whole")
require(len(whole) == 5 and files("whole") == whole, str(sorted(whole)))

moments = random.Random(3)
killed = 0
for number in range(20):
    cache = "cold" if number % 2 else "warm"
    # The cold one is a cache of killed runs, so that files which they leave there are met again.
    os.environ["HALCYON_CACHE"] = str(folder / ("killed" if cache == "cold" else "cold"))
    run = subprocess.Popen([HALCYON, *map(str, command), str(folder / "out")], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    try:
        run.wait(moments.uniform(0, longest[cache]))
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        killed += 1
    run.wait()
    for name, content in files("out").items() if (folder / "out").exists() else ():
        temporary = name.endswith(".part") or name.startswith(".halcyon-")
        require(temporary or content == whole.get(name), f"{name} is half written")
require(killed > 5, f"only {killed} of 20 runs were killed")

os.environ["HALCYON_CACHE"] = str(folder / "killed")
halcyon(*command, folder / "out")
left = files("out")
require(all(left[name] == whole[name] for name in whole), "a run after killed ones writes other files")
require(not any(name.endswith(".part") for name in left), f"left behind: {sorted(left)}")
