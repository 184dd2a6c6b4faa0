"""Machines other than this one: how libraries for them are linked into a program, and how that runs."""

import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).parent
RANDOM_SPECS = HERE.parent / "random_specs"
GUARDED_RUN = RANDOM_SPECS / "guarded_run.c"
sys.path.insert(0, str(RANDOM_SPECS))

from runner import run


class Arm:
    """64-bit ARM, emulated by QEMU. Buffers lie between pages that must not be touched."""

    target = "arm-64-linux"
    tools = ("aarch64-linux-gnu-gcc", "qemu-aarch64")

    def run(self, folder, model, workspace, threads, inputs, outputs):
        program = folder / "program"
        run("aarch64-linux-gnu-gcc", "-static", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-DRUN={model}_run",
            GUARDED_RUN, folder / f"lib{model}.a", "-lm", "-o", program)
        run("qemu-aarch64", program, "-", "-", workspace, threads, *inputs, "--", *outputs)


class WebAssembly:
    """A module of the library alone in Node, which gives it the C functions that it imports."""

    target = "wasm-32"
    tools = ("wasm-ld-19", "node")

    def run(self, folder, model, workspace, threads, inputs, outputs):
        module = folder / "module.wasm"
        run("wasm-ld-19", "--no-entry", f"--export={model}_run", "--export=__heap_base", "--allow-undefined",
            folder / f"lib{model}.a", "-o", module)
        run("node", HERE / "run.mjs", module, f"{model}_run", workspace, *inputs, "--", *outputs)


def lacks_tools(machine):
    missing = [tool for tool in machine.tools if shutil.which(tool) is None]
    if missing:
        print(f"skipped: no {', '.join(missing)}")
    return bool(missing)
