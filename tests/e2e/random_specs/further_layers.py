"""Steps of the generator: transposed convolutions, resized images, adaptive pools, dot products, joint softmax."""

import math


def transposed_convolution(g):
    value = g.picture()
    if not value:
        return None
    tail = []
    size, _, shape = g.data_format(value, tail)
    axes = range(g.rank)
    kernel, strides, dilation = g.extents(1, 5), g.extents(1, 3), [1] * g.rank
    if g.chance(0.2):
        strides, dilation = [1] * g.rank, g.extents(1, 3)
    reach = [(kernel[i] - 1) * dilation[i] + 1 for i in axes]
    further = [g.random.randrange(stride) for stride in strides] if g.chance(0.4) else None
    padding = g.pick('"valid"', '"same"', '"same"', "explicit")
    if padding == '"valid"':
        after = [further[i] if further else max(strides[i] - reach[i], 0) for i in axes]
        spatial = [(size[i] - 1) * strides[i] + reach[i] + after[i] for i in axes]
    elif padding == '"same"':
        spatial = [(size[i] - 1) * strides[i] + (reach[i] % 2 + further[i] if further else strides[i]) for i in axes]
    else:
        pads, padding = g.explicit_padding([(each - 1) // 2 for each in reach])
        after = further or [0] * g.rank
        spatial = [(size[i] - 1) * strides[i] + reach[i] - sum(pads[i]) + after[i] for i in axes]
    if min(spatial) < 1:
        return None
    filters = g.random.choice(g.channels)
    arguments = [str(filters), g.written(kernel), f"strides={g.written(strides)}", f"padding={padding}"]
    if further:
        arguments.append(f"output_padding={g.written(further)}")
    if dilation != [1] * g.rank:
        arguments.append(f"dilation_rate={g.written(dilation)}")
    return g.convolved(f"Conv{g.rank}DTranspose", [*arguments, *tail], value, shape(spatial, filters))


def resize(g):
    value = g.image()
    if not value:
        return None
    g.rank, arguments = 2, []
    size, channels, shape = g.data_format(value, arguments)
    wanted = [g.random.randint(1, 2 * g.extent) for _ in range(2)]
    layer = g.pick("Resizing", "Resizing", "CenterCrop", "UpSampling2D")
    if layer == "UpSampling2D":
        factors = g.extents(1, 3)
        wanted = [extent * factor for extent, factor in zip(size, factors)]
        arguments = [g.written(factors), 'interpolation="bilinear"', *arguments]
    else:
        if layer == "Resizing":
            arguments += [f'interpolation="{g.pick("nearest", "bilinear")}"']
            arguments += g.pick([], ["crop_to_aspect_ratio=True"])
        arguments = [*map(str, wanted), *arguments]
    if math.prod(wanted) * channels > g.max_elements:
        return None
    return g.apply(layer, arguments, value, shape(wanted, channels), value.size)


def adaptive_pool(g):
    value = g.picture()
    if not value:
        return None
    arguments = []
    size, channels, shape = g.data_format(value, arguments)
    wanted = [g.random.randint(1, extent) for extent in size]
    layer = g.pick("AdaptiveAveragePooling", "AdaptiveMaxPooling")
    return g.apply(f"{layer}{g.rank}D", [g.written(wanted), *arguments], value, shape(wanted, channels), value.size)


def softmax_over_several(g):
    value = g.recent(lambda value: len(value.shape) > 1 and value.size <= 12)
    if not value:
        return None
    axes = g.random.sample(range(1, len(value.shape) + 1), g.random.randint(2, len(value.shape)))
    return g.apply("Softmax", [f"axis=({', '.join(map(str, axes))})"], value, value.shape, 1.0)


def dot(g):
    value = g.recent(lambda value: value.size <= 12)
    if not value:
        return None
    pairs = [(other, i, j) for other in g.values for i, mine in enumerate(value.shape)
             for j, extent in enumerate(other.shape) if mine == extent and other.size <= 12]
    other, i, j = g.random.choice(pairs)
    shape = (*value.shape[:i], *value.shape[i + 1:], *other.shape[:j], *other.shape[j + 1:])
    products = math.prod(shape) * value.shape[i]
    if products > 4 * g.max_elements or len(shape) > 4:
        return None
    size = value.size * other.size * value.shape[i]
    return g.emit(f"Dot(({i + 1}, {j + 1}))([{value.name}, {other.name}])", shape or (1,), size)


STEPS = (transposed_convolution, transposed_convolution, resize, adaptive_pool, softmax_over_several, dot)
