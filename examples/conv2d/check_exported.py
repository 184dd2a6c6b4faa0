"""Runs what `halcyon export --to pytorch` wrote of three models, and compares it with what PyTorch computed of the same
layers as its users write them: data/*.pytorch.npy. Needs PyTorch and safetensors.

    check_exported.py FOLDER
"""

import importlib
import sys

import numpy as np
import torch

from tensors import load

TOLERANCE = 1e-5


def compute(name, class_name, input_name):
    """The output for one picture, channels first."""
    model = getattr(importlib.import_module(name), class_name)()
    model.load_weights(f"{folder}/{name}.safetensors")
    model.eval()
    picture = torch.from_numpy(load(input_name)).permute(2, 0, 1)
    with torch.no_grad():
        return model(picture[None])[0].numpy()


def check(name, output, expected):
    difference = np.abs(output - expected).max() / np.abs(expected).max()
    print(f"  {name:42} {difference:.1e}{'' if difference <= TOLERANCE else '  TOO LARGE'}")
    return difference <= TOLERANCE


folder = sys.argv[1]
sys.path.insert(0, folder)
print("exported to PyTorch")
good = [
    check("relu_valid", compute("relu_valid", "ReluValid", "picture"), load("relu_valid.pytorch").transpose(2, 0, 1)),
    check("strided", compute("strided", "Strided", "features"), load("strided.pytorch").transpose(2, 0, 1)),
    check("sigmoid", compute("sigmoid", "Sigmoid", "grey"), load("sigmoid_channels_first.pytorch")),
]
sys.exit(not all(good))
