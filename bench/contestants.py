"""Halcyon and its peers as processes that load one network, wait, and run it when they are asked to."""

import os
import pathlib
import signal
import subprocess
import sys
import sysconfig
import time

import numpy as np
from workloads import HALCYON, ROOT, Failed, halcyon

PEERS = ("onnxruntime", "openvino", "litert", "ncnn", "mnn")
# What of a peer's wheel a program needs that does nothing but run a network on the CPU.
LIBRARIES = {
    "onnxruntime": ["onnxruntime/capi/*.so*"],
    "openvino": ["openvino/libs/libopenvino.so*", "openvino/libs/libopenvino_intel_cpu_plugin.so",
                 "openvino/libs/libopenvino_onnx_frontend.so*", "openvino/libs/libtbb.so*"],
    "litert": ["ai_edge_litert/libLiteRt.so"],
    "ncnn": ["ncnn/*.so", "ncnn.libs/*.so*"],
    "mnn": ["_mnncengine*.so", "mnn.libs/*.so*", "MNN.libs/*.so*"],
}


class Contestant:
    """A process that speaks driver.c's protocol, on the given cores."""

    def __init__(self, name, command, cores, log):
        self.name = name
        environment = dict(os.environ, OMP_NUM_THREADS=str(len(cores)))
        self.log = log
        start = time.perf_counter()
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                text=True, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        ready = self.answer().split()
        self.memory_before = int(ready[1])
        # A peer's process says how long it took from importing the library; Halcyon's has nothing before that.
        self.cold_ms = 1e3 * (float(ready[2]) if len(ready) > 2 else time.perf_counter() - start)
        self.nanoseconds = []
        self.process.send_signal(signal.SIGSTOP)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Failed(f"{self.name}: {self.log.read_text(errors='replace').strip()[-300:]}")
        return line

    def ask(self, request):
        """Between requests the process stands still: threads of MNN's go on spinning, which costs whoever is next on the same
        cores a sixth of its speed."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.process.send_signal(signal.SIGSTOP)
        return answer

    def run(self, seconds, how="run"):
        """`how` is `cold` where driver.c shall have the weights come from beyond the second cache."""
        self.nanoseconds += [int(word) for word in self.ask(f"{how} {seconds}").split()]

    def output(self, path):
        """Flat, in the order in which the contestant has it."""
        self.ask(f"output {path}")
        return np.fromfile(path, np.float32)

    def peak_memory(self):
        """Beyond what the process held before it knew of the network or its library."""
        return int(self.ask("memory")) - self.memory_before

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.stdout.close()

    def report(self):
        times = np.sort(np.array(self.nanoseconds)) * 1e-6
        return {"min_ms": float(times[0]), "median_ms": float(np.median(times)),
                "p90_ms": float(times[int(0.9 * len(times))]), "calls": len(times), "cold_ms": self.cold_ms}


def link_driver(folder, macros, words):
    """driver.c for one model, which `macros` and further `words` for the compiler bring in."""
    built = pathlib.Path(HALCYON).parent
    command = ["gcc", "-std=c11", "-O2", *(f"-D{key}={value}" for key, value in macros.items()), f"-I{folder}",
               f"-I{built / 'include'}", ROOT / "bench/driver.c", *words, built / "lib/libhalcyon_pool.a", "-lm",
               "-lpthread", "-o", folder / "driver"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"gcc: {done.stderr[-600:]}")
    return folder / "driver"


def start_halcyon(workload, image, cores, folder, target, log, options=()):
    """Compiles the network, links the driver with it as a user would, and starts that."""
    batch, threads = len(image), len(cores)
    if workload.kind == "layer":
        # As in a network, whose other weights leave Winograd's room within the usual limit.
        options = [*options, "--weights-growth", 4]
    halcyon("compile", workload.spec, "--weights", workload.weights, "--batch", batch, "--threads", threads, "--target",
            target, "-o", folder, *options)
    name = workload.model
    driver = link_driver(folder, {
        "HEADER": f'"{name}.h"', "TENSORS": f"{name}_tensors", "RUN": f"{name}_run",
        "WORKSPACE_BYTES": f"{name.upper()}_WORKSPACE_BYTES", "INPUT_SIZE": image.size,
        "OUTPUT_SIZE": batch * int(np.prod(workload.output_shape))}, [folder / f"lib{name}.a"])
    image.tofile(folder / "input.bin")
    return Contestant("halcyon", [driver, folder / "input.bin", threads], cores, log)


def start_peer(peer, workload, model, image, cores, folder, log):
    np.save(folder / "input.npy", workload.given_to(peer, image))
    output = np.empty((len(image), *workload.output_shape), np.float32)
    shape = "x".join(str(extent) for extent in workload.given_to(peer, output).shape)
    command = [sys.executable, ROOT / "bench/peer_worker.py", peer, model, folder / "input.npy", shape, len(cores),
               folder]
    return Contestant(peer, command, cores, log)


def library_bytes(peer):
    """Of the shared libraries that a program would ship, links counted once."""
    packages = pathlib.Path(sysconfig.get_paths()["platlib"])
    files = {path.resolve() for pattern in LIBRARIES[peer] for path in packages.glob(pattern)}
    return sum(path.stat().st_size for path in files)
