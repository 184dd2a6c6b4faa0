"""Times models with `halcyon bench` on one thread and prints one line each.

usage: time_specs.py SPEC ...     HALCYON names the program
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HALCYON = os.environ.get("HALCYON", str(ROOT / "build/release/halcyon"))
COLUMNS = [("min ms", "min_ms", "{:.3f}"), ("median ms", "median_ms", "{:.3f}"), ("p90 ms", "p90_ms", "{:.3f}"),
           ("GFLOP/s", "gflops", "{:.1f}"), ("of peak", "peak_share", "{:.0%}")]


def bench(spec):
    """The JSON report of one spec, or None after saying why there is none."""
    done = subprocess.run([HALCYON, "bench", str(spec), "--threads", "1", "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"{spec}: halcyon bench failed with status {done.returncode}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def main():
    specs = sys.argv[1:]
    print(f"{'model':<20}" + "".join(f"{title:>12}" for title, _, _ in COLUMNS), flush=True)
    failures = 0
    for spec in specs:
        report = bench(spec)
        if report is None:
            failures += 1
            continue
        cells = [form.format(report["total"][key]) for _, key, form in COLUMNS]
        print(f"{report['model']:<20}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
