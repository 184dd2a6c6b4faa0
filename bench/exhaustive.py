"""Judges the choices of the estimate and of the tuner by measuring the candidates of the hottest tasks of three networks.

    bench/exhaustive.py                two tasks of each; writes bench/results and README.md
    bench/exhaustive.py --most 32 --networks mobilenet_v2     a quick look; only prints

exhaustive.cpp measures; `ninja exhaustive` puts it beside the program that HALCYON names.
"""

import argparse
import datetime
import json
import math
import pathlib
import subprocess
import sys

import report
from compare import cpu_name
from workloads import HALCYON, ROOT

NETWORKS = ("resnet50", "mobilenet_v2", "vgg16")


def parse():
    parser = argparse.ArgumentParser(prog="bench/exhaustive.py", description=__doc__.split("\n\n")[0])
    parser.add_argument("--networks", default=",".join(NETWORKS), metavar="NAME[,NAME...]", help="default: %(default)s")
    parser.add_argument("--tasks", type=int, default=2, help="of each network, the hottest; default: %(default)s")
    parser.add_argument("--within", type=float, default=3.0,
                        help="how much above the least estimate a candidate may be; default: %(default)s")
    parser.add_argument("--most", type=int, default=160,
                        help="candidates of a task, half of them the cheapest; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=20, help="for the tuner, each task; default: %(default)s")
    options = parser.parse_args()
    options.whole = len(sys.argv) == 1
    return options


def judged(network, options):
    """One row a task, as exhaustive.cpp prints them."""
    command = [pathlib.Path(HALCYON).parent / "exhaustive", HALCYON, ROOT / f"examples/models/{network}.hcn", options.tasks,
               options.within, options.most, options.seconds]
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield {"network": network, **json.loads(line)}
    if process.returncode != 0:
        sys.exit(f"exhaustive: {network}: status {process.returncode}")


def losses(row):
    """Times of the estimate's and of the tuner's choice over that of the best."""
    return row["estimated"]["ms"] / row["best"]["ms"], row["tuned"]["ms"] / row["best"]["ms"]


def exhaustive_table(rows):
    titles = ["task", "legal", "near", "measured", "s", "best, ms", "its rank", "estimate over best", "tuner over best",
              "its trials", "s"]
    lines = []
    for row in rows:
        estimated, tuned = losses(row)
        lines.append([f"{row['network']}: {row['name']}", str(row["legal"]), str(row["near"]), str(row["measured"]),
                      f"{row['seconds']:.0f}", report.milliseconds({"min_ms": row["best"]["ms"]}), str(row["best_rank"]),
                      f"{estimated:.3f}", f"{tuned:.3f}", str(row["tuner_trials"]), f"{row['tuner_seconds']:.0f}"])
    return report.table(titles, lines)


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def markdown(results):
    rows = results["rows"]
    estimated, tuned = (geomean([losses(row)[which] for row in rows]) for which in (0, 1))
    return (f"{results['cpu']}, {results['date']}. Near are those estimated at up to {results['within']:g} times the least. "
            f"On the geomean the estimate's choice takes {estimated:.3f} of the time of the best, the tuner's {tuned:.3f}.\n\n"
            f"{exhaustive_table(rows)}\n")


def main():
    options = parse()
    results = {"cpu": cpu_name(), "date": datetime.date.today().isoformat(), "within": options.within, "rows": []}
    for network in options.networks.split(","):
        for row in judged(network, options):
            results["rows"].append(row)
            print(f"{row['network']}: {row['task']}")
            for which in ("estimated", "tuned", "best"):
                print(f"    {which:<10}{row[which]['ms']:9.4f} ms  {row[which]['candidate']}", flush=True)
    report.write_down(results, results["cpu"], markdown(results), "exhaustive", options.whole)


if __name__ == "__main__":
    main()
