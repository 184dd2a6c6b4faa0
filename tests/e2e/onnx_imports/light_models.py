"""ONNX's light models: real networks whose weights are constants of one number, which are replaced by random ones here."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import numpy as np
import onnx_networks as networks
import onnx
from onnx import numpy_helper

FOLDER = pathlib.Path(onnx.__file__).parent / "backend/test/data/light"


def names():
    return sorted(path.stem for path in FOLDER.glob("light_*.onnx"))


def weights_of(random, shape, readers):
    """Numbers with which no layer is idle: by the place (operator, input) where they are read."""
    if ("BatchNormalization", 1) in readers or ("BatchNormalization", 4) in readers:
        return random.uniform(0.7, 1.3, shape)
    if len(shape) < 2:
        return random.normal(0, 0.1, shape)
    fan_in = np.prod(shape[1:])
    for operator, _ in readers:
        if operator in ("Mul", "Add"):
            return random.uniform(0.7, 1.3, shape)
    return random.normal(0, np.sqrt(2 / fan_in), shape)


def seeded(name, seed=1):
    """The model with weights from a seed in place of its constants."""
    random = np.random.default_rng(seed)
    model = onnx.load(str(FOLDER / f"{name}.onnx"))
    graph = model.graph
    readers = {}
    for node in graph.node:
        for place, read in enumerate(node.input):
            readers.setdefault(read, []).append((node.op_type, place))
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer if len(tensor.dims) == 1}
    kept, unused = [], set()
    replaced = 0
    for node in graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = [int(extent) for extent in shapes[node.input[0]]]
        unused.add(node.input[0])
        array = weights_of(random, shape, readers[node.output[0]]).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
        replaced += 1
    del graph.node[:]
    graph.node.extend(kept)
    if kept[-1].op_type == "Softmax":
        # At the logits: of large ones a Softmax leaves a single 1.
        del graph.node[-1]
        graph.output[0].name = kept[-1].input[0]
    initializers = [tensor for tensor in graph.initializer if tensor.name not in unused]
    doors = [door for door in graph.input if door.name not in unused]
    del graph.initializer[:], graph.input[:]
    graph.initializer.extend(initializers)
    graph.input.extend(doors)
    assert replaced > 10, f"{name}: only {replaced} weights"
    return model


def compare(name, folder, most):
    """The error against ONNX Runtime."""
    path = folder / f"{name}.onnx"
    onnx.save(seeded(name), str(path))
    model = onnx.load(str(path))
    (door,) = [each for each in model.graph.input if each.name not in {tensor.name for tensor in model.graph.initializer}]
    shape = [extent.dim_value or 1 for extent in door.type.tensor_type.shape.dim]
    image = np.random.default_rng(7).standard_normal(shape).astype(np.float32)
    spec = networks.import_model(path, folder)
    results = networks.run(spec, [image])
    (expected,) = networks.reference(path, [image])
    path.unlink()
    lines = len(spec.read_text().splitlines())
    found = networks.error(results[0], expected)
    spread = float(np.median(np.abs(expected - np.median(expected))) / np.abs(expected).max())
    print(f"{name}: {lines} lines, error {found:.1e}, spread of the result {spread:.1e}", flush=True)
    assert found <= most, f"{name}: error {found}, at most {most} is allowed"
    assert spread > 1e-3, f"{name}: its result says nothing"
