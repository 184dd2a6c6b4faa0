"""One peer with one network, in a process of its own. Speaks the protocol of driver.c on standard input and output.

    peer_worker.py PEER MODEL INPUT.npy OUTPUT_SHAPE THREADS FOLDER

PEER is a function below: given these it loads the network and returns (run, result). MODEL is an .onnx, for LiteRT a
.tflite. FOLDER keeps converted networks.
All compute in float32.
"""

import os
import pathlib
import subprocess
import sys
import sysconfig
import time

import numpy as np

FEWEST_CALLS = 3
MOST_CALLS = 100_000


def memory(what):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return 1024 * int(line.split()[1])
    return 0


converting = 0.0  # seconds: no part of a cold start


def convert(folder, target, command):
    """Runs a converter unless its result is there; a failure tells the end of what it said."""
    global converting
    if target.exists():
        return target
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=folder)
    if not target.exists():
        raise RuntimeError(f"{pathlib.Path(command[0]).name}: {(done.stdout + done.stderr).strip()[-300:]}")
    converting += time.perf_counter() - start
    return target


def packages():
    return pathlib.Path(sysconfig.get_paths()["platlib"])


def onnxruntime(model, image, shape, threads, folder):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_ortvalue_input(session.get_inputs()[0].name, ort.OrtValue.ortvalue_from_numpy(image))
    output = ort.OrtValue.ortvalue_from_shape_and_type(list(shape), np.float32)
    binding.bind_ortvalue_output(session.get_outputs()[0].name, output)
    return lambda: session.run_with_iobinding(binding), output.numpy


def openvino(model, image, shape, threads, folder):
    import openvino as ov
    # By itself it would compute in bfloat16 where the CPU can.
    settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1}
    request = ov.Core().compile_model(str(model), "CPU", settings).create_infer_request()
    tensor = ov.Tensor(image)
    request.set_input_tensor(tensor)
    # The request does not keep the array that the tensor shows.
    return lambda keep=(tensor, image): request.infer(), lambda: request.get_output_tensor(0).data


def litert(model, image, shape, threads, folder):
    from ai_edge_litert.interpreter import Interpreter
    # XNNPACK comes with it by itself, and gets its threads here or never.
    interpreter = Interpreter(str(model), num_threads=threads)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    result = interpreter.get_output_details()[0]["index"]
    return interpreter.invoke, lambda: interpreter.get_tensor(result)


def ncnn(model, image, shape, threads, folder):
    import ncnn
    parameters = model.with_suffix(".ncnn.param")  # where pnnx puts it
    extents = ",".join(str(extent) for extent in (1, *image.shape[1:]))
    # The command `pnnx` asks for PyTorch, the program behind it does not. Batches are not known to ncnn: each call
    # computes the items one after the other.
    convert(folder, parameters, [packages() / "pnnx/pnnx", model, f"inputshape=[{extents}]", "fp16=0"])
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    if net.load_param(str(parameters)) or net.load_model(str(parameters.with_suffix(".bin"))):
        raise RuntimeError("ncnn cannot load what pnnx made")
    door, result = net.input_names()[0], net.output_names()[0]
    items = [ncnn.Mat(np.ascontiguousarray(item)).clone() for item in image]
    outputs = [None] * len(items)

    def run():
        for i, item in enumerate(items):
            extractor = net.create_extractor()
            extractor.input(door, item)
            status, outputs[i] = extractor.extract(result)
            if status:
                raise RuntimeError("ncnn cannot compute what pnnx made")
    return run, lambda: np.stack([np.array(output) for output in outputs])


def mnn(model, image, shape, threads, folder):
    import MNN
    converted = convert(folder, folder / f"{model.stem}.mnn", [
        pathlib.Path(sys.executable).parent / "mnnconvert", "-f", "ONNX", "--modelFile", model, "--MNNModel",
        f"{model.stem}.mnn", "--bizCode", "MNN"])
    net = MNN.Interpreter(str(converted))
    session = net.createSession({"numThread": threads, "backend": "CPU", "precision": "high"})
    door, result = net.getSessionInput(session), net.getSessionOutput(session)
    tensor = MNN.Tensor(image.shape, MNN.Halide_Type_Float, image, door.getDimensionType())

    def run():
        # Its memory for inputs is used again for other values: the copy is part of each call.
        door.copyFrom(tensor)
        net.runSession(session)

    def output():
        host = MNN.Tensor(tuple(shape), MNN.Halide_Type_Float, np.zeros(shape, np.float32), result.getDimensionType())
        result.copyToHostTensor(host)
        return np.array(host.getNumpyData())
    return run, output


PEERS = {peer.__name__: peer for peer in (onnxruntime, openvino, litert, ncnn, mnn)}


def main():
    name, model, image, shape, threads, folder = sys.argv[1:]
    image = np.ascontiguousarray(np.load(image))
    shape = [int(extent) for extent in shape.split("x")]
    # Whatever a library prints is not part of the protocol.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    before = memory("VmRSS")
    start = time.perf_counter()
    run, result = PEERS[name](pathlib.Path(model), image, shape, int(threads), pathlib.Path(folder))
    run()
    print("ready", before, time.perf_counter() - start - converting, file=answers, flush=True)
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "run":
            times = []
            clock = time.perf_counter_ns
            end = clock() + float(words[0]) * 1e9
            while len(times) < MOST_CALLS and (len(times) < FEWEST_CALLS or clock() < end):
                begin = clock()
                run()
                times.append(clock() - begin)
            print(*times, file=answers, flush=True)
        elif verb == "output":
            np.asarray(result(), np.float32).reshape(shape).tofile(words[0])
            print("done", file=answers, flush=True)
        else:
            print(memory("VmHWM"), file=answers, flush=True)


if __name__ == "__main__":
    main()
