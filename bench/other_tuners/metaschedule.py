"""Tunes one layer with TVM's MetaSchedule.

    metaschedule.py LAYER TRIALS FOLDER

FOLDER holds kernel.npy as Halcyon has it. Written there: layer.so, for metaschedule.h; kernel.bin, the weights in the order that
the code wants; and result.json: seconds, trials, those that failed, the extents of kernel.bin, and the best time, in
seconds, after each trial.
"""

import json
import os
import pathlib
import sys
import time
import types

os.environ["TVM_NUM_THREADS"] = "1"
# Their tensor instructions are parsed at import, once in each worker process, which takes most of a minute. Those of
# GPUs and other CPUs are not needed here.
for other in ("arm_cpu", "cuda", "hexagon", "riscv_cpu", "rocm"):
    sys.modules[f"tvm.s_tir.tensor_intrin.{other}"] = types.ModuleType(other)

import numpy as np
import tvm
from layer import layer_of
from tvm import te, topi
from tvm.s_tir import meta_schedule

BUILD = "bench.build"
# What MetaSchedule says of a trial that failed.
FAILED = 1e9


def register_build():
    """In a worker: as MetaSchedule's own, without the import of those instructions."""
    import tvm
    from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock

    def build(module, target, params):
        return tvm.compile(RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(module), target).mod
    tvm.register_global_func(BUILD, build, override=True)


def module_of(layer):
    image = te.placeholder((1, layer.height, layer.width, layer.channels), name="image")
    bias = te.placeholder((layer.filters,), name="bias")
    if layer.depthwise:
        kernel = te.placeholder((*layer.kernel_shape, 1), name="kernel")
        sums = topi.nn.depthwise_conv2d_nhwc(image, kernel, 1, layer.window // 2, 1)
    else:
        kernel = te.placeholder(layer.kernel_shape, name="kernel")
        # It lets the tuner pack the weights.
        sums = topi.nn.conv2d_nhwc(image, kernel, 1, layer.window // 2, 1)
    zero = tvm.tirx.const(0, "float32")
    result = te.compute(sums.shape, lambda n, y, x, c: tvm.tirx.max(sums[n, y, x, c] + bias[c], zero), name="result")
    return tvm.IRModule({"main": te.create_prim_func([image, kernel, bias, result])})


def pack(schedule, kernel):
    """The weights as the schedule has rewritten them."""
    for instruction in schedule.trace.insts:
        if instruction.kind.name == "TransformLayout":
            return instruction.inputs[1].map_tensor(tvm.runtime.tensor(kernel)).numpy()
    return kernel


def main():
    layer, trials, folder = layer_of(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    cores = len(os.sched_getaffinity(0))
    module = module_of(layer)
    target = tvm.target.Target({"kind": "llvm", "mcpu": tvm.target.codegen.llvm_get_system_cpu(), "num-cores": 1})
    start = time.perf_counter()
    database = meta_schedule.tir_integration.tune_tir(
        module, target, str(folder / "database"), trials, num_trials_per_iter=min(trials, 32), num_tuning_cores=cores,
        seed=1, builder=meta_schedule.builder.LocalBuilder(max_workers=cores, f_build=BUILD, initializer=register_build),
        runner=meta_schedule.runner.LocalRunner(
            evaluator_config=meta_schedule.runner.EvaluatorConfig(number=3, repeat=1, min_repeat_ms=30)))
    schedule = meta_schedule.tir_integration.compile_tir(database, module, target)
    if schedule is None:
        sys.exit("metaschedule: no trial was right")
    finished = tvm.s_tir.transform.RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(schedule.mod)
    tvm.compile(finished, target).export_library(str(folder / "layer.so"))
    seconds = time.perf_counter() - start

    kernel = np.load(folder / "kernel.npy")
    packed = pack(schedule, kernel if not layer.depthwise else kernel.reshape(*layer.kernel_shape, 1))
    packed.tofile(folder / "kernel.bin")
    times = [min(float(run) for run in record.run_secs) for record in database.get_all_tuning_records()]
    (folder / "result.json").write_text(json.dumps({
        "seconds": seconds, "trials": len(times), "failed_trials": sum(one >= FAILED for one in times),
        "kernel_shape": list(packed.shape), "best_after": np.minimum.accumulate(times).tolist()}))


if __name__ == "__main__":
    main()
