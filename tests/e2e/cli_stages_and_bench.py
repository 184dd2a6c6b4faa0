"""Every stage prints, and `bench --json` has the shape that scripts rely on."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import json

from program import DIGITS, halcyon, require

spec = DIGITS / "digits.hcn"
texts = []
for stage in ("ast", "graph", "lower layers", "fuse epilogues", "tasks", "program", "stmt", "llvm", "asm"):
    out, err = halcyon("compile", spec, "--emit", stage, "--target", "x86-64-v3")
    require(len(out.splitlines()) > 3 and err == "", f"{stage}: {out}{err}")
    texts.append(out)
require(len(set(texts)) == len(texts), "two stages print the same")

report = json.loads(halcyon("bench", spec, "--json")[0])
require(list(report) == ["model", "target", "threads", "batch", "total", "kernels"], str(list(report)))
require(list(report["total"]) == ["min_ms", "median_ms", "p90_ms", "gflops", "peak_share"], str(report["total"]))
require(0 < report["total"]["min_ms"] <= report["total"]["median_ms"] <= report["total"]["p90_ms"], str(report["total"]))
for kernel in report["kernels"]:
    require(list(kernel) == ["task", "layer", "candidate", "min_ms", "gflops", "peak_share"], str(kernel))
    # No upper bound: Winograd needs fewer multiply-adds than the definition, for which it is credited.
    require(kernel["peak_share"] >= 0 and kernel["gflops"] >= 0 and kernel["min_ms"] > 0, str(kernel))
out, _ = halcyon("bench", spec, "--why")
require("p99.9" in out and "the first took" in out and "bound by" in out, out)
