"""Tunes single layers with Halcyon, with TVM's MetaSchedule and with Halide's Adams2019, and times the code of all in turn.

    bench/tuners.py                    three layers, some 20 minutes; writes bench/results and README.md
    bench/tuners.py --only NAME,... --budget 10s --trials 8 --tries 2      a quick look; only prints

All get the same layer: float32, channels last, stride 1, bias and ReLU, on one thread. The code of each is called by driver.c, one
after the other, round after round, pinned, with weights from beyond the second cache. HALCYON names the program.
"""

import argparse
import concurrent.futures
import datetime
import importlib.metadata
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import time

import numpy as np
import report
from compare import cpu_name, difference
from contestants import Contestant, link_driver, start_halcyon
from workloads import HALCYON, ROOT, SEED, Failed, Workload

sys.path.append(str(ROOT / "bench/other_tuners"))
from layer import layer_of

LAYERS = ("conv_14x14x256_256_3x3", "conv_28x28x512_128_1x1", "depthwise_56x56x144_3x3")
OTHERS = ROOT / "bench/other_tuners"
DIRECT = "Halcyon, no Winograd"
# The largest difference between two results, relative to the largest magnitude: what `--max-error` allows Winograd.
MOST_DIFFERENCE = 1e-4
# How Halide's own loop of tuning draws samples: a search that keeps one state, at random.
GREEDY, RANDOM = ("beam_size=1",), ("beam_size=1", "random_dropout=1")
# What Adams2019 takes by itself, and what its model of cost was trained with: better here too, at times, than one core.
MANY_CORES = ("parallelism=16",)
# Of each of Adams2019's tries, to find the best of them.
TRY_SECONDS = 0.1


