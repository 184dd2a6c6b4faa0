"""halcyon import of ONNX models as PyTorch's exporter writes them: the same numbers, a readable spec."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

import numpy as np
import onnx_networks as networks
import onnx
from onnx import TensorProto, helper, numpy_helper
from program import require, scratch

folder = scratch()
random = np.random.default_rng(3)


class Network:
    """A model under construction."""

    def __init__(self, shape):
        self.nodes, self.weights, self.shape = [], [], shape

    def weight(self, name, shape, scale=0.3):
        self.weights.append(numpy_helper.from_array((random.standard_normal(shape) * scale).astype(np.float32), name))
        return name

    def integers(self, name, numbers):
        self.weights.append(numpy_helper.from_array(np.array(numbers, np.int64), name))
        return name

    def add(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"/{name.replace('.', '/')}/{kind}", **attributes))
        return name

    def model(self, output, dims, shape):
        graph = helper.make_graph(self.nodes, "main_graph",
                                  [helper.make_tensor_value_info("input", TensorProto.FLOAT, dims)],
                                  [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)], self.weights)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="pytorch", ir_version=8)
        onnx.checker.check_model(made, full_check=True)
        return made


def conv(net, x, name, into, out, size, bias=True, **attributes):
    inputs = [x, net.weight(f"{name}.weight", (out, into // attributes.get("group", 1), size, size))]
    if bias:
        inputs.append(net.weight(f"{name}.bias", (out,)))
    return net.add("Conv", inputs, name, kernel_shape=[size, size], **attributes)


# Residual blocks, a dynamic batch, and the chain of Shape, Gather, Unsqueeze, Concat before a Reshape.
net = Network(None)
x = conv(net, "input", "stem", 3, 8, 3, pads=[1, 1, 1, 1], strides=[2, 2])
x = net.add("Relu", [x], "relu")
for i in range(3):
    y = conv(net, x, f"layer.{i}.conv1", 8, 8, 3, bias=False, pads=[1, 1, 1, 1])
    y = net.add("Relu", [y], f"layer.{i}.relu")
    y = conv(net, y, f"layer.{i}.conv2", 8, 8, 3, pads=[1, 1, 1, 1])
    x = net.add("Add", [x, y], f"layer.{i}.add")
shape = net.add("Shape", [x], "shape")
batch = net.add("Gather", [shape, net.integers("zero", 0)], "batch", axis=0)
batch = net.add("Unsqueeze", [batch, net.integers("zeros", [0])], "batches")
target = net.add("Concat", [batch, net.integers("rest", [-1])], "target", axis=0)
x = net.add("Reshape", [x, target], "reshaped")
x = net.add("Gemm", [x, net.weight("fc.weight", (5, 8 * 6 * 7)), net.weight("fc.bias", (5,))], "fc", transB=1)
path = folder / "residual.onnx"
onnx.save(net.model(x, ["batch", 3, 12, 14], ["batch", 5]), str(path))
spec = networks.import_model(path, folder)
text = spec.read_text()
require(text.count("Permute") == 1 and "Reshape" not in text, f"axes were moved:\n{text}")
require("for i in range(3):" in text and 'name="stem"' in text and 'name="fc"' in text, f"not as a person would write it:\n{text}")
image = random.standard_normal((1, 3, 12, 14)).astype(np.float32)
found = networks.error(networks.run(spec, [image])[0], networks.reference(path, [image])[0])
require(found < 1e-5, f"residual: error {found}")

# The same with the image handed over as (height, width, channels).
spec = networks.import_model(path, folder, "--channels-last")
require("float32[12, 14, 3]" in spec.read_text() and "Permute" not in spec.read_text(), spec.read_text())
again = networks.error(networks.run(spec, [image.transpose(0, 2, 3, 1)])[0], networks.reference(path, [image])[0])
require(again < 1e-5, f"channels last: error {again}")

# Gates, shuffled channels, a decomposed GELU and a decomposed LayerNormalization over the channels, three items at once.
net = Network(None)
x = conv(net, "input", "stem", 4, 12, 1)
gate = net.add("GlobalAveragePool", [x], "pool")
gate = net.add("Sigmoid", [conv(net, gate, "gate", 12, 12, 1)], "sigmoid")
x = net.add("Mul", [x, gate], "gated")
x = net.add("Reshape", [x, net.integers("split", [3, 3, 4, 6, 6])], "split_up")
x = net.add("Transpose", [x], "turned", perm=[0, 2, 1, 3, 4])
x = net.add("Reshape", [x, net.integers("join", [3, 12, 6, 6])], "joined")
x = conv(net, x, "depthwise", 12, 12, 3, group=12, pads=[0, 0, 2, 2])
x = net.add("Transpose", [x], "last", perm=[0, 2, 3, 1])


def number(name, value):
    net.weights.append(numpy_helper.from_array(np.array(value, np.float32), name))
    return name


mean = net.add("ReduceMean", [x], "mean", axes=[-1])
centered = net.add("Sub", [x, mean], "centered")
square = net.add("Pow", [centered, number("two", 2)], "square")
variance = net.add("ReduceMean", [square], "variance", axes=[-1])
deviation = net.add("Sqrt", [net.add("Add", [variance, number("epsilon", 1e-6)], "shifted")], "deviation")
x = net.add("Div", [centered, deviation], "normalized")
x = net.add("Add", [net.add("Mul", [x, net.weight("norm.weight", (12,))], "weighted"), net.weight("norm.bias", (12,))], "norm")
x = net.add("MatMul", [x, net.weight("mlp.weight", (12, 7))], "mlp")
x = net.add("Add", [net.weight("mlp.bias", (7,)), x], "mlp.sum")
inner = net.add("Erf", [net.add("Div", [x, number("root", np.sqrt(2))], "scaled")], "erf")
x = net.add("Mul", [x, net.add("Add", [inner, number("one", 1)], "distribution")], "product")
x = net.add("Mul", [x, number("half", 0.5)], "gelu")
x = net.add("Transpose", [x], "first", perm=[0, 3, 1, 2])
path = folder / "gates.onnx"
onnx.save(net.model(x, [3, 4, 6, 6], [3, 7, 6, 6]), str(path))
spec = networks.import_model(path, folder)
text = spec.read_text()
require('Activation("gelu"' in text and "Erf" not in text, f"GELU was not recognized:\n{text}")
image = random.standard_normal((3, 4, 6, 6)).astype(np.float32)
found = networks.error(networks.run(spec, [image])[0], networks.reference(path, [image])[0])
require(found < 1e-5, f"gates: error {found}")
