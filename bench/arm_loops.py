"""Judges the inner loops of a network's kernels for 64-bit ARM with llvm-mca, since no such machine is at hand.

    bench/arm_loops.py [--least SHARE] [--json FILE] [SPEC...]

Of every convolution's and dense layer's kernel the inner loop that is densest in multiply-adds is taken out of the assembly. Printed
are its multiply-adds, its loads and stores of the stack (spills), those of the kernel's other loops, and the share of the CPU's
peak that llvm-mca expects of it, with all data in the first cache. The loop of a depthwise kernel computes whole results,
epilogue included, so that its share cannot come near the peak; a product's loop multiplies only. LLVM 19 describes cortex-a76 by its model of Cortex-A57, which has half the real unit's multiply-adds a
cycle and three instructions a cycle; neoverse-n1, the same core for servers, has a model of its own. A loop must stand both.

Status 1 if a loop spills or stays below the share that --least asks for.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPUS = ("cortex-a76", "neoverse-n1")
ITERATIONS = 200
# A vector of four multiply-adds, by lane or by vector.
MULTIPLY_ADD = re.compile(r"^fml[as]\s+v\d+\.4s")
PEAK_LOOP = [f"fmla v{i}.4s, v30.4s, v31.s[{i % 4}]" for i in range(24)]


def run(*words, text=None):
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def kernels_of(spec):
    """Assembly by kernel, with the task: `halcyon compile --emit asm` begins each with a line `# MODEL.NAME: TASK`."""
    text = run(os.environ.get("HALCYON", ROOT / "build/release/halcyon"), "compile", spec, "--target", "arm-64-linux",
               "--emit", "asm")
    for part in re.split(r"^# (?=\S+: )", text, flags=re.MULTILINE)[1:]:
        head, body = part.split("\n", 1)
        name, task = head.split(": ", 1)
        yield name, task, body


def instructions(assembly):
    """Labels and instructions; directives and comments are left out."""
    for line in assembly.splitlines():
        line = re.split(r"//|;", line)[0].strip()
        if line and (line.endswith(":") or not line.startswith(".")):
            yield re.sub(r"\s+", " ", line)


def inner_loops(assembly):
    """The bodies of loops without a loop inside: from a label to a branch back to it."""
    lines = list(instructions(assembly))
    place = {line[:-1]: i for i, line in enumerate(lines) if line.endswith(":")}
    ends = {}
    for i, line in enumerate(lines):
        branch = re.match(r"(?:b\.?\w*|cbn?z|tbn?z)\s+(?:.*, )?(\.L\w+)$", line)
        if branch and place.get(branch[1], i) < i:
            ends[place[branch[1]]] = i
    for begin, end in ends.items():
        if not any(begin < other <= end for other in ends):
            yield [line for line in lines[begin + 1:end + 1] if not line.endswith(":")]


def multiply_adds(loop):
    return sum(bool(MULTIPLY_ADD.match(line)) for line in loop)


def spills(loop):
    return sum("[sp" in line for line in loop)


def cycles_of(loop, cpu):
    """Of one round, once the loop runs."""
    text = "\n".join(line for line in loop if not re.match(r"(b\.|cbn?z|tbn?z)", line))
    out = run("llvm-mca-19", "-mtriple=aarch64", f"-mcpu={cpu}", f"-iterations={ITERATIONS}", text=text)
    return int(re.search(r"Total Cycles:\s+(\d+)", out)[1]) / ITERATIONS


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("specs", nargs="*", metavar="SPEC",
                        default=[ROOT / "examples/models" / f"{name}.hcn" for name in ("resnet50", "mobilenet_v2")])
    parser.add_argument("--least", type=float, default=0.85)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    peaks = {cpu: multiply_adds(PEAK_LOOP) / cycles_of(PEAK_LOOP, cpu) for cpu in CPUS}
    rows = []
    for spec in options.specs:
        for name, task, assembly in kernels_of(spec):
            loops = [loop for loop in inner_loops(assembly) if multiply_adds(loop) > 0]
            if not loops or not re.match("conv|dense", task):
                continue
            loop = max(loops, key=lambda each: (multiply_adds(each) / len(each), multiply_adds(each)))
            shares = {cpu: multiply_adds(loop) / cycles_of(loop, cpu) / peaks[cpu] for cpu in CPUS}
            rows.append({"kernel": name, "task": task, "multiply_adds": multiply_adds(loop), "instructions": len(loop),
                         "spills": spills(loop), "spills_elsewhere": sum(map(spills, loops)) - spills(loop),
                         "shares": shares})
    print(f"{'fma':>4} {'instr':>6} {'spills':>6} {'others':>6} " + " ".join(f"{cpu:>11}" for cpu in CPUS) + "  kernel")
    good = 0
    for row in sorted(rows, key=lambda row: min(row["shares"].values())):
        good += row["spills"] == 0 and min(row["shares"].values()) >= options.least
        print(f"{row['multiply_adds']:4} {row['instructions']:6} {row['spills']:6} {row['spills_elsewhere']:6} "
              + " ".join(f"{share:11.1%}" for share in row["shares"].values()) + f"  {row['kernel']}: {row['task']}")
    print(f"{good} of {len(rows)} loops without spills at {options.least:.0%} of the peak or more")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if good == len(rows) else 1


sys.exit(main())
