"""`tune` finds schedules, goes on where it was stopped, and keeps what people wrote; `records` tells what is known."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import HALCYON, halcyon, require, scratch

folder = scratch()
spec = folder / "net.hcn"
spec.write_text("""def net(x: float32[6, 6, 8]):
    x = Conv2D(16, 3, padding="same", activation="relu")(x)
    x = Conv2D(8, 1, activation="relu")(x)
    return Dense(4)(Flatten()(x))
""")
schedules = folder / "net.hcs"
records = folder / "records.db"
tune = ["tune", spec, "--initialize", 1, "--records", records]


def known(path=records):
    return json.loads(halcyon("records", "list", "--json", "--records", path)[0])


def trials(path=records):
    return sum(task["trials"] for task in known(path))


# A few trials, no more than were asked for.
out, _ = halcyon(*tune, "--trials", 6, "--effort", "low")
require(trials() == 6, f"{trials()} trials instead of 6")
first = schedules.read_text()
require(first.startswith("halcyon-schedules 1\ntarget ") and "  # tuned: " in first and " trial" in first, first)
require(f"'{schedules}': " in out and " tasks new, 0 changed, 0 as before" in out, out)
halcyon("check", spec, "--initialize", 1)

# Where schedules came from, after how many trials, at what share of the peak.
shown = json.loads(halcyon("show", spec, "--schedules", "--json")[0])["schedules"]
tuned = [row for row in shown if row["source"].startswith(f"{schedules}:")]
require(tuned and all(row["trials"] > 0 for row in tuned), str(shown))
require(all(row["share_is"] == "measured" for row in tuned if row["task"].startswith(("conv2d", "dense"))), str(tuned))

# No trial is repeated: with none allowed everything is known from records, and a second run adds new ones. (With more effort
# the whole network is timed anew each time.)
out, _ = halcyon(*tune, "--trials", 0, "--effort", "low")
require(trials() == 6 and schedules.read_text() == first and " 0 changed" in out, out)
halcyon(*tune, "--trials", 5)
lines = [json.loads(line) for line in halcyon("records", "export", "--records", records)[0].splitlines()]
require(len(lines) == 11, f"{len(lines)} trials instead of 11")
candidates = [(line["task"], line["candidate"]) for line in lines]
require(len(set(candidates)) == len(candidates), "a candidate was measured twice")
require({line["status"] for line in lines} == {"ok"}, str(lines))

# A hand-written entry stays, with its comment, or is told of and kept as a comment.
text = schedules.read_text()
by_hand = re.sub(r"(\n    (?!#)[^#\n]*?) *# tuned: [^\n]*", r"\1  # mine", text)
schedules.write_text(by_hand)
_, err = halcyon(*tune, "--trials", 0)
after = schedules.read_text()
require(after.count("# mine") == by_hand.count("# mine") > 0, after)
require(err.count("what was written here by hand is slower") == after.count("# by hand: "), err + after)

# An illegal one is an error at its line that says which values are legal.
broken = re.sub(r"(\n    (?:\w+_conv) .*?)tile \S+", r"\1tile 9999x1", by_hand, count=1)
require(broken != by_hand, by_hand)
schedules.write_text(broken)
line = broken[: broken.index("9999")].count("\n") + 1
_, err = halcyon(*tune, status=1)
require(f"{schedules}:{line}:5: error[E0602]: these parameters of" in err and "legal values: " in err, err)
require(schedules.read_text() == broken, "a file with mistakes was changed")
schedules.unlink()

# Another file than the one beside the spec.
halcyon(*tune, "--trials", 0, "--schedules", folder / "other.hcs")
require((folder / "other.hcs").exists() and not schedules.exists(), "--schedules was not obeyed")

# What is fused follows the file too: max pooling is a part of the convolution before it, or a kernel of its own. Tuning may turn
# that round where the whole network gets faster.
pooled = folder / "pooled.hcn"
pooled.write_text("""def pooled(x: float32[16, 16, 8]):
    return MaxPooling2D(2)(Conv2D(16, 3, padding="same", activation="relu")(x))
