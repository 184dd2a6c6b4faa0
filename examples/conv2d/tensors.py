"""Reads and writes this example's data with NumPy alone: it is all that its PyTorch and its Keras side share."""

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent


def load(name):
    return np.load(FOLDER / f"data/{name}.npy")


def save(name, array):
    np.save(FOLDER / f"data/{name}.npy", np.ascontiguousarray(array, np.float32))


def save_weights(name, kernel, bias):
    """A safetensors file: the header's length in 8 bytes, the header as JSON, the numbers. Shapes are Keras's."""
    header, data = {}, b""
    for key, array in {"conv2d/bias": bias, "conv2d/kernel": kernel}.items():
        end = len(data) + array.nbytes
        header[key] = {"dtype": "F32", "shape": array.shape, "data_offsets": [len(data), end]}
        data += array.astype("<f4").tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / f"{name}.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)


def load_weights(name):
    """(kernel, bias) of NAME.safetensors."""
    content = (FOLDER / f"{name}.safetensors").read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])

    def tensor(key):
        begin, end = header[key]["data_offsets"]
        return np.frombuffer(content[start + begin:start + end], "<f4").reshape(header[key]["shape"]).copy()

    return tensor("conv2d/kernel"), tensor("conv2d/bias")
