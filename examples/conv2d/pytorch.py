"""What a PyTorch user would write for conv2d.hcn's layers, and the numbers that PyTorch computes: data/*.pytorch.npy.

PyTorch's layout is channels first; outputs are stored as the model of the same name in conv2d.hcn gives them.
"""

import torch
from torch import nn
from torch.nn import functional as F

from tensors import load, load_weights, save


class ReluValid(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(3, 32, kernel_size=3)

    def forward(self, image):
        return F.relu(self.conv2d(image))


class ReluPadded(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(3, 32, kernel_size=3, padding=1)

    def forward(self, image):
        return F.relu(self.conv2d(image))


class Strided(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(32, 64, kernel_size=5, stride=2)

    def forward(self, image):
        return self.conv2d(image)


class Sigmoid(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(1, 128, kernel_size=3)

    def forward(self, image):
        return torch.sigmoid(self.conv2d(image))


class HalvedSame(nn.Module):
    """nn.Conv2d has padding="same" for stride 1 only. Keras's rule pads 0 above and left here, 1 below and right."""

    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(3, 8, kernel_size=3, stride=2)

    def forward(self, image):
        left, right, top, bottom = 0, 1, 0, 1
        return self.conv2d(F.pad(image, (left, right, top, bottom)))


class HalvedPadded(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(3, 8, kernel_size=3, stride=2, padding=1)

    def forward(self, image):
        return self.conv2d(image)


def load_keras_weights(conv2d, kernel, bias):
    """Keras's kernel is (height, width, in, out), PyTorch's weight (out, in, height, width)."""
    with torch.no_grad():
        conv2d.weight.copy_(torch.from_numpy(kernel).permute(3, 2, 0, 1))
        conv2d.bias.copy_(torch.from_numpy(bias))


def compute(model, input_name, weights_name):
    """The output for one picture, channels first."""
    load_keras_weights(model.conv2d, *load_weights(weights_name))
    picture = torch.from_numpy(load(input_name)).permute(2, 0, 1)
    with torch.no_grad():
        return model(picture[None])[0].numpy()


def channels_last(array):
    return array.transpose(1, 2, 0)


if __name__ == "__main__":
    save("relu_valid.pytorch", channels_last(compute(ReluValid(), "picture", "relu")))
    save("relu_padded.pytorch", channels_last(compute(ReluPadded(), "picture", "relu")))
    save("strided.pytorch", channels_last(compute(Strided(), "features", "strided")))
    save("sigmoid_channels_first.pytorch", compute(Sigmoid(), "grey", "sigmoid"))
    save("halved_same.pytorch", channels_last(compute(HalvedSame(), "picture", "halved")))
    save("halved_padded.pytorch", channels_last(compute(HalvedPadded(), "picture", "halved")))
