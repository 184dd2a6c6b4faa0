"""Compiles specs for another machine, runs them there, and compares with what this machine computes, which the other tests
hold against the double-precision reference."""

import os
import pathlib
import re

import numpy as np
from machines import lacks_tools
from runner import Failure, bytes_of, random_array, run
from spec_generator import Spec

HALCYON = os.environ["HALCYON"]
SOURCE_DIR = pathlib.Path(os.environ["SOURCE_DIR"])
# Both machines may be off from the exact result by half of it, and by more in the last place of a shorter type.
MAX_ERROR = 2e-5
C_TYPES = {"float": np.float32, "uint16_t": np.uint16, "uint8_t": np.uint8, "int8_t": np.int8}


def doors(header, model, constness):
    """Name, C type, Halcyon's type and size of each input or output, as the header says."""
    fields = re.findall(rf"^    {constness}(\w+) \*(\w+);  /\* (\w+) of (\w+)\[(.*)\] \*/$", header, re.MULTILINE)
    sizes = {name: int(size) for name, size in re.findall(r"^    (\w+) = (\d+),?$", header, re.MULTILINE)}
    return [(name, c_type, kind, shape, sizes[size]) for c_type, name, size, kind, shape in fields]


def widened(array, kind):
    if kind == "float16":
        return array.view(np.float16).astype(np.float64)
    if kind == "bfloat16":
        return (array.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return array.astype(np.float64)


def rounding(kind):
    return {"float16": 2.0**-10, "bfloat16": 2.0**-7, "uint8": 1 / 255, "int8": 1 / 127}.get(kind, 0.0)


def compare(machine, folder, spec, model, words, threads, seed):
    run(HALCYON, "compile", spec, *words, "--exact", "--target", machine.target, "--threads", threads, "-o", folder)
    header = (folder / f"{model}.h").read_text()
    workspace = eval(re.search(rf"#define {model.upper()}_WORKSPACE_BYTES\(workers\) (.*)", header)[1]
                     .replace("(size_t)", ""), {"workers": threads})
    random = np.random.default_rng(seed)
    given, inputs, wanted, outputs = [], [], [], []
    for name, _, kind, shape, _ in doors(header, model, "const "):
        array = random_array(random, kind, tuple(int(extent) for extent in shape.split(", ")))
        np.save(folder / f"{name}.npy", array)
        (folder / f"{name}.bin").write_bytes(bytes_of(array, kind))
        given += ["--input", f"{name}={folder / name}.npy"]
        inputs.append(folder / f"{name}.bin")
    for name, c_type, _, _, size in doors(header, model, ""):
        wanted += ["--output", f"{name}={folder / name}.expected.npy"]
        outputs += [folder / f"{name}.bin", size * np.dtype(C_TYPES[c_type]).itemsize]
    run(HALCYON, "run", spec, *words, "--exact", "--target", "x86-64-v2", *given, *wanted)
    machine.run(folder, model, workspace, threads, inputs, outputs)
    for name, c_type, kind, _, _ in doors(header, model, ""):
        found = widened(np.fromfile(folder / f"{name}.bin", C_TYPES[c_type]), kind)
        expected = np.load(folder / f"{name}.expected.npy").astype(np.float64).ravel()
        allowed = (MAX_ERROR + rounding(kind)) * max(np.max(np.abs(expected)), 1e-30)
        difference = np.max(np.abs(found - expected))
        if not difference <= allowed:
            raise Failure(f"{name} is off by {difference}, {allowed} is allowed")


def main(machine, specs, random_specs, first_seed=1):
    """`specs`: paths below the checkout, each with the options that its weights need."""
    if lacks_tools(machine):
        return 77
    scratch = pathlib.Path(os.environ.get("BINARY_DIR", ".")) / machine.target
    failures = 0
    for path, *words in specs:
        folder = scratch / pathlib.Path(path).stem
        folder.mkdir(parents=True, exist_ok=True)
        try:
            compare(machine, folder, SOURCE_DIR / path, folder.name, words, 2, 1)
        except Failure as failure:
            failures += 1
            print(f"{path}:\n{failure}", flush=True)
    for seed in range(first_seed, first_seed + random_specs):
        folder = scratch / "random"
        folder.mkdir(parents=True, exist_ok=True)
        spec = Spec(seed, 4, 14)
        (folder / "net.hcn").write_text(spec.text)
        try:
            compare(machine, folder, folder / "net.hcn", "net", ["--initialize", seed], 1 + seed % 2, seed)
        except Failure as failure:
            failures += 1
            print(f"seed {seed}:\n{failure}\n{spec.text}", flush=True)
    print(f"{len(specs) + random_specs} specs on {machine.target}: {failures} failed")
    return 1 if failures else 0
