"""Random specs that use every layer: `Spec(seed, steps, extent)` always gives the same text for the same arguments.

Shapes are computed here as Keras documents them, independently of the compiler, so a wrong shape is found as well.
"""

import math
import random

import further_layers

ACTIVATIONS = ("linear relu relu6 leaky_relu elu selu gelu sigmoid hard_sigmoid silu hard_silu tanh exponential "
               "softplus softsign mish softmax").split()
# Their errors are relative to what goes in, however large it is.
HOMOGENEOUS = ("linear", "relu", "leaky_relu")
CHANNELS = (1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 24, 33)
WIDE_CHANNELS = (*CHANNELS, 32, 40, 47, 64, 65, 96)
# Beyond that, functions that do not scale with their input would turn rounding into large errors.
MAX_SIZE = 12.0

SPATIAL_DROPOUT = {2: ("SpatialDropout1D(0.2)",), 3: ("SpatialDropout2D(0.3)",)}
RANDOM_BIAS = "bias_initializer=RandomNormal(stddev=0.5)"


class Value:
    """A tensor of the spec: its name, its shape, and roughly how large its elements get."""

    def __init__(self, name, shape, size):
        self.name, self.shape, self.size = name, shape, size

    @property
    def elements(self):
        return math.prod(self.shape)