def parse():
    parser = argparse.ArgumentParser(prog="bench/tuners.py", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", metavar="NAME[,NAME...]", help=f"default: {','.join(LAYERS)}")
    parser.add_argument("--budget", default="60s", help="of `halcyon tune`; default: %(default)s")
    parser.add_argument("--trials", type=int, default=160, help="of MetaSchedule; default: %(default)s")
    parser.add_argument("--tries", type=int, default=32, help="of Adams2019, at random; default: %(default)s")
    parser.add_argument("--without", default="", metavar="TUNER[,TUNER...]", help="halcyon, metaschedule, adams2019")
    parser.add_argument("--rounds", type=int, default=8, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each in each round; default: %(default)s")
    options = parser.parse_args()
    options.whole = len(sys.argv) == 1
    options.only = options.only.split(",") if options.only else LAYERS
    options.without = options.without.split(",")
    return options


def run(command, **environment):
    """Seconds that it took; its words are told only when it fails."""
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=os.environ | environment)
    if done.returncode != 0:
        raise Failed(f"{pathlib.Path(command[1]).name}: {(done.stdout + done.stderr).strip()[-600:]}")
    return time.perf_counter() - start


def winograd_kernel(kernel):
    """Of 3x3, for tiles of 2x2 results: [4, 4, channels, filters]."""
    transform = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
    return np.einsum("jy,ix,yxcf->jicf", transform, transform, kernel).astype(np.float32)


class Bout:
    """One layer, and what everybody has made of it."""

    def __init__(self, name, options, folder):
        self.options, self.layer = options, layer_of(name)
        self.workload = Workload(name, "layer", f"{ROOT / 'bench/layers.hcn'}:{name}")
        self.workload.prepare(folder)
        self.folder = self.workload.folder
        self.image = self.workload.image(1)
        self.image.tofile(self.folder / "input.bin")
        weights = np.load(self.workload.weights)
        kernel, bias = (next(weights[key] for key in weights.files if key.endswith(role)) for role in ("kernel", "bias"))
        self.kernel = kernel.reshape(self.layer.kernel_shape)
        bias.tofile(self.folder / "bias.bin")
        # The last core, as compare.py has it.
        self.cores = {max(os.sched_getaffinity(0))}
        self.found, self.started = {}, []

    def place(self, name):
        place = self.folder / re.sub(r"\W+", "_", name)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def add(self, name, start, **facts):
        """Whoever fails is reported and not timed."""
        print(f"    {name} ...", flush=True)
        try:
            contestant, more = start(self.place(name))
            contestant.name = name
            self.started.append(contestant)
            self.found[name] = facts | more
        except Failed as failure:
            self.found[name] = facts | {"failed": " ".join(str(failure).split())}

    def halcyon(self, *flags, tuned):
        def start(place):
            # Fresh ones, so that nothing is known or compiled before.
            cache = {"HALCYON_CACHE": str(place / "cache")}
            more, seconds = {"trials": 0}, 0.0
            schedules = place / "tuned.hcs"
            if tuned:
                seconds = run([HALCYON, "tune", self.workload.spec, "--budget", self.options.budget, "--weights",
                               self.workload.weights, "--schedules", schedules, "--records", place / "records.db", *flags],
                              **cache)
                listed = subprocess.run([HALCYON, "records", "list", "--records", place / "records.db", "--json"],
                                        capture_output=True, text=True, check=True)
                more["trials"] = sum(task["trials"] for task in json.loads(listed.stdout))
            begin = time.perf_counter()
            contestant = start_halcyon(self.workload, self.image, self.cores, place, "host", place / "log",
                                       (*flags, *(("--schedules", schedules) if tuned else ())))
            return contestant, more | {"seconds": seconds + time.perf_counter() - begin}
        return start

    def macros(self, header, kernel_path, image_extents, kernel_extents, result_extents):
        extents = {"IMAGE": image_extents, "KERNEL": kernel_extents, "BIAS": [self.layer.filters],
                   "RESULT": result_extents}
        return {"HEADER": f'"{header}"', "TENSORS": "layer_tensors", "RUN": "layer_run",
                "WORKSPACE_BYTES": "LAYER_WORKSPACE_BYTES", "INPUT_SIZE": self.image.size,
                "OUTPUT_SIZE": int(np.prod(self.workload.output_shape)), "KERNEL": f'"{kernel_path}"',
                "BIAS": f'"{self.folder / "bias.bin"}"',
                **{f"{name}_EXTENTS": "{" + ",".join(map(str, each)) + "}" for name, each in extents.items()}}

    def start_driver(self, name, driver):
        return Contestant(name, [driver, self.folder / "input.bin", 1], self.cores, driver.parent / "log")

    def schedule_with_adams(self, place, algorithm, *parameters):
        """A driver that calls what comes out."""
        place.mkdir(exist_ok=True)
        run([sys.executable, OTHERS / "adams2019.py", self.layer.name, place, algorithm, *parameters])
        kernel = winograd_kernel(self.kernel) if algorithm == "winograd" else self.kernel
        kernel.tofile(place / "kernel.bin")
        return link_driver(place, self.macros("adams2019.h", place / "kernel.bin", self.image.shape[1:], kernel.shape,
                                              self.workload.output_shape), [f"-I{OTHERS}", place / "layer.a", "-ldl"])

    def adams(self, algorithm, tries):
        def start(place):
            begin = time.perf_counter()
            driver = (self.schedule_with_adams(place, algorithm) if tries == 1 else
                      self.best_of(place, algorithm, tries))
            seconds = time.perf_counter() - begin
            return self.start_driver("adams2019", driver), {"trials": tries, "seconds": seconds}
        return start

    def best_of(self, place, algorithm, tries):
        """The first two without chance. They compile side by side and are timed one by one."""
        def schedule(number):
            parameters = (*RANDOM, f"random_dropout_seed={number}") if number > 1 else GREEDY
            if number % 2:
                parameters += MANY_CORES
            return self.schedule_with_adams(place / str(number), algorithm, *parameters)
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            drivers = list(pool.map(schedule, range(tries)))
        times = []
        for driver in drivers:
            contestant = self.start_driver("adams2019", driver)
            contestant.run(TRY_SECONDS, "cold")
            times.append(contestant.report()["min_ms"])
            contestant.close()
        return drivers[int(np.argmin(times))]

    def metaschedule(self, place):
        np.save(place / "kernel.npy", self.kernel)
        run([sys.executable, OTHERS / "metaschedule.py", self.layer.name, self.options.trials, place])
        made = json.loads((place / "result.json").read_text())
        packages = pathlib.Path(sysconfig.get_paths()["platlib"])
        macros = self.macros("metaschedule.h", place / "kernel.bin", (1, *self.image.shape[1:]), made.pop("kernel_shape"),
                             (1, *self.workload.output_shape))
        libraries = [packages / "tvm_ffi/lib", packages / "tvm/lib"]
        driver = link_driver(place, macros | {"LIBRARY": f'"{place / "layer.so"}"'}, [
            f"-I{OTHERS}", f"-I{packages / 'tvm_ffi/include'}", *(f"-L{path}" for path in libraries),
            "-Wl,--no-as-needed", "-ltvm_runtime", "-ltvm_ffi", *(f"-Wl,-rpath,{path}" for path in libraries)])
        return self.start_driver("metaschedule", driver), made

    def measure(self):
        outputs = {one.name: one.output(self.folder / "output.bin") for one in self.started}
        for contestant in list(self.started):
            error = difference(outputs[contestant.name], next(iter(outputs.values())))
            self.found[contestant.name]["difference"] = error
            # A NaN is no small difference.
            if not error <= MOST_DIFFERENCE:
                self.found[contestant.name]["failed"] = f"differs by {error:.2g}: not timed"
                self.started.remove(contestant)
                contestant.close()
        for _ in range(self.options.rounds):
            for contestant in self.started:
                contestant.run(self.options.seconds, "cold")
        for contestant in self.started:
            self.found[contestant.name] |= {key: value for key, value in contestant.report().items() if key != "cold_ms"}

    def close(self):
        for contestant in self.started:
            contestant.close()


def compete(name, options, folder):
    bout = Bout(name, options, folder)
    print(name, flush=True)
    # Of Winograd's algorithm there are rows of their own.
    has_winograd = bout.layer.window == 3 and not bout.layer.depthwise
    try:
        if "halcyon" not in options.without:
            for way, flags in ({DIRECT: ("--exact",), "Halcyon": ()} if has_winograd else {"Halcyon": ()}).items():
                bout.add(f"{way}, as it comes", bout.halcyon(*flags, tuned=False))
                bout.add(f"{way}, tuned", bout.halcyon(*flags, tuned=True))
        if "adams2019" not in options.without:
            bout.add("Adams2019", bout.adams("direct", 1))
            bout.add(f"Adams2019, best of {options.tries}", bout.adams("direct", options.tries))
            if has_winograd:
                # The search as it is by itself would fill the memory.
                bout.add(f"Adams2019, Winograd, best of {options.tries}", bout.adams("winograd", options.tries))
        if "metaschedule" not in options.without:
            bout.add("MetaSchedule", bout.metaschedule)
        bout.measure()
    finally:
        bout.close()
    return {"layer": name, "flops": bout.workload.flops, "found": bout.found}


def timed(row, is_own):
    return {name: one for name, one in row["found"].items()
            if "min_ms" in one and name.startswith("Halcyon") == is_own}


def fastest(found):
    return min(found.values(), key=lambda one: one["min_ms"])


def without_winograd(found):
    return {name: one for name, one in found.items() if "Winograd" not in name}


def tuners_table(rows):
    lines = []
    for row in rows:
        own = row["found"].get("Halcyon, tuned", {}).get("min_ms")
        for number, (name, one) in enumerate(row["found"].items()):
            cells = ["—"] * 4
            if "min_ms" in one:
                over = one["min_ms"] / own if own else None
                cells = [f"{one['seconds']:.1f}", report.milliseconds(one),
                         f"{row['flops'] / one['min_ms'] * 1e-6:.0f}", f"{over:.2f}" if over else "—"]
            lines.append([row["layer"] if number == 0 else "", name, str(one.get("trials", "—")), *cells])
    return report.table(["layer", "by", "trials", "s to make it", "ms", "GFLOP/s", "over Halcyon, tuned"], lines)


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(rows):
    """Halcyon against the fastest of the others, layer by layer; nothing where somebody is missing."""
    tuned, direct, plain, seconds = [], [], [], []
    for row in rows:
        own, others = timed(row, True), timed(row, False)
        if "Halcyon, tuned" not in own or not without_winograd(others):
            return []
        best = fastest(others)
        tuned.append(own["Halcyon, tuned"]["min_ms"] / best["min_ms"])
        plain.append(own["Halcyon, as it comes"]["min_ms"] / best["min_ms"])
        direct.append(own.get(f"{DIRECT}, tuned", own["Halcyon, tuned"])["min_ms"] /
                      fastest(without_winograd(others))["min_ms"])
        seconds.append([one["seconds"] for one in (own["Halcyon, tuned"], own["Halcyon, as it comes"], best)])
    sums = [sum(column) for column in zip(*seconds)]
    return [f"On the geomean Halcyon's tuned code takes {geomean(tuned):.2f} of the time of the fastest of the others, "
            f"{geomean(direct):.2f} where nobody uses Winograd's algorithm, and what it compiles without tuning "
            f"{geomean(plain):.2f}. All layers together took {sums[0]:.0f} s to tune and {sums[1]:.1f} s without, the "
            f"fastest of the others {sums[2]:.0f} s."]


def markdown(results):
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    parts = [f"{results['cpu']}, {results['cores']} cores, {results['date']}; {versions}. Times are the least of many "
             "calls.", tuners_table(results["rows"])]
    parts += summary(results["rows"])
    failures = [f"- {row['layer']}: {name}: {one['failed']}" for row in results["rows"]
                for name, one in row["found"].items() if "failed" in one]
    if failures:
        parts += ["What failed:", "\n".join(failures)]
    return "\n\n".join(parts) + "\n"


def main():
    options = parse()
    # Halide's code gets its memory from malloc, call by call: from now on without pages that are new each time.
    # Its parallel loops get one thread.
    os.environ |= {"HL_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
                   "MALLOC_TRIM_THRESHOLD_": str(1 << 32), "MALLOC_TOP_PAD_": str(1 << 26)}
    folder = ROOT / "build/bench/tuners_work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    results = {"cpu": cpu_name(), "cores": len(os.sched_getaffinity(0)), "date": datetime.date.today().isoformat(),
               "seed": SEED, "budget": options.budget,
               "versions": {name: importlib.metadata.version(name) for name in ("halide", "apache-tvm")}, "rows": []}
    for name in options.only:
        results["rows"].append(compete(name, options, folder))
        print(tuners_table(results["rows"][-1:]), flush=True)
    report.write_down(results, results["cpu"], markdown(results), "tuners", options.whole)
    return 1 if any("failed" in one for row in results["rows"] for one in row["found"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
