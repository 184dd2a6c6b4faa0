"""Sigmoid as a module of PyTorch, written by Halcyon from conv2d.hcn.

    model = Sigmoid()
    model.load_weights("sigmoid.safetensors")
    model.eval()
    output = model(input)

Input input: float32 (N, 1, 28, 28): the spec's float32[28, 28, 1] with channels first.
Output output: float32 (N, 128, 26, 26): the spec's float32[26, 26, 128] with channels first.

The spec speaks Keras's language, with channels last. What is different here:

- Conv2D: the kernel (height, width, in / groups, out) is a weight (out, in / groups, height, width).
"""

import torch
from safetensors.torch import load_file
from torch import nn


def from_keras(weight, module):
    """A weight as Keras lays it out, as PyTorch does."""
    if isinstance(module, nn.Conv2d) and weight.dim() > 1:
        # (window..., in / groups, out) -> (out, in / groups, window...)
        return weight.permute(-1, -2, *range(weight.dim() - 2))
    return weight


class Sigmoid(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(1, 128, 3)
        self.sigmoid = nn.Sigmoid()
        self.reset_parameters()

    def forward(self, input):
        return self.sigmoid(self.conv2d(input))

    @torch.no_grad()
    def reset_parameters(self):
        """What the spec's initializers say, which are Keras's."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def load_weights(self, file):
        """Reads a safetensors file in which Halcyon has the weights: LAYER/WEIGHT, in Keras's layouts."""
        names = {
            nn.Conv2d: {"weight": "kernel", "bias": "bias"},
        }
        tensors = load_file(file)
        state = {}
        for path, module in self.named_modules():
            for parameter, weight in names.get(type(module), {}).items():
                name = f"{path}/{weight}"
                if name in tensors:
                    state[f"{path}.{parameter}"] = from_keras(tensors[name], module)
        self.load_state_dict(state)
