"""Compiles random specs and holds each against the double-precision reference, layer by layer and as a whole; some are
also built as a library and run between guard pages.

    layers_compiled.py [--seed S] [--count N] [--steps M] [--extent E]

Spec number i of a run has seed S + i: `--seed S+i --count 1` (and the same M and E) repeats it alone. E is the largest
height and width of an input.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
from spec_generator import Spec

HALCYON = os.environ["HALCYON"]
HERE = pathlib.Path(__file__).parent
MAX_ERROR = "1e-5"
LEVELS = ("x86-64-v4", "x86-64-v3", "x86-64-v2")


class Failure(Exception):
    pass


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def targets_that_run_here():
    listed = dict(line.split()[:2] for line in run(HALCYON, "targets").splitlines() if line.startswith("x86-64-v"))
    return [level for level in LEVELS if listed[level] == "yes"]


def random_array(random, kind, shape):
    if kind in ("uint8", "int8"):
        limits = np.iinfo(kind)
        return random.integers(limits.min, limits.max, shape, endpoint=True).astype(kind)
    # NumPy has no bfloat16, but small integers become bfloat16 without loss.
    if kind == "bfloat16":
        return random.integers(-4, 4, shape, endpoint=True).astype(np.int8)
    return random.uniform(-1, 1, shape).astype(kind)


def bytes_of(array, kind):
    if kind == "bfloat16":
        return (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return array.tobytes()


def run_between_guards(folder, spec, arrays, target, threads, items, seed):
    """Builds a library for that many items a call, runs it, and returns its outputs. Exact: another number of items may have
    other schedules, which must not decide how an output of integers is rounded."""
    run(HALCYON, "compile", folder / "net.hcn", "--initialize", seed, "--target", target, "--threads", threads,
        "--batch", items, "--exact", "--shared", "-o", folder)
    header = (folder / "net.h").read_text()
    workspace = eval(re.search(r"#define NET_WORKSPACE_BYTES\(workers\) (.*)", header)[1].replace("(size_t)", ""),
                     {"workers": threads})
    words = []
    for (name, kind, _), array in zip(spec.inputs, arrays):
        (folder / f"{name}.bin").write_bytes(bytes_of(array[:items], kind))
        words.append(folder / f"{name}.bin")
    words.append("--")
    sizes = [int(n) for n in re.findall(r"NET_OUT\d+_SIZE = (\d+)", header)]
    if sizes != [items * int(np.prod(shape)) for shape in spec.outputs]:
        raise Failure(f"outputs of {sizes} elements for {items} items, not of shapes {spec.outputs}")
    for i, size in enumerate(sizes):
        kind = re.search(rf"(\w+) \*out{i};", header)[1]
        bytes_each = {"float": 4, "uint16_t": 2}.get(kind, 1)
        words += [folder / f"out{i}.bin", size * bytes_each]
    run(folder.parent / "guarded_run", folder / "libnet.so", "net_run", workspace, threads, *words)
    return [(folder / f"out{i}.bin").read_bytes() for i in range(len(sizes))], header


def check_library(folder, spec, arrays, target, threads, items, seed):
    several, header = run_between_guards(folder, spec, arrays, target, threads, items, seed)
    alone, _ = run_between_guards(folder, spec, [array[-1:] for array in arrays], target, threads, 1, seed)
    for i, (one, many) in enumerate(zip(alone, several)):
        kind = re.search(rf"(\w+) \*out{i};", header)[1]
        types = {"float": np.float32, "uint16_t": np.uint16, "uint8_t": np.uint8, "int8_t": np.int8}
        one, last = (np.frombuffer(part, types[kind]) for part in (one, many[-len(one):]))
        if kind != "float":
            if not np.array_equal(one, last):
                raise Failure(f"out{i} of a batch's last item is not what it is alone")
        elif np.max(np.abs(one - last)) > float(MAX_ERROR) * np.max(np.abs(one)):
            raise Failure(f"out{i} of a batch's last item is not what it is alone")


def check_spec(folder, seed, steps, extent, targets):
    spec = Spec(seed, steps, extent)
    folder.mkdir(exist_ok=True)
    (folder / "net.hcn").write_text(spec.text)
    random = np.random.default_rng(seed)
    items = 3
    words = []
    arrays = [random_array(random, kind, (items, *shape)) for _, kind, shape in spec.inputs]
    for (name, _, _), array in zip(spec.inputs, arrays):
        np.save(folder / f"{name}.npy", array[0])
        words += ["--input", f"{name}={folder / name}.npy"]
    target, threads = targets[seed % len(targets)], (1, 3)[seed // 3 % 2]
    run(HALCYON, "check", folder / "net.hcn", "--initialize", seed, "--target", target, "--threads", threads,
        "--max-error", MAX_ERROR, *words)
    if seed % 6 == 0:
        check_library(folder, spec, arrays, target, threads, items, seed)
    return spec


def described(options, seed):
    return f"--seed {seed} --steps {options.steps} --extent {options.extent}"


def main(count, steps, extent):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--extent", type=int, default=extent)
    options = parser.parse_args()
    scratch = pathlib.Path(os.environ.get("BINARY_DIR", ".")) / "random_specs"
    scratch.mkdir(exist_ok=True)
    run("gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", HERE / "guarded_run.c", "-o", scratch / "guarded_run",
        "-ldl")
    targets = targets_that_run_here()
    failures = 0
    for seed in range(options.seed, options.seed + options.count):
        folder = scratch / "spec"
        try:
            check_spec(folder, seed, options.steps, options.extent, targets)
        except (Failure, subprocess.TimeoutExpired) as failure:
            failures += 1
            print(f"{described(options, seed)}:\n{failure}\n{(folder / 'net.hcn').read_text()}", flush=True)
    print(f"{options.count} specs from {described(options, options.seed)}: {failures} failed")
    return 1 if failures else 0
