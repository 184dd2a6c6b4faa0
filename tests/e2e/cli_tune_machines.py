"""Tuning divided among machines, by `--shard` or by MPI, ends with what one machine finds. Times come from a runner that makes
them up from each program's bytes, so that all find the same."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import HALCYON, halcyon, require, scratch

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
runner = folder / "runner.py"
runner.write_text(f"""#!{sys.executable}
import json, os, subprocess, sys, zlib
answer = json.loads(subprocess.run([sys.argv[1]], capture_output=True, check=True).stdout)
timings = answer["timings"]
for timing in timings:
    timing.update(seconds=1e-3, noise=0)
if timings:
    timings[-1]["seconds"] = 1e-3 * (0.5 + zlib.crc32(open(sys.argv[1], "rb").read()) % 1000 / 1000)
if os.environ.get("OMPI_COMM_WORLD_RANK", "0") == os.environ.get("BROKEN_RANK"):
    count = len(list(os.scandir(os.environ["BROKEN_TRIALS"])))
    open(os.path.join(os.environ["BROKEN_TRIALS"], str(count)), "w")
    if count >= 3:
        sys.exit("board: no route to host")
if os.environ.get("OMPI_COMM_WORLD_RANK", "0") == os.environ.get("OTHER_RANK"):
    answer["machine"]["name"] = "Z80"
print(json.dumps(answer, separators=(",", ":")))
""")
runner.chmod(0o755)


def words(name, *more, schedules=None):
    """Of a command that keeps records and schedules under this name."""
    return [*map(str, ["tune", spec, "--initialize", 1, "--effort", "low", "--runner", runner, "--records", folder / f"{name}.db",
                       "--schedules", folder / f"{schedules or name}.hcs", *more])]


def findings(name):
    lines = halcyon("records", "export", "--records", folder / f"{name}.db")[0].splitlines()
    return sorted((line["task"], line["candidate"], line["status"], line["nanoseconds"]) for line in map(json.loads, lines))


def schedules(name):
    return (folder / f"{name}.hcs").read_text()


halcyon(*words("one"))
tasks = sorted({task for task, *_ in findings("one")})
require(len(tasks) == 3 and "tuned: " in schedules("one"), str(tasks))

# Shards have nothing in common, and all of them together have found what one machine finds.
found = []
for number in (1, 2):
    out, _ = halcyon(*words(f"shard_{number}", "--shard", f"{number}/2", schedules="shards"))
    own = findings(f"shard_{number}")
    count = {1: 2, 2: 1}[number]
    require(len({task for task, *_ in own}) == count, str(own))
    require(out == f"shard {number}/2: {count} of 3 tasks; their trials are in '{folder}/shard_{number}.db'\n", out)
    found += own
require(sorted(found) == findings("one"), str(found))
require(not (folder / "shards.hcs").exists(), "a shard wrote schedules")
halcyon("records", "merge", *(folder / f"shard_{number}.db" for number in (1, 2)), "--records", folder / "merged.db")
require(findings("merged") == findings("one"), "trials were lost by merging")
halcyon(*words("merged", "--trials", 0))
require(schedules("merged") == schedules("one"), schedules("merged") + schedules("one"))
for wrong in ("0/3", "4/3", "1", "1/", "/3", "a/b", "1/3/5"):
    halcyon(*words("wrong", "--shard", wrong), status=2)

# Without the module several copies would all do the same: they say so.
bare = folder / "bare"
bare.mkdir()
os.link(HALCYON, bare / "halcyon") if os.stat(HALCYON).st_dev == os.stat(bare).st_dev else shutil.copy(HALCYON, bare)
done = subprocess.run([bare / "halcyon", *words("wrong")], capture_output=True, text=True,
                      env=os.environ | {"OMPI_COMM_WORLD_SIZE": "2"})
require(done.returncode == 2 and "`--shard I/N` divides the work without.\n" in done.stderr, str(done))
require(not (folder / "wrong.db").exists(), "something was measured all the same")
halcyon(*words("part", "--shard", "1/3", "--trials", 1))

if shutil.which("mpirun") is None or not (pathlib.Path(HALCYON).parent / "lib/halcyon_mpi.so").exists():
    print("MPI is left out: no mpirun, or Halcyon was built without")
    sys.exit(0)


def mpirun(command, **variables):
    environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} | variables
    done = subprocess.run(["mpirun", "-np", "3", "--oversubscribe", "--bind-to", "none", *command], capture_output=True,
                          text=True, env=environment)
    require(done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


# Three ranks end with the records and the schedules of one machine; only the first speaks.
out, err = mpirun([HALCYON, *words("ranks")])
require(findings("ranks") == findings("one"), str(findings("ranks")))
require(schedules("ranks") == schedules("one"), schedules("ranks") + schedules("one"))
require(out.count(" tasks new, ") == 1 and err.count("measuring on ") == 1, out + err)

# A limit of trials holds for all ranks together, and a second run goes on.
mpirun([HALCYON, *words("few", "--trials", "7")])
require(len(findings("few")) == 7, str(findings("few")))
mpirun([HALCYON, *words("few", "--trials", "5")])
require(len(findings("few")) == 12, str(findings("few")))


def is_whole(name, err):
    require({task for task, *_ in findings(name)} == set(tasks), f"{findings(name)}\n{err}")
    require({status for _, _, status, _ in findings(name)} == {"ok"}, f"{findings(name)}\n{err}")
    require(schedules(name).count("# tuned: ") == schedules("one").count("# tuned: "), schedules(name))


# The work of a rank whose board is gone is done by the others, and nothing is held against its candidates.
counted = folder / "counted"
counted.mkdir()
_, err = mpirun([HALCYON, *words("broken")], BROKEN_RANK="1", BROKEN_TRIALS=str(counted))
require("rank 1 has left, others do its work: the runner '" in err, err)
is_whole("broken", err)

# So is that of a rank that cannot even begin, and of one with another CPU.
elsewhere = f'[ "$OMPI_COMM_WORLD_RANK" != 2 ] || set -- tune {folder}/nonesuch.hcn; exec {HALCYON} "$@"'
_, err = mpirun(["sh", "-c", elsewhere, "sh", *words("alone")], OTHER_RANK="1")
require("rank 1 is left out: its CPU is 'x86-64, Z80', rank 0's is '" in err, err)
require("rank 2 has left, others do its work: error[E" in err and "nonesuch.hcn" in err, err)
is_whole("alone", err)

# Where rank 0 cannot begin, nobody waits for it.
done = subprocess.run(["mpirun", "-np", "2", "--oversubscribe", HALCYON, "tune", folder / "nonesuch.hcn"], capture_output=True,
                      text=True, timeout=300,
                      env=os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
require(done.returncode != 0 and "nonesuch.hcn" in done.stderr, str(done))
