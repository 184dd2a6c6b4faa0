"""Machines other than this one: how libraries for them are linked into a program, and how that runs."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent
GUARDED_RUN = HERE.parent / "random_specs" / "guarded_run.c"


class Failure(Exception):
    pass


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


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
