"""Forms of operators that networks seldom have, each imported and compared with ONNX Runtime."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import numpy as np
import onnx
import onnx_networks as networks
from onnx import TensorProto, helper, numpy_helper
from program import require, scratch

folder = scratch()
random = np.random.default_rng(5)
wrong = []


def node(kind, inputs, **attributes):
    return kind, inputs, attributes


def compare(what, nodes, shapes, constants=None, kind=np.float32, opset=18, expect=None):
    """`nodes` one after the other: each reads 'x', 'y', constants, or '0', '1', ..., the results of earlier ones."""
    made, types = [], {np.float32: TensorProto.FLOAT, np.uint8: TensorProto.UINT8}
    for i, (operator, inputs, attributes) in enumerate(nodes):
        made.append(helper.make_node(operator, inputs, [str(i)], **attributes))
    doors = dict(zip("xy", shapes))
    graph = helper.make_graph(
        made, "forms", [helper.make_tensor_value_info(name, types[kind], shape) for name, shape in doors.items()],
        [helper.make_tensor_value_info(made[-1].output[0], TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()])
    model = onnx.shape_inference.infer_shapes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), strict_mode=True)
    onnx.checker.check_model(model)
    path = folder / "form.onnx"
    onnx.save(model, str(path))
    if kind == np.uint8:
        arrays = [random.integers(1, 200, shape).astype(np.uint8) for shape in shapes]
    else:
        arrays = [random.standard_normal(shape).astype(np.float32) for shape in shapes]
    try:
        spec = networks.import_model(path, folder, "--plain")
        found = networks.error(networks.run(spec, arrays, "--exact")[0], networks.reference(path, arrays)[0])
        text = spec.read_text()
    except networks.Failed as failed:
        found, text = float("inf"), str(failed)
    if not found < 1e-5:
        wrong.append(f"{what}: error {found}\n{text}")
    elif expect and expect not in text:
        wrong.append(f"{what}: no {expect} in\n{text}")


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


zero = np.float32(0)
image = (1, 3, 6, 5)

# What is not chosen may be no number.
positive = [node("Greater", ["x", "zero"]), node("Log", ["x"])]
compare("a guarded logarithm", [*positive, node("Where", ["0", "1", "zero"])], [image], {"zero": zero})
compare("one of two numbers", [positive[0], node("Where", ["0", "five", "two"])], [image],
        {"zero": zero, "five": np.float32(5), "two": np.float32(2)})
compare("one of two tensors by a third", [node("Greater", ["x", "y"]), node("Where", ["0", "x", "c"])], [image, (1, 1, 6, 5)],
        {"c": normal(3, 1, 1)})
mask = random.integers(0, 2, (1, 3, 6, 5)).astype(bool)
compare("a constant condition", [node("Where", ["mask", "x", "y"])], [image, image], {"mask": mask})
compare("a constant condition of channels", [node("Where", ["mask", "x", "two"])], [image],
        {"mask": mask[:, :, :1, :1], "two": np.float32(2)})
compare("a condition that always holds", [node("Where", ["mask", "x", "y"])], [image, image], {"mask": np.array(True)})

# Constants where a layer takes values only.
compare("joined with a constant", [node("Concat", ["c", "x"], axis=1)], [image], {"c": normal(1, 2, 6, 5)})
compare("a token before a sequence", [node("Concat", ["c", "x"], axis=1)], [(1, 4, 7)], {"c": normal(1, 1, 7)})
compare("the larger of a constant", [node("Max", ["x", "c"])], [image], {"c": normal(3, 1, 1)})
compare("less than a constant", [node("Less", ["x", "c"]), node("Cast", ["0"], to=1)], [image], {"c": normal(1, 3, 6, 5)})

# Products of matrices.
for shape in ((1, 4, 6, 5), (2, 4, 6, 5)):
    compare(f"matrices of heads {shape}", [node("Transpose", ["y"], perm=[0, 1, 3, 2]), node("MatMul", ["x", "0"]),
            node("Softmax", ["1"], axis=-1), node("MatMul", ["2", "y"])], [shape, shape])
    compare(f"a matrix for each head {shape}", [node("MatMul", ["x", "w"])], [shape], {"w": normal(1, 4, 5, 3)})
compare("a matrix for each item", [node("MatMul", ["x", "w"])], [(2, 4, 5)], {"w": normal(2, 5, 3)})
compare("constant matrices on the left", [node("MatMul", ["w", "x"])], [(1, 4, 6, 5)], {"w": normal(4, 3, 6)})
compare("a matrix times a vector", [node("Reshape", ["y", "one"]), node("MatMul", ["x", "0"])], [(6, 5), (1, 5)],
        {"one": np.array([5], np.int64)})
compare("a bias after a product", [node("MatMul", ["x", "w"]), node("Add", ["0", "b"])], [(1, 4, 6, 5)],
        {"w": normal(5, 3), "b": normal(3)}, expect="Dense(3)")

# A normalization in parts, as exporters write it for versions before 17.
parts = [node("ReduceMean", ["x"], axes=[-1]), node("Sub", ["x", "0"]), node("Pow", ["1", "two"]),
         node("ReduceMean", ["2"], axes=[-1]), node("Add", ["3", "epsilon"]), node("Sqrt", ["4"]), node("Div", ["1", "5"]),
         node("Mul", ["6", "scale"]), node("Add", ["7", "bias"])]
compare("a normalization in parts", parts, [(1, 4, 6, 5)],
        {"two": np.float32(2), "epsilon": np.float32(1e-6), "scale": normal(5), "bias": normal(5)}, opset=13,
        expect="LayerNormalization(epsilon=1e-6)")

over_channels = [(kind, inputs, {"axes": [1]} if kind == "ReduceMean" else attributes) for kind, inputs, attributes in parts[:7]]
compare("a normalization of channels in parts", over_channels, [image], {"two": np.float32(2), "epsilon": np.float32(1e-6)},
        opset=13, expect="LayerNormalization(")

compare("a picture's numbers", [node("Mul", ["x", "scale"]), node("Add", ["0", "offset"]), node("Relu", ["1"])], [image],
        {"scale": np.float32(1 / 127.5), "offset": np.float32(-1)}, expect="Rescaling(0.007843138, offset=-1.0)")

# Windows.
for attributes in ({}, {"pads": [1, 2, 1, 0]}, {"strides": [2, 1], "ceil_mode": 1}):
    for kind in ("MaxPool", "AveragePool"):
        compare(f"{kind} dilated, {attributes}", [node(kind, ["x"], kernel_shape=[2, 3], dilations=[2, 2], **attributes)],
                [(2, 3, 9, 8)], opset=19)
compare("padding that counts", [node("AveragePool", ["x"], kernel_shape=[2, 3], dilations=[2, 2], pads=[1, 1, 1, 1],
                                     count_include_pad=1)], [(1, 3, 9, 8)], opset=19)
for groups, own in ((2, 3), (20, 1), (20, 2)):
    compare(f"{groups} groups of a transposed convolution",
            [node("ConvTranspose", ["x", "w", "b"], group=groups, strides=[2, 2], pads=[1, 1, 0, 1])], [(1, 20, 4, 5)],
            {"w": normal(20, own, 3, 3), "b": normal(groups * own)})
for mode in ("reflect", "edge", "wrap"):
    compare(f"padded by {mode}", [node("Pad", ["x", "pads"], mode=mode)], [image],
            {"pads": np.array([0, 0, 2, 1, 0, 0, 1, 3], np.int64)}, opset=19)

# Whole numbers.
compare("a quotient of whole numbers", [node("Div", ["x", "y"]), node("Cast", ["0"], to=1)], [image, image], kind=np.uint8)
compare("a whole number of thirds", [node("Div", ["x", "three"]), node("Cast", ["0"], to=1)], [image],
        {"three": np.array([3], np.uint8)}, kind=np.uint8)
compare("rounded towards zero", [node("Mul", ["x", "five"]), node("Cast", ["0"], to=7), node("Cast", ["1"], to=1)], [image],
        {"five": np.float32(5)})
compare("true where not zero", [node("Relu", ["x"]), node("Cast", ["0"], to=9), node("Cast", ["1"], to=1)], [image])

# Smaller, smoothly; and a region.
for mode in ("linear", "cubic"):
    compare(f"{mode} made smaller", [node("Resize", ["x", "", "", "sizes"], mode=mode, antialias=1)], [(1, 2, 13, 12)],
            {"sizes": np.array([1, 2, 5, 7], np.int64)})
compare("a region twice as large", [node("Resize", ["x", "region", "", "sizes"], mode="nearest",
        coordinate_transformation_mode="tf_crop_and_resize")], [(1, 1, 6, 7)],
        {"region": np.array([0, 0, 0.21, 0.3, 1, 1, 0.83, 0.8], np.float32), "sizes": np.array([1, 1, 12, 14], np.int64)})
compare("a region", [node("Resize", ["x", "region", "", "sizes"], mode="linear", extrapolation_value=3.0,
                          coordinate_transformation_mode="tf_crop_and_resize")], [(1, 1, 6, 7)],
        {"region": np.array([0, 0, 0.2, 0.3, 1, 1, 1.3, 0.8], np.float32), "sizes": np.array([1, 1, 5, 4], np.int64)})

require(not wrong, "\n".join(wrong))