""")
require(" pooled 2x2 " in halcyon("compile", pooled, "--emit", "tasks")[0], "pooling is not fused")
target = first.splitlines()[1]
plan = f"halcyon-schedules 1\n{target}\nnetwork pooled batch 1 threads 1 {{\n    plan  fuse_pooling 0\n}}\n"
pooled.with_suffix(".hcs").write_text(plan)
require(" pooled 2x2 " not in halcyon("compile", pooled, "--emit", "tasks")[0], "pooling is fused against the file")
shown, _ = halcyon("show", pooled, "--schedules")
require("network pooled batch 1 threads 1: plan  order_pooling 1  fuse_pooling 0" in shown, shown)
halcyon("tune", pooled, "--initialize", 1, "--records", folder / "pooled.db", "--trials", 4)
after = pooled.with_suffix(".hcs").read_text()
require("    plan  fuse_pooling 0\n" in after or "# by hand: plan  fuse_pooling 0\n" in after, after)
halcyon("check", pooled, "--initialize", 1)

# Ctrl-C, which a terminal sends to all processes of the command, keeps everything.
stopped = folder / "stopped.db"
process = subprocess.Popen([HALCYON, *map(str, tune[:-1]), str(stopped), "--effort", "high"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, start_new_session=True)
while process.poll() is None and (not stopped.exists() or trials(stopped) < 4):
    pass
os.killpg(process.pid, signal.SIGINT)
out, err = process.communicate()
require(process.returncode == 0 and " tasks new" in out, f"{process.returncode}\n{out}{err}")
require(trials(stopped) >= 4 and "# tuned: " in schedules.read_text(), schedules.read_text())
require("crashed" not in halcyon("records", "export", "--records", stopped)[0], "a worker took Ctrl-C for itself")

# A kill loses nothing that was measured, and the next run goes on from there.
killed = folder / "killed.db"
process = subprocess.Popen([HALCYON, *map(str, tune[:-1]), str(killed), "--effort", "high"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
while process.poll() is None and (not killed.exists() or trials(killed) < 4):
    pass
seen = trials(killed)
process.kill()
process.wait()
before = trials(killed)
require(before >= seen, f"{seen} trials were there, {before} are left")
halcyon(*tune[:-1], killed, "--trials", 2)
require(before >= 4 and trials(killed) == before + 2, f"{before} trials, then {trials(killed)}")

# Two tuners on one file at once.
both = folder / "both.db"
processes = [subprocess.Popen([HALCYON, *map(str, tune[:-1]), str(both), "--trials", "5", "--schedules",
                               str(folder / f"{number}.hcs")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
             for number in range(2)]
for process in processes:
    err = process.communicate()[1]
    require(process.returncode == 0, err)
require(trials(both) == 10, f"{trials(both)} trials of two tuners with five each")

# A damaged file is set aside, not deleted, and tuning begins a new one.
damaged = folder / "damaged.db"
halcyon("records", "merge", records, "--records", damaged)
bytes_before = damaged.read_bytes()
spoiled = bytes_before[:4096] + b"\xa5" * (len(bytes_before) - 4096)
damaged.write_bytes(spoiled)
_, err = halcyon(*tune[:-1], damaged, "--trials", 1)
aside = list(folder.glob("damaged.db.damaged-*"))
require(len(aside) == 1 and aside[0].read_bytes() == spoiled, str(aside))
require(f"warning[E0606]: '{damaged}' is damaged; it is now '{aside[0]}', and a new file is begun" in err, err)
require(trials(damaged) == 1, f"{trials(damaged)} trials")

# Merging, exporting, pruning.
merged = folder / "merged.db"
(folder / "export.jsonl").write_text(halcyon("records", "export", "--records", both)[0])
total = trials() + trials(both)
require(f"{total} of {total} trials are new" in halcyon("records", "merge", records, both, "--records", merged)[0], "merge")
again = halcyon("records", "merge", folder / "export.jsonl", "--records", merged)[0]
require("0 of 10 trials are new" in again, again)
outdated = json.loads((folder / "export.jsonl").read_text().splitlines()[0]) | {"revision": "0" * 12, "run": "old"}
(folder / "old.jsonl").write_text(json.dumps(outdated) + "\n")
halcyon("records", "merge", folder / "old.jsonl", "--records", merged)
require(sum(task["outdated"] for task in known(merged)) == 1, str(known(merged)))
pruned = halcyon("records", "prune", "--records", merged)[0]
require(pruned == f"1 trials removed, {total} kept\n", pruned)
_, err = halcyon("records", "list", "--records", folder / "none.db", status=1)
require(err.startswith("error[E0606]: there are no records: ") and not (folder / "none.db").exists(), err)
(folder / "bad.jsonl").write_text("{}\n")
_, err = halcyon("records", "merge", folder / "bad.jsonl", "--records", merged, status=1)
require(err == f"error[E0606]: line 1 of '{folder / 'bad.jsonl'}' is no record\n", err)

# The usual place of records, and times that are none.
os.environ["XDG_STATE_HOME"] = str(folder / "state")
halcyon("tune", spec, "--initialize", 1, "--trials", 1)
require((folder / "state/halcyon/records.db").exists(), "no records in XDG_STATE_HOME")
for budget in ("10x", "", "-1m", "m"):
    halcyon("tune", spec, f"--budget={budget}", status=2)
