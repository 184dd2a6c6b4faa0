"""Networks that tests export: with weights, and with logits as their outputs."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "command_line"))

import numpy as np
from program import halcyon, require


def with_logits(spec, folder):
    """A copy of the spec in the folder that ends before its softmax, which would flatten every difference."""
    for blocks in pathlib.Path(spec).parent.glob("*.hcn"):
        (folder / blocks.name).write_text(blocks.read_text().replace('"softmax"', '"linear"'))
    return folder / pathlib.Path(spec).name


def layer_inputs(items):
    """What goes into layers.hcn."""
    random = np.random.default_rng(3)
    return {
        "image": random.uniform(-1, 1, (items, 6, 8, 4)).astype(np.float32),
        "positive": random.uniform(0.5, 2, (items, 6, 8, 4)).astype(np.float32),
        "volume": random.uniform(-1, 1, (items, 5, 6, 4, 3)).astype(np.float32),
        "sequence": random.uniform(-1, 1, (items, 9, 4)).astype(np.float32),
        "pixels": random.integers(0, 255, (items, 6, 8, 3)).astype(np.uint8),
        "small": random.uniform(-1, 1, (items, 7)).astype(np.float16),
    }


def random_weights(spec, path, seed=1):
    """A file of weights with which no layer is idle: normalizations that move and scale, biases that are not zero."""
    random = np.random.default_rng(seed)
    shown = json.loads(halcyon("show", spec, "--json", "--weights", "--initialize", seed)[0])
    arrays = {}
    for weight in shown["weights"]:
        name, shape = weight["name"], weight["shape"]
        role = name.rsplit("/", 1)[-1]
        if role in ("gamma", "variance", "moving_variance"):
            array = random.uniform(0.7, 1.3, shape)
        elif role.endswith("kernel"):
            # He's: activations neither vanish nor grow from layer to layer. Depthwise kernels read one channel.
            fan_in = np.prod(shape[:-2]) if role == "depthwise_kernel" or "depthwise" in name else np.prod(shape[:-1])
            array = random.normal(0, np.sqrt(2 / fan_in), shape)
        else:
            array = random.normal(0, 0.2, shape)
        arrays[name] = array.astype(np.float32)
    np.savez(path, **arrays)
    return path


def error(result, expected):
    """The largest difference relative to the largest magnitude."""
    if result.shape != expected.shape or result.dtype != expected.dtype:
        return f"{result.dtype}{result.shape} instead of {expected.dtype}{expected.shape}"
    largest = np.max(np.abs(expected.astype(np.float64)))
    difference = np.max(np.abs(result.astype(np.float64) - expected))
    return float(difference / largest) if largest > 0 else float(difference)


def require_agreement(what, result, expected, most):
    found = error(result, expected)
    require(isinstance(found, float) and found <= most, f"{what}: error {found}, at most {most} is allowed")
