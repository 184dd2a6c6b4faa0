"""Windows over images, so chosen that every pair (or every triple) of the values below meets in one of them: `cover(seed, 2)`
always gives the same list of layers, and `specs` puts them into specs of many layers each, so that few processes compile many
kernels.
"""

import itertools
import random

FACTORS = {
    "layer": ("Conv1D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "MaxPooling2D",
              "AveragePooling2D"),
    "height": (1, 2, 5, 8, 13, 17),
    "width": (1, 3, 6, 9, 14),
    "kernel": (1, 2, 3, 4, 5, 6, 7),
    "strides": (1, 2, 3),
    "dilation": (1, 2, 3),
    "padding": ("valid", "same", "one", "uneven"),
    "channels": (1, 3, 8, 17, 33),
    "filters": (1, 2, 16, 19),
    "groups": ("one", "two", "most"),
    "activation": ("linear", "relu"),
}
NAMES = tuple(FACTORS)


class Layer:
    """One choice of values as a layer on an image of (height, width, channels)."""

    def __init__(self, values):
        self.values = values
        chosen = dict(zip(NAMES, values))
        self.name = chosen["layer"]
        pool = "Pooling" in self.name
        self.transposed = "Transpose" in self.name
        self.channels = chosen["channels"]
        self.axes = ("height",) if self.name == "Conv1D" else ("height", "width")
        self.extents = tuple(chosen[axis] for axis in self.axes)
        kernel, self.strides = chosen["kernel"], chosen["strides"]
        # The other axis has another size.
        self.sizes = tuple((kernel + i - 1) % 7 + 1 for i in range(len(self.axes)))
        self.dilation = 1 if pool else chosen["dilation"]
        self.padding = chosen["padding"]
        self.groups = 1
        if self.name.startswith("Conv") and not self.transposed and chosen["groups"] != "one":
            divisors = [n for n in range(2, self.channels + 1) if self.channels % n == 0]
            if divisors:
                self.groups = divisors[0] if chosen["groups"] == "two" else divisors[-1]
        arguments = []
        if self.name in ("Conv1D", "Conv2D", "SeparableConv2D", "Conv2DTranspose"):
            arguments.append(str(self.groups * -(-chosen["filters"] // self.groups)))
        arguments += [self.tuple_of(self.sizes), f"strides={self.strides}", f"padding={self.written_padding(pool)}"]
        if self.dilation != 1:
            arguments.append(f"dilation_rate={self.dilation}")
        if self.groups != 1:
            arguments.append(f"groups={self.groups}")
        if not pool:
            arguments += [f'activation="{chosen["activation"]}"', "bias_initializer=RandomNormal(stddev=0.5)"]
        if self.name in ("DepthwiseConv2D", "SeparableConv2D") and chosen["filters"] == 2:
            arguments.append("depth_multiplier=2")
        self.text = f"{self.name}({', '.join(arguments)})"

    @staticmethod
    def tuple_of(numbers):
        return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"

    def pads(self):
        """(before, after) of each axis, explicitly; a pool's window must have something of the image in it."""
        if self.padding == "one":
            return tuple((min(1, size // 2),) * 2 for size in self.sizes)
        return tuple((size // 3, size // 2) for size in self.sizes)

    def written_padding(self, pool):
        if self.padding in ("valid", "same"):
            return f'"{self.padding}"'
        pads = tuple(map(str, self.pads()))
        return pads[0] if len(pads) == 1 else f"({', '.join(pads)})"

    def fits(self):
        """Whether something comes out, and no pool's window stands beside the image."""
        pool = "Pooling" in self.name
        for extent, size, pad in zip(self.extents, self.sizes, self.pads()):
            reach = (size - 1) * self.dilation + 1
            if self.transposed:
                if self.padding in ("one", "uneven") and (extent - 1) * self.strides + reach <= sum(pad):
                    return False
                continue
            if self.padding == "same":
                continue
            room = extent + (0 if self.padding == "valid" else sum(pad))
            if room < reach or (pool and self.padding != "valid" and max(pad) >= min(size, extent + 1)):
                return False
        # What Keras refuses.
        if self.strides > 1 and self.dilation > 1:
            return False
        return True


def meetings(values, strength):
    return {tuple((i, values[i]) for i in places) for places in itertools.combinations(range(len(NAMES)), strength)}


def cover(seed, strength):
    """Layers in which every combination of that many values occurs, unless no layer can have it."""
    choice = random.Random(seed)
    choices = [FACTORS[name] for name in NAMES]
    combinations = [
        tuple(zip(places, values))
        for places in itertools.combinations(range(len(NAMES)), strength)
        for values in itertools.product(*(choices[i] for i in places))
    ]
    choice.shuffle(combinations)
    missing = set(combinations)
    layers = []
    for wanted in combinations:
        if wanted not in missing:
            continue
        # Of several layers that have it the one that has most of the others, too.
        best, most = None, 0
        for _ in range(30 if strength == 2 else 6):
            values = [choice.choice(values) for values in choices]
            for place, value in wanted:
                values[place] = value
            layer = Layer(tuple(values))
            new = len(meetings(layer.values, strength) & missing) if layer.fits() else 0
            if new > most:
                best, most = layer, new
        if best:
            layers.append(best)
            missing -= meetings(best.values, strength)
    return layers


def specs(layers, layers_each):
    """The layers in specs of so many each: (text, how many)."""
    for begin in range(0, len(layers), layers_each):
        part = layers[begin:begin + layers_each]
        doors = {}
        for layer in part:
            shape = (*layer.extents, layer.channels)
            doors.setdefault("image_" + "x".join(map(str, shape)), shape)
        parameters = ", ".join(f"{name}: float32[{', '.join(map(str, shape))}]" for name, shape in doors.items())
        lines = [f"def net({parameters}):", "    return {"]
        for i, layer in enumerate(part):
            door = "image_" + "x".join(map(str, (*layer.extents, layer.channels)))
            lines.append(f'        "out{begin + i}": {layer.text}({door}),')
        yield "\n".join([*lines, "    }", ""]), len(part)
