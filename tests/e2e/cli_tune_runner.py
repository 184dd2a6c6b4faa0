"""`tune --runner` measures through a command: on an emulated ARM machine, and through one that fails in every way."""

import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import SOURCE, halcyon, require, scratch

if shutil.which("cc") is None:
    print("skipped: no cc")
    sys.exit(77)

folder = scratch()
spec = folder / "net.hcn"
spec.write_text("""def net(x: float32[6, 6, 8]):
    x = Conv2D(16, 3, padding="same", activation="relu")(x)
    x = Conv2D(8, 1, activation="relu")(x)
    return Conv2D(4, 3)(x)
""")


def tune(records, runner, *words, effort="low", schedules=None, status=0):
    return halcyon("tune", spec, "--initialize", 1, "--records", folder / records, "--effort", effort, "--schedules",
                   folder / (schedules or f"{records}.hcs"), "--runner", runner, *words, status=status)


def trials(records):
    if not (folder / records).exists():
        return []
    return [json.loads(line) for line in halcyon("records", "export", "--records", folder / records)[0].splitlines()]


def runner(name, lines):
    """A shell script that runs the program, and then the lines, which see its answer as $answer and, in $n, how many times
    candidates have been measured; the program without candidates, which only asks for the CPU, passes."""
    path = folder / name
    path.write_text(f"""#!/bin/sh
answer=$("$1") || exit
case "$answer" in *'"timings":[]'*) asks=yes ;; *) asks=no ;; esac
n=$(cat {path}.count 2>/dev/null || echo 0)
[ $asks = yes ] || n=$((n + 1))
echo $n > {path}.count
{lines}
echo "$answer"
""")
    path.chmod(0o755)
    return path


# Each failure costs one candidate, and is recorded as what it is.
fails = runner("fails.sh", """[ $asks = yes ] || case $n in
2) exit 3 ;;
3) sleep 1000 ;;
4) echo 'Permission denied (publickey).'; exit 0 ;;
5) answer=$(echo "$answer" | sed 's/{"seconds":[^}]*}]}$/{"seconds":0,"noise":0,"error":0.5}]}/') ;;
6) kill -KILL $$ ;;
7) answer=$(echo "$answer" | cut -c 1-90) ;;
esac""")
out, err = tune("fails.db", fails, "--trials", 10, "--runner-timeout", "10s")
require("measuring on " in err, err)
found = trials("fails.db")
statuses = sorted(trial["status"] for trial in found)
require(statuses == ["crashed"] * 4 + ["hung"] + ["ok"] * 4 + ["wrong answer"], str(statuses))
schedules = (folder / "fails.db.hcs").read_text()
require(" tasks new" in out and "# tuned: " in schedules and " % of the peak" not in schedules, out + schedules)

# Records carry what the program says of its CPU: neither is ever taken for this machine's.
cpus = {trial["cpu"] for trial in found}
require(len(cpus) == 1, str(cpus))
out, _ = halcyon("tune", spec, "--initialize", 1, "--records", folder / "fails.db", "--trials", 0, "--schedules",
                 folder / "here.hcs")
require(out == f"nothing was tuned; '{folder}/here.hcs' is as it was\n", out)

# A second run through the runner goes on from them.
tune("fails.db", fails, "--trials", 0, schedules="again.hcs")
require((folder / "again.hcs").read_text() == schedules and len(trials("fails.db")) == 10, "records were not used")

# A runner that is gone is no candidate's fault: what was measured stays, and the rest is not recorded as failed.
gone = runner("gone.sh", '[ $n -lt 4 ] || { echo "board: no route to host" >&2; exit 255; }')
out, err = tune("gone.db", gone, status=1)
require(f"error[E0507]: the runner '{gone}' does not run programs any more\n" in err, err)
require("hint: what was measured before is kept; the same command goes on from there" in err, err)
kept = trials("gone.db")
require(kept and {trial["status"] for trial in kept} == {"ok"} and (folder / "gone.db.hcs").exists(), str(kept))

