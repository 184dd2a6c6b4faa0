"""A layer of bench/layers.hcn by its name: conv_14x14x256_256_3x3, depthwise_56x56x144_3x3."""

import dataclasses
import re


@dataclasses.dataclass
class Layer:
    """Stride 1, padded so that the image keeps its size; a bias and a ReLU at the end."""
    name: str
    depthwise: bool
    height: int
    width: int
    channels: int
    filters: int
    window: int

    @property
    def kernel_shape(self):
        """As Halcyon and Keras have it, without the depthwise layers' multiplier of 1."""
        last = (self.channels,) if self.depthwise else (self.channels, self.filters)
        return (self.window, self.window, *last)


def layer_of(name):
    match = re.fullmatch(r"(?:conv_(\d+)x(\d+)x(\d+)_(\d+)|depthwise_(\d+)x(\d+)x(\d+))_(\d+)x\8", name)
    if not match:
        raise ValueError(f"{name} is no layer of stride 1 that its name describes")
    convolution, depthwise, window = match.group(1, 2, 3, 4), match.group(5, 6, 7), int(match[8])
    if match[5]:
        height, width, channels = map(int, depthwise)
        return Layer(name, True, height, width, channels, channels, window)
    return Layer(name, False, *map(int, convolution), window)