class Generator:
    def __init__(self, seed, extent):
        self.random = random.Random(seed)
        self.extent = extent
        self.max_elements = 30 * extent * extent
        self.channels = CHANNELS if extent <= 16 else WIDE_CHANNELS
        self.lines = []
        self.inputs = []
        self.values = []
        self.count = 0

    # Choices.

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, *choices):
        return self.random.choice(choices)

    def recent(self, accepts=lambda value: True):
        """One of the values, the newest most likely; None if none is acceptable."""
        good = [value for value in self.values if accepts(value)]
        if not good:
            return None
        return good[-1] if self.chance(0.6) else self.random.choice(good)

    def image(self):
        return self.recent(lambda value: len(value.shape) == 3)

    def picture(self):
        """An image or a sequence; self.rank says which."""
        value = self.recent(lambda value: len(value.shape) in (2, 3))
        if value:
            self.rank = len(value.shape) - 1
        return value

    def activation(self, size):
        names = ACTIVATIONS if size <= MAX_SIZE else HOMOGENEOUS
        name = self.random.choice(names)
        return "relu" if name == "exponential" and size > 4 else name

    # Emission.

    def emit(self, text, shape, size):
        name = f"t{self.count}"
        self.count += 1
        self.lines.append(f"{name} = {text}")
        self.values.append(Value(name, tuple(shape), size))
        return self.values[-1]

    def apply(self, layer, arguments, value, shape, size):
        return self.emit(f"{layer}({', '.join(arguments)})({value.name})", shape, size)

    @staticmethod
    def after(activation, size):
        if activation in ("sigmoid", "hard_sigmoid", "tanh", "softsign", "softmax"):
            return 1.0
        return math.exp(size) if activation == "exponential" else size + 1

    # Windows, of one or two axes.

    def extents(self, low, high):
        """A number for each axis, often the same."""
        numbers = [self.random.randint(low, high) for _ in range(self.rank)]
        return [numbers[0]] * self.rank if self.chance(0.4) else numbers

    def written(self, numbers):
        if self.rank == 1 or (numbers[0] == numbers[1] and self.chance(0.5)):
            return str(numbers[0])
        return f"({numbers[0]}, {numbers[1]})"

    def window(self, size, largest, dilated, pool):
        """(arguments, extents of the result) of a window over something of that size, or None if it does not fit."""
        axes = range(self.rank)
        kernel, strides, dilation = self.extents(1, largest), [1] * self.rank, [1] * self.rank
        if dilated and self.chance(0.2):
            dilation = self.extents(1, 3)
        elif self.chance(0.5):
            strides = self.extents(1, 3)
        reach = [(kernel[i] - 1) * dilation[i] + 1 for i in axes]
        pads = [(0, 0)] * self.rank
        padding = self.pick('"valid"', '"same"', '"same"', "explicit")
        if padding == '"same"':
            for i in axes:
                missing = max(0, (-(-size[i] // strides[i]) - 1) * strides[i] + reach[i] - size[i])
                pads[i] = (missing // 2, missing - missing // 2)
        elif padding == "explicit":
            # A window of a pool must have something of the image in it.
            limit = [(kernel[i] - 1) // 2 if pool else reach[i] for i in axes]
            pads, padding = self.explicit_padding(limit)
        if any(size[i] + sum(pads[i]) < reach[i] for i in axes):
            return None
        spatial = [(size[i] + sum(pads[i]) - reach[i]) // strides[i] + 1 for i in axes]
        arguments = [self.written(kernel)]
        if strides != [1] * self.rank or pool:
            arguments.append(f"strides={self.written(strides)}")
        if padding != '"valid"':
            arguments.append(f"padding={padding}")
        if dilation != [1] * self.rank:
            arguments.append(f"dilation_rate={self.written(dilation)}")
        return arguments, spatial

    def explicit_padding(self, limit):
        """([(before, after), ...], how that is written), up to a limit for each axis."""
        kind = self.random.randrange(3)
        if kind == 0:
            n = self.random.randint(0, min(limit))
            return [(n, n)] * self.rank, str(n)
        if self.rank == 2 and kind == 1:
            n = [self.random.randint(0, most) for most in limit]
            return [(each, each) for each in n], f"({n[0]}, {n[1]})"
        pads = [(self.random.randint(0, most), self.random.randint(0, most)) for most in limit]
        return pads, str(pads[0]) if self.rank == 1 else f"({pads[0]}, {pads[1]})"

    def data_format(self, value, arguments):
        """(extents of the image, channels, how to make a shape), sometimes with the channels first."""
        if self.chance(0.15):
            arguments.append('data_format="channels_first"')
            return value.shape[1:], value.shape[0], lambda spatial, channels: (channels, *spatial)
        return value.shape[:-1], value.shape[-1], lambda spatial, channels: (*spatial, channels)

    # Layers: each adds a value, or nothing where its arguments do not suit.

    def conv(self):
        return self.convolution(self.pick("Conv", "Conv", "Conv", "SeparableConv"))

    def depthwise(self):
        return self.convolution("DepthwiseConv")

    def convolution(self, kind):
        value = self.picture()
        if not value:
            return None
        tail = []
        size, channels, shape = self.data_format(value, tail)
        found = self.window(size, 7 if max(size) > 6 else 3, True, False)
        if not found:
            return None
        arguments, spatial = found
        if kind == "Conv":
            divisors = [g for g in range(1, channels + 1) if channels % g == 0]
            groups = self.random.choice(divisors) if self.chance(0.3) else 1
            filters = groups * self.random.randint(1, 4) if groups > 1 else self.random.choice(self.channels)
            if groups > 1:
                tail.append(f"groups={groups}")
        else:
            multiplier = self.pick(1, 1, 1, 2, 3)
            filters = channels * multiplier if kind == "DepthwiseConv" else self.random.choice(self.channels)
            if multiplier > 1:
                tail.append(f"depth_multiplier={multiplier}")
        if kind != "DepthwiseConv":
            arguments.insert(0, str(filters))
        return self.convolved(f"{kind}{self.rank}D", [*arguments, *tail], value, shape(spatial, filters))

    def convolved(self, layer, arguments, value, shape):
        if math.prod(shape) > self.max_elements:
            return None
        size = 2 * value.size
        activation = self.activation(size)
        if activation != "linear":
            arguments.append(f'activation="{activation}"')
        arguments.append("use_bias=False" if self.chance(0.3) else RANDOM_BIAS)
        return self.apply(layer, arguments, value, shape, self.after(activation, size))

    def dense(self):
        value = self.recent()
        units = self.pick(1, 2, 3, 5, 8, 10, 16, 17, 31, 40)
        return self.convolved("Dense", [str(units)], value, (*value.shape[:-1], units))

    def batch_normalization(self):
        value = self.recent()
        arguments = [f"axis={axis}"] if (axis := self.pick(-1, -1, 1)) == 1 else []
        if self.chance(0.2):
            arguments.append("epsilon=0.01")
        arguments += ["scale=False"] if self.chance(0.2) else ["gamma_initializer=RandomUniform(-1.5, 1.5)"]
        arguments += ["center=False"] if self.chance(0.2) else ["beta_initializer=RandomNormal(stddev=0.5)"]
        arguments += ["moving_mean_initializer=RandomNormal(stddev=0.5)",
                      "moving_variance_initializer=RandomUniform(0.5, 1.5)"]
        return self.apply("BatchNormalization", arguments, value, value.shape, 2 * value.size + 1)

    def pool(self):
        value = self.picture()
        if not value:
            return None
        arguments = []
        size, channels, shape = self.data_format(value, arguments)
        found = self.window(size, 4, False, True)
        if not found:
            return None
        window, spatial = found
        layer = self.pick("MaxPooling", "AveragePooling")
        return self.apply(f"{layer}{self.rank}D", [*window, *arguments], value, shape(spatial, channels), value.size)

    def global_pool(self):
        value = self.picture()
        if not value:
            return None
        arguments = []
        _, channels, shape = self.data_format(value, arguments)
        result = (channels,)
        if self.chance(0.5):
            arguments.append("keepdims=True")
            result = shape((1,) * self.rank, channels)
        layer = self.pick("GlobalAveragePooling", "GlobalMaxPooling")
        return self.apply(f"{layer}{self.rank}D", arguments, value, result, value.size)

    def zero_padding(self):
        value = self.picture()
        if not value:
            return None
        arguments = []
        size, channels, shape = self.data_format(value, arguments)
        pads, text = self.explicit_padding([3] * self.rank)
        spatial = [extent + sum(pad) for extent, pad in zip(size, pads)]
        if math.prod(spatial) * channels > self.max_elements:
            return None
        return self.apply(f"ZeroPadding{self.rank}D", [text, *arguments], value, shape(spatial, channels), value.size)

    def cropping(self):
        value = self.picture()
        if not value:
            return None
        arguments = []
        # Cropping1D has no data_format.
        size, channels, shape = self.data_format(value, arguments) if self.rank == 2 else (
            value.shape[:-1], value.shape[-1], lambda spatial, channels: (*spatial, channels))
        pads, text = self.explicit_padding([(extent - 1) // 2 for extent in size])
        spatial = [extent - sum(pad) for extent, pad in zip(size, pads)]
        return self.apply(f"Cropping{self.rank}D", [text, *arguments], value, shape(spatial, channels), value.size)

    def upsampling(self):
        value = self.picture()
        if not value:
            return None
        factors = self.extents(1, 3)
        arguments = [self.written(factors)]
        size, channels, shape = self.data_format(value, arguments) if self.rank == 2 else (
            value.shape[:-1], value.shape[-1], lambda spatial, channels: (*spatial, channels))
        spatial = [extent * factor for extent, factor in zip(size, factors)]
        if math.prod(spatial) * channels > self.max_elements:
            return None
        return self.apply(f"UpSampling{self.rank}D", arguments, value, shape(spatial, channels), value.size)

    def part(self):
        value = self.recent()
        indices, shape = [], []
        for extent in value.shape:
            low, step = self.random.randrange(extent), self.pick(1, 1, 2, 3)
            high = self.random.randint(low + 1, extent)
            text = self.pick(":", "::-1", f"{low}:{high}", f"{low}:{high}:{step}", f"{low - extent}::{step}",
                             f"{high - 1}::-{step}", f"{low}")
            indices.append(text)
            if ":" in text:
                bounds = [int(bound) if bound else None for bound in text.split(":")]
                shape.append(len(range(extent)[slice(*bounds)]))
        if not shape:
            return None
        return self.emit(f"{value.name}[:, {', '.join(indices)}]", tuple(shape), value.size)

    def operation(self):
        """Of keras.ops."""
        value = self.recent(lambda value: value.size <= MAX_SIZE)
        if not value:
            return None
        x, shape = value.name, value.shape
        if self.chance(0.5):
            text, size = self.pick(("ops.clip({0}, -1.5, 2)", 2), ("ops.abs({0})", value.size),
                                   ("ops.log(2 + ops.square({0}))", 1 + value.size), ("ops.maximum({0}, 0.25)", value.size))
            return self.emit(text.format(x), shape, size)
        if self.chance(0.3):
            pads = [(self.pick(0, 0, 1, 2), self.pick(0, 0, 1)) for _ in shape]
            padded = tuple(extent + sum(pad) for extent, pad in zip(shape, pads))
            if math.prod(padded) > self.max_elements:
                return None
            return self.emit(f"ops.pad({x}, ((0, 0), {', '.join(map(str, pads))}), constant_values={self.pick(0, 1.5)})",
                             padded, max(value.size, 1.5))
        axes = sorted(self.random.sample(range(len(shape)), self.random.randint(1, len(shape))))
        keep = len(axes) == len(shape) or self.chance(0.5)
        name = self.pick("mean", "max", "min", "sum")
        size = value.size * (math.prod(shape[axis] for axis in axes) if name == "sum" else 1)
        reduced = tuple(1 if axis in axes else extent for axis, extent in enumerate(shape) if keep or axis not in axes)
        if name in ("mean", "sum"):
            # Numbers of both signs cancel, and few digits of what little is left would be exact.
            x = f"ops.abs({x})"
        return self.emit(f"ops.{name}({x}, axis={[axis + 1 for axis in axes]}, keepdims={keep})", reduced, size)

    def normalization(self):
        """Layers that compute mean and deviation themselves, which large numbers would drown in rounding."""
        value = self.recent(lambda value: value.size <= MAX_SIZE)
        if not value:
            return None
        axes = self.random.sample(range(1, len(value.shape) + 1), self.random.randint(1, len(value.shape)))
        axis = f"axis=({', '.join(map(str, axes))},)"
        trained = ["gamma_initializer=RandomUniform(-1.5, 1.5)", "beta_initializer=RandomNormal(stddev=0.5)"]
        layer = self.pick("LayerNormalization", "GroupNormalization", "Normalization", "UnitNormalization",
                          "RMSNormalization")
        if layer == "LayerNormalization":
            return self.apply(layer, [*([axis] if self.chance(0.6) else []), *trained], value, value.shape, 4.0)
        if layer == "GroupNormalization":
            axis = self.pick(-1, 1)
            channels = value.shape[-1 if axis == -1 else 0]
            groups = self.pick(-1, *(n for n in range(1, channels + 1) if channels % n == 0))
            return self.apply(layer, [str(groups), f"axis={axis}", *trained], value, value.shape, 4.0)
        if layer == "Normalization":
            arguments = [axis] if self.chance(0.5) else ["mean=0.5, variance=2", "invert=True"][:self.pick(1, 2)]
            return self.apply(layer, arguments, value, value.shape, 2 * value.size + 1)
        # Where all are zero but for rounding, that rounding would be made as long as 1.
        value = self.emit(f"Sigmoid()({value.name})", value.shape, 1.0)
        return self.apply(layer, [axis] if layer == "UnitNormalization" else [], value, value.shape, 2.0)

    def arithmetic(self):
        """Quotients and powers, away from what they have no value for."""
        value = self.recent(lambda value: value.size <= MAX_SIZE)
        if not value:
            return None
        text = self.pick("{0} ** 2", "{0} ** 3", "1 / (1 + {0} ** 2)", "{0} / (2 + Tanh()({0}))",
                         "(1 + {0} ** 2) ** 0.5", "(1 + {0} ** 2) ** -0.7")
        size = value.size ** 3 + 1 if text == "{0} ** 3" else value.size ** 2 + 1
        return self.emit(text.format(value.name), value.shape, size)

    def repeat_vector(self):
        value = self.recent(lambda value: len(value.shape) == 1)
        count = self.random.randint(1, 9)
        if not value or value.elements * count > self.max_elements:
            return None
        return self.apply("RepeatVector", [str(count)], value, (count, value.elements), value.size)

    def prelu(self):
        value = self.recent()
        axes = [axis + 1 for axis in range(len(value.shape)) if self.chance(0.4)]
        arguments = ["alpha_initializer=RandomUniform(-0.5, 0.5)"]
        if axes:
            arguments.append(f"shared_axes=({', '.join(map(str, axes))},)")
        return self.apply("PReLU", arguments, value, value.shape, value.size)

    def merge_several(self):
        """Of layers that take more than two."""
        value = self.recent()
        same = [other for other in self.values if other.shape == value.shape]
        parts = [self.random.choice(same) for _ in range(self.random.randint(1, 4))]
        layer = self.pick("Average", "Maximum", "Minimum", "Add")
        names = ", ".join(part.name for part in parts)
        return self.emit(f"{layer}()([{names}])", value.shape, sum(part.size for part in parts))

    def permute(self):
        value = self.recent(lambda value: len(value.shape) > 1)
        if not value:
            return None
        order = list(range(len(value.shape)))
        self.random.shuffle(order)
        text = "(" + ", ".join(str(axis + 1) for axis in order) + ")"
        return self.apply("Permute", [text], value, [value.shape[axis] for axis in order], value.size)

    def reshape(self):
        value = self.recent()
        shape, rest = [], value.elements
        for _ in range(self.random.randint(0, 2)):
            factor = self.random.choice([n for n in range(1, rest + 1) if rest % n == 0])
            shape.append(factor)
            rest //= factor
        shape.append(rest)
        self.random.shuffle(shape)
        written = list(shape)
        if self.chance(0.4):
            written[self.random.randrange(len(written))] = -1
        return self.apply("Reshape", [f"({', '.join(map(str, written))},)"], value, shape, value.size)

    def flatten(self):
        value = self.recent()
        return self.apply("Flatten", ['data_format="channels_first"'] if self.chance(0.2) else [], value,
                          (value.elements,), value.size)

    def concatenate(self):
        value = self.recent()
        axis = self.random.randrange(len(value.shape))
        others = [other for other in self.values if len(other.shape) == len(value.shape) and
                  all(a == b for i, (a, b) in enumerate(zip(other.shape, value.shape)) if i != axis)]
        parts = [value, *(self.random.choice(others) for _ in range(self.random.randint(0, 3)))]
        self.random.shuffle(parts)
        shape = list(value.shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        if math.prod(shape) > self.max_elements:
            return None
        written = axis + 1 if self.chance(0.5) else axis - len(shape)
        names = ", ".join(part.name for part in parts)
        return self.emit(f"Concatenate(axis={written})([{names}])", shape, max(part.size for part in parts))

    def merge(self):
        value = self.recent()

        def broadcast(a, b):
            a, b = [(1,) * (max(len(a), len(b)) - len(s)) + tuple(s) for s in (a, b)]
            if any(x != y and 1 not in (x, y) for x, y in zip(a, b)):
                return None
            return tuple(max(x, y) for x, y in zip(a, b))

        other = self.recent(lambda other: broadcast(value.shape, other.shape) is not None)
        shape = broadcast(value.shape, other.shape)
        if math.prod(shape) > self.max_elements:
            return None
        kind = self.pick("Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum", "+", "*", "-")
        size = value.size * other.size if kind in ("Multiply", "*") else value.size + other.size
        if size > 1e6:
            return None
        pair = [value.name, other.name]
        self.random.shuffle(pair)
        if kind in "+-*":
            return self.emit(f"{pair[0]} {kind} {pair[1]}", shape, size)
        return self.emit(f"{kind}()([{pair[0]}, {pair[1]}])", shape, size)

    def elementwise(self):
        value = self.recent()
        choices = ["Activation", "LeakyReLU(negative_slope=0.1)", "ReLU", "Linear()", "Rescaling", "training only"]
        if value.size <= MAX_SIZE:
            choices += ["ELU(0.7)", "Gelu()", "Gelu(approximate=True)", "HardSigmoid()", "HardSilu()", "Mish()",
                        "Relu6()", "Selu()", "Sigmoid()", "Silu()", "Softplus()", "Softsign()", "Tanh()", "Softmax"]
        if value.size <= 4:
            choices.append("Exponential()")
        layer = self.random.choice(choices)
        size = value.size + 1
        if layer == "training only":
            layer = self.pick("Dropout(0.3)", "AlphaDropout(0.2)", "GaussianDropout(0.1)", "GaussianNoise(0.5)",
                              "ActivityRegularization(0.1)", "Identity()", *SPATIAL_DROPOUT.get(len(value.shape), ()))
        if layer == "Activation":
            layer = f'Activation("{self.activation(value.size)}")'
        elif layer == "ReLU":
            layer = self.pick("ReLU()", "ReLU(6)", "ReLU(negative_slope=0.2)", "ReLU(2, 0.1, 0.5)")
        elif layer == "Softmax":
            layer = f"Softmax({self.pick(-1, self.random.randint(1, len(value.shape)))})"
            size = 1.0
        elif layer == "Rescaling":
            if self.chance(0.7):
                layer = f"Rescaling({self.pick('2', '0.5', '-1.5')}, {self.pick('0', '-1', '0.25')})"
            else:
                numbers = [", ".join(f"{self.random.uniform(-1, 1):.3f}" for _ in range(value.shape[-1])) for _ in "ab"]
                layer = f"Rescaling(({numbers[0]},), ({numbers[1]},))" if value.shape[-1] <= 8 else "Rescaling(2, 1)"
            size = 2 * value.size + 1
        return self.emit(f"{layer}({value.name})", value.shape, math.exp(size) if "xponential" in layer else size)

    # Blocks, as networks have them.

    def residual(self):
        value = self.image()
        if not value:
            return None
        x = value
        for _ in range(self.random.randint(1, 2)):
            arguments = [str(value.shape[2]), str(self.random.randint(1, 4)), 'padding="same"', RANDOM_BIAS]
            x = self.apply("Conv2D", arguments, x, value.shape, 2 * x.size)
        if self.chance(0.5):
            arguments = ["moving_variance_initializer=RandomUniform(0.5, 1.5)"]
            x = self.apply("BatchNormalization", arguments, x, x.shape, 2 * x.size)
        x = self.emit(f"{x.name} + {value.name}" if self.chance(0.5) else f"Add()([{value.name}, {x.name}])",
                      value.shape, x.size + value.size)
        return self.emit(f"ReLU()({x.name})", x.shape, x.size) if self.chance(0.7) else x

    def squeeze_and_excite(self):
        value = self.image()
        if not value or value.size > MAX_SIZE:
            return None
        channels = value.shape[2]
        if self.chance(0.5):
            s = self.apply("GlobalAveragePooling2D", ["keepdims=True"], value, (1, 1, channels), value.size)
            s = self.apply("Conv2D", ["3", "1", 'activation="relu"', RANDOM_BIAS], s, (1, 1, 3), 2 * s.size)
            s = self.apply("Conv2D", [str(channels), "1", 'activation="sigmoid"'], s, (1, 1, channels), 1.0)
        else:
            s = self.apply("GlobalMaxPooling2D", [], value, (channels,), value.size)
            s = self.apply("Dense", ["3", 'activation="silu"', RANDOM_BIAS], s, (3,), 2 * s.size)
            s = self.apply("Dense", [str(channels), 'activation="hard_sigmoid"'], s, (channels,), 1.0)
            if self.chance(0.5):
                s = self.apply("Reshape", [f"(1, 1, {channels})"], s, (1, 1, channels), 1.0)
        return self.emit(f"Multiply()([{value.name}, {s.name}])", value.shape, value.size)

    def dense_block(self):
        value = self.image()
        if not value or value.elements > self.max_elements / 4:
            return None
        growth = self.random.randint(1, 9)
        for _ in range(self.random.randint(2, 3)):
            arguments = [str(growth), self.pick("1", "3"), 'padding="same"', 'activation="relu"', RANDOM_BIAS]
            new = self.apply("Conv2D", arguments, value, (*value.shape[:2], growth), 2 * value.size)
            pair = [value, new] if self.chance(0.8) else [new, value]
            value = self.emit(f"Concatenate()([{pair[0].name}, {pair[1].name}])",
                              (*value.shape[:2], value.shape[2] + growth), new.size)
        return value

    def shared(self):
        value = self.image()
        if not value:
            return None
        arguments = ["4", self.pick("1", "2", "3"), 'padding="same"', RANDOM_BIAS]
        self.lines.append(f"shared{self.count} = Conv2D({', '.join(arguments)})")
        layer = f"shared{self.count}"
        others = [other for other in self.values if len(other.shape) == 3 and other.shape[2] == value.shape[2]]
        for each in (value, self.random.choice(others)):
            result = self.emit(f"{layer}({each.name})", (*each.shape[:2], 4), 2 * each.size)
        return result

    def door(self):
        kind = self.pick("float32", "float32", "float32", "uint8", "int8", "float16", "bfloat16")
        rank = self.pick(1, 2, 2, 3, 3, 3, 3, 3)
        shape = [self.random.randint(1, self.extent) for _ in range(rank - 1)] + [self.random.choice(self.channels)]
        if rank == 3 and self.chance(0.2):
            shape = [shape[2], shape[0], shape[1]]
        size = {"uint8": 255.0, "int8": 128.0, "bfloat16": 4.0}.get(kind, 1.0)
        value = Value(f"in{len(self.inputs)}", tuple(shape), size)
        self.inputs.append((value.name, kind, value.shape))
        self.values.append(value)
        if kind in ("uint8", "int8") and self.chance(0.7):
            self.emit(f"Rescaling({'1 / 127.5, -1' if kind == 'uint8' else '1 / 128'})({value.name})", shape, 1.0)

    STEPS = (conv, conv, conv, depthwise, depthwise, dense, batch_normalization, pool, pool, global_pool, zero_padding,
             cropping, upsampling, part, part, operation, operation, normalization, normalization, arithmetic,
             repeat_vector, prelu, permute, reshape, flatten, concatenate, concatenate, merge, merge, merge_several,
             elementwise, elementwise, elementwise, residual, squeeze_and_excite, dense_block, shared,
             *further_layers.STEPS)

    def text(self, steps):
        for _ in range(self.pick(1, 1, 1, 2, 3)):
            self.door()
        done = 0
        while done < steps:
            done += self.random.choice(self.STEPS)(self) is not None
        outputs = [self.values[-1]]
        while self.chance(0.4):
            outputs.append(self.random.choice(self.values))
        doors = ", ".join(f"{name}: {kind}[{', '.join(map(str, shape))}]" for name, kind, shape in self.inputs)
        results = ", ".join(f'"out{i}": {value.name}' for i, value in enumerate(outputs))
        self.outputs = [value.shape for value in outputs]
        lines = [f"def net({doors}):", *(f"    {line}" for line in self.lines), f"    return {{{results}}}"]
        return "\n".join(lines) + "\n"


class Spec:
    """The text of a spec, its inputs (name, type, shape) and the shapes of its outputs."""

    def __init__(self, seed, steps, extent):
        generator = Generator(seed, extent)
        self.text = generator.text(steps)
        self.inputs, self.outputs = generator.inputs, generator.outputs
