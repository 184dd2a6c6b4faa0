"""Times Halcyon and its peers on the same networks with the same weights, in turn, and writes the results down.

Each contestant is a process of its own, pinned, that has loaded the network. They run one after the other, a fraction
of a second each, round after round, so that whatever the machine does in between meets all of them.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

import litert
import numpy as np
import report
from contestants import PEERS, library_bytes, start_halcyon, start_peer
from workloads import QUICK, ROOT, Failed, halcyon, layers, networks

# The largest difference between two contestants' outputs, relative to the largest magnitude.
MOST_DIFFERENCE = 1e-3
# OpenVINO obeys an environment variable, MNN's wheel knows nothing newer; the others take what the CPU has.
AVX2_PEERS = ("openvino", "mnn")
# The targets whose whole runs are kept, and between which marks of README.md their tables stand.
TABLES = {"host": "results", "x86-64-v3": "avx2"}


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)} on one thread: under 3 minutes")
    parser.add_argument("--only", metavar="NAME[,NAME...]", help="these networks or layers")
    parser.add_argument("--kind", choices=("network", "layer"), help="only networks, or only layers")
    parser.add_argument("--peers", metavar="NAME[,NAME...]",
                        help=f"default: {','.join(PEERS)}; those that can be held to AVX2 with --target x86-64-v3")
    parser.add_argument("--threads", metavar="N[,N...]", help="default: 1 and all cores (layers: 1)")
    parser.add_argument("--batch", default="1,8", metavar="N[,N...]", help="of networks; default: %(default)s")
    parser.add_argument("--target", default="host", help="what Halcyon compiles for")
    parser.add_argument("--rounds", type=int, default=6, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.5,
                        help="of each contestant in each round; default: %(default)s")
    parser.add_argument("--output", metavar="FILE.json",
                        help="default: in bench/results what was run in whole, else in build/bench")
    options = parser.parse_args()
    if options.target == "x86-64-v3":
        os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX2"
    usual_peers = ",".join(AVX2_PEERS if options.target == "x86-64-v3" else PEERS)
    if options.peers is None:
        options.peers = usual_peers
    options.whole = not (options.quick or options.only or options.kind or options.threads or options.batch != "1,8" or
                         options.target not in TABLES or options.peers != usual_peers)
    if options.quick:
        options.rounds, options.seconds = min(options.rounds, 4), min(options.seconds, 0.4)
        options.threads, options.batch = options.threads or "1", "1"
    unknown = set(options.peers.split(",")) - set(PEERS) - {""}
    if unknown:
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    return options


def without_missing(peers):
    """LiteRT needs TensorFlow, which not every machine can have."""
    peers = [peer for peer in peers.split(",") if peer]
    if "litert" in peers:
        try:
            litert.install()
        except Failed as failure:
            print(f"bench: LiteRT is left out: {failure}", file=sys.stderr, flush=True)
            peers.remove("litert")
    return ",".join(peers)


def chosen(options):
    everything = networks() + layers()
    if options.only:
        names = options.only.split(",")
        missing = set(names) - {workload.name for workload in everything}
        if missing:
            sys.exit(f"bench: nothing is called {', '.join(sorted(missing))}")
        return [workload for workload in everything if workload.name in names]
    if options.quick:
        return [workload for workload in everything if workload.name in QUICK]
    return [workload for workload in everything if options.kind in (None, workload.kind)]


def cpu_name():
    match = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return match[1] if match else platform.machine()


def measure_machine(options, folder, thread_counts):
    """What the machine can do, measured in this run: Halcyon's own benchmark finds the peak as it times a network."""
    peaks = {}
    for threads in thread_counts:
        total = json.loads(halcyon("bench", ROOT / "examples/models/lenet5.hcn", "--threads", threads, "--target",
                                   options.target, "--json"))["total"]
        peaks[str(threads)] = total["gflops"] / total["peak_share"]
    subprocess.run(["gcc", "-O3", "-march=native", str(ROOT / "bench/bandwidth.c"), "-o", str(folder / "bandwidth")],
                   check=True)
    bandwidth = float(subprocess.run([str(folder / "bandwidth")], capture_output=True, text=True, check=True).stdout)
    wheels = {"onnxruntime": "onnxruntime", "openvino": "openvino", "litert": "ai-edge-litert", "ncnn": "ncnn",
              "mnn": "MNN"}
    versions = {peer: importlib.metadata.version(wheels[peer]) for peer in options.peers.split(",") if peer}
    return {"cpu": cpu_name(), "cores": len(os.sched_getaffinity(0)), "date": datetime.date.today().isoformat(),
            "versions": versions, "peak_gflops": peaks, "bandwidth_gbs": bandwidth}


def difference(result, expected):
    largest = float(np.max(np.abs(expected)))
    return float(np.max(np.abs(result - expected))) / largest if largest > 0 else float(np.max(np.abs(result)))


