"""Hostile ONNX files: each is one clear error, in little memory and time, and leaves nothing behind."""

import os
import pathlib
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import numpy as np
import onnx_networks
import onnx
from onnx import TensorProto, helper
from program import HALCYON, require, scratch

folder = scratch()
sanitized = os.environ.get("SANITIZED", "OFF") not in ("", "0", "OFF", "FALSE")
most_bytes = 3 << 30
most_seconds = 60 if sanitized else 20


def limit():
    if not sanitized:  # sanitizers reserve terabytes
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def refused(what, path, code, *texts):
    """That importing the file is one error of that code, which says all of `texts`."""
    begin = time.monotonic()
    done = subprocess.run([HALCYON, "import", str(path), "-o", str(folder / "refused.hcn")], capture_output=True,
                          preexec_fn=limit, timeout=most_seconds)
    err = done.stderr.decode()
    require(done.returncode == 1, f"{what}: status {done.returncode} after {time.monotonic() - begin:.1f} s\n{err}")
    require(err.count("error[") == 1 and f"error[{code}]" in err, f"{what}: {err}")
    for text in texts:
        require(text in err, f"{what}: no '{text}' in\n{err}")
    require(not list(folder.glob("refused*")), f"{what}: files of what was refused")


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, initializers=(), shape=(1, 3, 8, 8), inputs=None, outputs=None):
    graph = helper.make_graph(
        nodes, "net", inputs or [tensor("x", TensorProto.FLOAT, shape)],
        outputs or [tensor("y", TensorProto.FLOAT, None)], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save(made, name="model.onnx"):
    path = folder / name
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    return path


def weight(name="w", shape=(4, 3, 3, 3)):
    return helper.make_tensor(name, TensorProto.FLOAT, shape, np.ones(shape, np.float32).tobytes(), raw=True)


conv = helper.make_node("Conv", ["x", "w"], ["y"], name="conv")
relu = helper.make_node("Relu", ["x"], ["y"], name="relu")
good = model([conv], [weight()])

# As a check of the checks: a sound model with weights in a file of its own is accepted.
(folder / "inside").mkdir()
(folder / "inside/weights.bin").write_bytes(np.ones((4, 3, 3, 3), np.float32).tobytes())
(folder / "secret.bin").write_bytes(np.ones(1000, np.float32).tobytes())


def external(location, offset=0, length=432, shape=(4, 3, 3, 3)):
    outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        if value is not None:
            outside.external_data.add(key=key, value=str(value))
    return model([conv], [outside])


done = subprocess.run([HALCYON, "import", str(save(external("inside/weights.bin"))), "-o", str(folder / "good.hcn")],
                      capture_output=True, preexec_fn=limit)
require(done.returncode == 0, f"external data: {done.stderr.decode()}")

# External data from elsewhere.
links = folder / "inside"
(links / "symbolic.bin").symlink_to(folder / "secret.bin")
os.link(folder / "secret.bin", links / "hard.bin")
(folder / "linked").symlink_to(links)
os.mkfifo(links / "pipe.bin")
for location, text in (
    ("../secret.bin", "leads out of the model's folder"),
    ("inside/../../secret.bin", "leads out of the model's folder"),
    (str(folder / "secret.bin"), "is an absolute path"),
    ("inside/symbolic.bin", "is reached by a symbolic link"),
    ("linked/weights.bin", "is reached by a symbolic link"),
    ("inside/hard.bin", "is a hard link"),
    ("inside", "is no file"),
    ("inside/pipe.bin", "is no file"),
    ("nowhere.bin", "does not exist"),
    ("inside\\weights.bin", "is no path"),
    ("inside/weights.bin\0.txt", "is no path"),
    ("", "does not say which file"),
):
    refused(f"external data at {location!r}", save(external(location)), "E0408", "its external data", text)
for offset, length, text in ((1, 432, "ends after 432 bytes"), (432, 432, "ends after"), (0, 433, "ends after"),
                             (2**62, 2**62, "ends after"), (-1, 432, "offset of external data is '-1'"),
                             ("1e3", 432, "'1e3'"), (0, 400, "needs 432 bytes and has 400"), (2**80, 1, "offset")):
    refused(f"external data from {offset}, {length}", save(external("inside/weights.bin", offset, length)), "E0408", text)

# Shapes that overflow, are negative, or do not fit their numbers.
for shape in ((2**31, 2**31, 2), (2**63 - 1, 2**63 - 1), (2**62, 4), (-1, 4), (0, 2**63 - 1, 2**63 - 1), (4, 3, 3, 4), (4,)):
    made = model([conv])
    made.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=shape, raw_data=b"\0" * 432)
    refused(f"a tensor of shape {shape}", save(made), "E0408", "the tensor 'w'")