# Neither is one that goes to another machine, or to one that cannot run this code.
other = runner("other.sh", """[ $n -lt 3 ] || answer='{"halcyon-trial":1,"machine":{"architecture":"x86-64","name":"Z80"},"timings":[]}'""")
_, err = tune("other.db", other, status=1)
require("the runner runs on another CPU now: 'x86-64, Z80', '" in err, err)
require({trial["status"] for trial in trials("other.db")} == {"ok"}, "a candidate was blamed for another CPU")
weak = runner("weak.sh", """[ $asks = yes ] || answer=$(echo "$answer" | sed 's/,"timings".*/,"status":4}/')""")
_, err = tune("weak.db", weak, status=1)
require("the CPU behind the runner lacks instructions that the target has" in err and not trials("weak.db"), err)

# The scripts of docs/tuning.md, with tools that only reach a folder of this machine.
board, tools = folder / "board", folder / "tools"
for place in (board, tools):
    place.mkdir()
for name, lines in {"scp": f'cp "$2" {board}/"${{3##*/}}"', "ssh": 'sh -c "$2"',
                    "adb": f'case $1 in push) cp "$2" {board}/"${{3##*/}}"; echo pushed ;; shell) sh -c "$2" ;; esac'}.items():
    (tools / name).write_text(f"#!/bin/sh\n{lines}\n")
    (tools / name).chmod(0o755)
os.environ["PATH"] = f"{tools}:{os.environ['PATH']}"
scripts = re.findall(r"^    #!/bin/sh\n(?:    .*\n)+", (SOURCE / "docs/tuning.md").read_text(), re.MULTILINE)
scripts = [script for script in scripts if '"$1"' in script]
require(len(scripts) == 2, str(scripts))
for number, script in enumerate(scripts):
    path = folder / f"script_{number}.sh"
    path.write_text(re.sub(r"(/data/local)?/tmp/", f"{board}/", re.sub(r"^    ", "", script, flags=re.MULTILINE)))
    path.chmod(0o755)
    tune(f"script_{number}.db", path, "--trials", 1)
    require([trial["status"] for trial in trials(f"script_{number}.db")] == ["ok"], path.read_text())

# What is missing is said before anything is measured.
_, err = tune("none.db", "env", "--cc", "nonesuch-gcc", status=1)
require("error[E0507]: cannot measure for '" in err and "the C compiler 'nonesuch-gcc' does not work: exit status 127" in err, err)
_, err = tune("none.db", "./nonesuch-board.sh", status=1)
require("the runner './nonesuch-board.sh' does not run programs: exit status 127" in err, err)
_, err = halcyon("tune", spec, "--initialize", 1, "--target", "wasm-32", "--runner", "node", status=1)
require("cannot measure for 'wasm-32': WebAssembly has no programs that a command could run" in err, err)
_, err = halcyon("tune", spec, "--initialize", 1, "--target", "arm-64-linux", "--records", folder / "none.db", status=1)
require("hint: --runner names a command that runs programs where it does" in err, err)
halcyon("tune", spec, "--runner", "env", "--runner-timeout", "soon", status=2)
require(not trials("none.db"), "something was recorded")

# Another machine: code for 64-bit ARM, two threads, the whole network at the end.
if shutil.which("aarch64-linux-gnu-gcc") is None or shutil.which("qemu-aarch64") is None:
    print("64-bit ARM is left out: no aarch64-linux-gnu-gcc or qemu-aarch64")
    sys.exit(0)
out, err = tune("arm.db", "qemu-aarch64 -cpu cortex-a72", "--target", "arm-64-linux", "--trials", 6, "--threads", 2,
                effort="medium")
require("measuring on cortex-a72, implementer 0x41, part 0xd08\n" in err, err)
require("\nthe whole network: " in out, out)
found = trials("arm.db")
require({(trial["target"], trial["cpu"], trial["status"]) for trial in found}
        == {("arm-64-linux", "cortex-a72, implementer 0x41, part 0xd08", "ok")} and len(found) == 6, str(found))
schedules = folder / "arm.db.hcs"
require(schedules.read_text().startswith("halcyon-schedules 1\ntarget arm-64-linux tuned-on cortex-a72\n"), schedules.read_text())
halcyon("compile", spec, "--initialize", 1, "--schedules", schedules, "--target", "arm-64-linux", "--threads", 2, "-o",
        folder / "arm")
tune("arm.db", "qemu-aarch64", "--target", "arm-64-linux", "--trials", 0, schedules="max.hcs")
require(not (folder / "max.hcs").exists(), "records of one CPU were used for another")