def model_file(peer, workload, batch):
    """The network as that peer's process gets it, made once for all numbers of threads."""
    if peer == "litert":
        return litert.convert(workload, batch)
    model = workload.folder / f"{workload.name}_{batch}.onnx"
    if not model.exists():
        halcyon("export", workload.peer_spec, "--weights", workload.weights, "--batch", batch, "--to", "onnx", "-o",
                model)
    return model


def start_all(workload, batch, cores, options, sizes, found):
    """The contestants that could load the network; why others could not is noted in `found`."""
    folder = workload.folder / f"batch{batch}_threads{len(cores)}"
    folder.mkdir(exist_ok=True)
    image = workload.image(batch)
    started = []
    for name in ["halcyon", *(peer for peer in options.peers.split(",") if peer)]:
        try:
            if name == "halcyon":
                contestant = start_halcyon(workload, image, cores, folder, options.target, folder / "halcyon.log")
                made = json.loads((folder / f"{workload.model}.json").read_text())["bytes"]
                found[name] = {"code_bytes": made["object"] - made["weights"], "weight_bytes": made["weights"]}
            else:
                # ncnn knows no batches.
                model = model_file(name, workload, 1 if name == "ncnn" else batch)
                contestant = start_peer(name, workload, model, image, cores, folder, folder / f"{name}.log")
                found[name] = {"code_bytes": sizes[name], "weight_bytes": model.stat().st_size}
            started.append(contestant)
        except Failed as failure:
            found[name] = {"failed": " ".join(str(failure).split())}
    return started, folder


def compare(workload, batch, cores, options, sizes):
    found = {}
    row = {"name": workload.name, "kind": workload.kind, "threads": len(cores), "batch": batch,
           "flops": batch * workload.flops, "least_bytes": workload.least_bytes(batch), "contestants": found}
    started, folder = start_all(workload, batch, cores, options, sizes, found)
    try:
        outputs = {}
        whole = np.empty((batch, *workload.output_shape), np.float32)
        for contestant in started:
            name = contestant.name
            output = contestant.output(folder / "output.bin").reshape(workload.given_to(name, whole).shape)
            outputs[name] = workload.given_by(name, output)
        for contestant in list(started):
            expected = outputs.get("halcyon", outputs[contestant.name])
            error = difference(outputs[contestant.name], expected)
            found[contestant.name]["difference"] = error
            # A NaN is no small difference.
            if not error <= MOST_DIFFERENCE:
                found[contestant.name]["failed"] = f"differs from Halcyon by {error:.2g}: not timed"
                started.remove(contestant)
                contestant.close()
        for _ in range(options.rounds):
            for contestant in started:
                contestant.run(options.seconds)
        for contestant in started:
            found[contestant.name] |= {**contestant.report(), "peak_memory_bytes": contestant.peak_memory()}
    finally:
        for contestant in started:
            contestant.close()
    return row


def print_row(row):
    share = report.ratio(row)
    times = "  ".join(f"{name} {report.milliseconds(one)}" for name, one in row["contestants"].items())
    best = f"  {share:.2f} of {report.best_peer(row)}" if share else ""
    threads = f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}"
    print(f"{row['name']:<30} {threads}  batch {row['batch']}  {times}{best}", flush=True)
    for name, one in row["contestants"].items():
        if "failed" in one:
            print(f"    {name}: {one['failed']}", flush=True)


def main():
    options = parse()
    cores = sorted(os.sched_getaffinity(0))
    thread_counts = [int(n) for n in options.threads.split(",")] if options.threads else sorted({1, len(cores)})
    if max(thread_counts) > len(cores):
        sys.exit(f"bench: {max(thread_counts)} threads, but only {len(cores)} cores")
    options.peers = without_missing(options.peers)
    folder = ROOT / "build/bench/work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    results = {"machine": measure_machine(options, folder, thread_counts), "target": options.target,
               "contestants": ["halcyon", *(peer for peer in options.peers.split(",") if peer)], "rows": []}
    sizes = {peer: library_bytes(peer) for peer in PEERS}
    failures = 0
    for workload in chosen(options):
        workload.prepare(folder)
        for threads in thread_counts if workload.kind == "network" else thread_counts[:1]:
            for batch in [int(n) for n in options.batch.split(",")] if workload.kind == "network" else [1]:
                # The last cores: the first is the one that most machines do their housekeeping on.
                row = compare(workload, batch, set(cores[-threads:]), options, sizes)
                failures += "failed" in row["contestants"]["halcyon"]
                results["rows"].append(row)
                print_row(row)
        shutil.rmtree(workload.folder)

    report.write_down(results, results["machine"]["cpu"], report.markdown(results), TABLES.get(options.target, "partial"),
                      options.whole, options.output)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