made = model([conv])
made.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[4, 3, 3, 3], float_data=[1.0] * 100)
refused("too few numbers", save(made), "E0408", "needs 432 bytes and has 400")
made = model([conv])
made.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[1] * 65, raw_data=b"\0" * 4)
refused("65 axes", save(made), "E0408", "more than 64 axes")
for shape in ((1, 3, 2**40, 8), (1, 3, 0, 8), (1, 2**20, 2**20, 2**20)):
    refused(f"an input of shape {shape}", save(model([relu], shape=shape)), "E0407")


def constant(name, numbers):
    return helper.make_tensor(name, TensorProto.INT64, [len(numbers)], numbers)


for numbers in ([2**62, 2**62], [-5, 3], [-1, -1], [2**63 - 1, 2], [0, 0, 0, 0, 0, 0, 0], [7, 9]):
    refused(f"a reshape to {numbers}", save(model([helper.make_node("Reshape", ["x", "s"], ["y"])], [constant("s", numbers)])),
            "E0407", "Reshape of 'y' (node 0)")
for numbers in ([2**31, 2**31], [2**40], [-1], [2**15, 2**15, 2**15]):
    nodes = [helper.make_node("ConstantOfShape", ["s"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])]
    refused(f"a constant of shape {numbers}", save(model(nodes, [constant("s", numbers)])), "E0407", "ConstantOfShape")
nodes = [helper.make_node("ConstantOfShape", ["s"], [f"c{i}"]) for i in range(100)]
nodes += [helper.make_node("Sum", ["x", *(f"c{i}" for i in range(100))], ["y"])]
refused("a hundred large constants", save(model(nodes, [constant("s", [1, 3, 3500, 3500])])), "E0407", "more than 512 MiB")
resizes = [helper.make_node("Resize", ["x" if i == 0 else f"v{i}", "", "", f"s{i % 2}"],
                            [f"v{i + 1}"], coordinate_transformation_mode="asymmetric", mode="cubic") for i in range(200)]
refused("two hundred large matrices", save(model([*resizes, helper.make_node("Relu", ["v200"], ["y"])],
        [constant("s0", [1, 3, 8, 4000]), constant("s1", [1, 3, 8, 4096])])), "E0407", "more than 512 MiB")
for attributes in ({"strides": [0, 1]}, {"strides": [2**62, 1]}, {"pads": [-1, 0, 0, 0]}, {"pads": [2**62] * 4},
                   {"dilations": [2**62, 2**62]}, {"group": 0}, {"group": 2**40}, {"strides": [1]}, {"dilations": [-1, 1]}):
    refused(f"a convolution with {attributes}", save(model([helper.make_node("Conv", ["x", "w"], ["y"], **attributes)], [weight()])),
            "E0407", "Conv of 'y' (node 0)")
for kernel in ([0, 1], [2**62, 2**62], [9, 9], [1], [-1, 1]):
    refused(f"a pool of {kernel}", save(model([helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=kernel)])), "E0407", "MaxPool")
for perm in ([0, 1, 2], [0, 0, 1, 2], [0, 1, 2, 7], [0, 1, 2, -1]):
    refused(f"a transpose by {perm}", save(model([helper.make_node("Transpose", ["x"], ["y"], perm=perm)])), "E0407", "Transpose")
refused("axis beyond", save(model([helper.make_node("Softmax", ["x"], ["y"], axis=2**62)])), "E0407", "Softmax")
refused("slices of nothing", save(model([helper.make_node("Slice", ["x", "b", "e", "a"], ["y"])],
        [constant("b", [5]), constant("e", [-2**63]), constant("a", [2])])), "E0407", "nothing is left")
for pads in ([0, 0, 2**62, 0, 0, 0, 2**62, 0], [0, 0, -9, 0, 0, 0, 0, 0], [1]):
    refused(f"pads {pads}", save(model([helper.make_node("Pad", ["x", "p"], ["y"])], [constant("p", pads)])), "E0407", "Pad")

# Names.
refused("a missing name", save(model([helper.make_node("Relu", ["z"], ["y"])])), "E0408", "reads 'z', which nothing gives")
refused("a missing output", save(model([helper.make_node("Relu", ["x"], ["z"])])), "E0408", "nothing gives its output 'y'")
refused("a name twice", save(model([relu, relu])), "E0408", "two of its parts give the name 'y'")
refused("an input's name", save(model([helper.make_node("Relu", ["x"], ["x"])])), "E0408", "two of its parts give the name 'x'")
refused("two weights of a name", save(model([conv], [weight(), weight()])), "E0408", "give the name 'w'")
refused("a node of itself", save(model([helper.make_node("Add", ["x", "y"], ["y"], name="loop")])), "E0408", "needs its own result")
circle = [helper.make_node("Add", ["x", f"v{(i + 1) % 1000}"], [f"v{i}"]) for i in range(1000)]
refused("a circle", save(model([*circle, helper.make_node("Relu", ["v0"], ["y"])])), "E0408", "needs its own result")
refused("no outputs", save(model([relu], outputs=[tensor("y", TensorProto.FLOAT, None)]).SerializeToString().replace(b"y", b"q", 1)), "E0408")
evil = "x\n\x1b[31m\u202eerror" * 100
refused("a name for the terminal", save(model([helper.make_node("Frob", ["x"], ["y"], name=evil)])), "E0407", "Frob")
err = subprocess.run([HALCYON, "import", str(folder / "model.onnx"), "-o", str(folder / "x.hcn")], capture_output=True).stderr
require(b"\x1b" not in err and len(err) < 2000, f"the file's name reaches the terminal: {err[:300]}")

# What is not known: all of it in one error.
nodes = [helper.make_node("Frob", ["x"], ["a"], name="first"), helper.make_node("Relu", ["a"], ["b"]),
         helper.make_node("LSTM", ["b"], ["c"]), helper.make_node("Mine", ["c"], ["y"], domain="my.own")]
refused("unknown operators", save(model(nodes)), "E0407", "has 3 nodes that cannot be imported:",
        "\n    Frob 'first' (node 0): Halcyon does not know this operator",
        "\n    LSTM of 'c' (node 2): Halcyon does not know this operator",
        "\n    Mine of 'y' (node 3): an operator of my.own, of which Halcyon knows nothing")
refused("many unknown operators", save(model([helper.make_node("Frob", ["x"], [f"v{i}"]) for i in range(5000)]
        + [helper.make_node("Sum", [f"v{i}" for i in range(5000)], ["y"])])), "E0407", "and 4980 more")

# Deep and wide.
chain = [helper.make_node("Relu", [f"v{i}" if i else "x"], [f"v{i + 1}"]) for i in range(150_000)]
refused("a chain of 150,000", save(model([*chain, helper.make_node("Relu", ["v150000"], ["y"])])), "E0407", "more than 100000 layers")


def field(number, body):
    return bytes([number << 3 | 2]) + varint(len(body)) + body


def varint(number):
    data = b""
    while number > 0x7F:
        data += bytes([number & 0x7F | 0x80])
        number >>= 7
    return data + bytes([number])


inner = b""
for depth in range(5000):
    branch = field(1, b"then_branch") + b"\xa0\x01\x05" + field(6, inner)
    inner = field(1, field(4, b"If") + field(2, b"y") + field(5, branch))
deep = b"\x08\x08" + field(8, b"\x10\x11") + field(7, inner + field(12, field(1, b"y")))
refused("graphs 5000 deep", save(deep), "E0407", "Halcyon does not know this operator")
refused("ten million nodes", save(b"\x08\x08" + field(7, field(1, b"") * 10_000_000)), "E0408", "more than 1000000 parts")
refused("ten million attributes", save(b"\x08\x08" + field(7, field(1, field(5, b"") * 10_000_000))), "E0408", "more than 1000000 parts")
refused("ten million inputs of a node", save(b"\x08\x08" + field(7, field(1, field(1, b"") * 10_000_000))), "E0408", "more than 1000000")
refused("ten million extents", save(b"\x08\x08" + field(7, field(5, field(1, b"\x01" * 10_000_000)))), "E0408", "more than 64 axes")
ones = field(5, b"\x08\x04" + b"\x10\x07" + field(7, b"\x01" * 30_000_000) + field(8, b"w"))
refused("thirty million packed numbers", save(b"\x08\x08" + field(7, ones)), "E0408", "the tensor 'w' of the shape (4) needs 32 bytes")

# Cut short at a hundred places, and other things.
# The graph comes last, so that every cut leaves part of one.
whole = b"\x08\x08" + field(8, b"\x10\x11") + field(7, good.graph.SerializeToString())
for i in range(100):
    refused(f"cut at {i}", save(whole[: len(whole) * i // 100]), "E0408")
rng = np.random.default_rng(1)
for i in range(100):
    noise = bytearray(whole)
    for place in rng.integers(0, len(whole), 3):
        noise[place] = rng.integers(0, 256)
    done = subprocess.run([HALCYON, "import", str(save(bytes(noise))), "-o", str(folder / "noise.hcn")], capture_output=True,
                          preexec_fn=limit, timeout=most_seconds)
    require(done.returncode in (0, 1), f"noise {i}: status {done.returncode} {done.stderr.decode(errors='replace')}")
refused("an empty file", save(b""), "E0408", "it is no ONNX model")
refused("another file", save(b"PK\x03\x04" + b"\0" * 100), "E0408")
