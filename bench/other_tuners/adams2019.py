"""Schedules one layer with Adams2019, the autoscheduler that comes with Halide, and compiles it.

    adams2019.py LAYER FOLDER ALGORITHM [PARAMETER=VALUE...]

ALGORITHM is `direct`, or `winograd`: tiles of 2x2 results, for weights that are already transformed. Written into FOLDER: layer.h and
layer.a, for adams2019.h. The parameters are Adams2019's own.
"""

import os
import pathlib
import sys

import halide as hl
from layer import layer_of

c, x, y = hl.Var("c"), hl.Var("x"), hl.Var("y")


def describe(dimension_of, extents):
    """Dense, innermost first, and so large."""
    stride = 1
    for number, extent in enumerate(extents):
        dimension = dimension_of(number)
        dimension.set_bounds(0, extent)
        dimension.set_stride(stride)
        stride *= extent


def parameter(name, extents):
    buffer = hl.ImageParam(hl.Float(32), len(extents), name)
    describe(buffer.dim, extents)
    buffer.set_estimates([hl.Range(0, extent) for extent in extents])
    return buffer


def direct_sums(layer, padded, kernel, bias):
    sums = hl.Func("sums")
    edge = layer.window // 2
    sums[c, x, y] = bias[c]
    if layer.depthwise:
        window = hl.RDom([(0, layer.window), (0, layer.window)], "window")
        sums[c, x, y] += kernel[c, window.x, window.y] * padded[c, x + window.x - edge, y + window.y - edge]
    else:
        window = hl.RDom([(0, layer.channels), (0, layer.window), (0, layer.window)], "window")
        sums[c, x, y] += (kernel[c, window.x, window.y, window.z] *
                          padded[window.x, x + window.y - edge, y + window.z - edge])
    return lambda c, x, y: sums[c, x, y]


def pick(index, values):
    """The value that `index` says; a loop over it that is unrolled leaves one."""
    picked = values[-1]
    for number, value in reversed(list(enumerate(values[:-1]))):
        picked = hl.select(index == number, value, picked)
    return picked


def winograd_sums(layer, padded, kernel, bias):
    """Products of 4x4 points, each for all tiles, between transforms of tiles, first along x and then along y."""
    i, j, tx, ty = (hl.Var(name) for name in ("i", "j", "tx", "ty"))
    half, transformed, product, half_back = (hl.Func(name) for name in ("half", "transformed", "product", "half_back"))

    def forth(d):
        return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]

    def back(m):
        return [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
    half[c, i, j, tx, ty] = pick(i, forth([padded[c, 2 * tx + k - 1, 2 * ty + j - 1] for k in range(4)]))
    transformed[c, i, j, tx, ty] = pick(j, forth([half[c, i, k, tx, ty] for k in range(4)]))
    channels = hl.RDom([(0, layer.channels)], "channels")
    product[c, i, j, tx, ty] = 0.0
    product[c, i, j, tx, ty] += kernel[c, channels, i, j] * transformed[channels, i, j, tx, ty]
    half_back[c, i, j, tx, ty] = pick(i, back([product[c, k, j, tx, ty] for k in range(4)]))
    return lambda c, x, y: bias[c] + pick(y % 2, back([half_back[c, x % 2, k, x / 2, y / 2] for k in range(4)]))


def algorithm(layer, is_winograd):
    """The result and the arguments. Halide names the innermost dimension first."""
    extents = (layer.channels, layer.width, layer.height)
    image, bias = parameter("image", extents), parameter("bias", (layer.filters,))
    kernel = parameter("kernel", (layer.filters, layer.channels, 4, 4) if is_winograd else layer.kernel_shape[::-1])
    padded = hl.BoundaryConditions.constant_exterior(image, 0.0, [(0, extent) for extent in extents])
    sums = (winograd_sums if is_winograd else direct_sums)(layer, padded if layer.window > 1 else image, kernel, bias)
    result = hl.Func("result")
    result[c, x, y] = hl.max(sums(c, x, y), 0.0)
    extents = (layer.filters, layer.width, layer.height)
    describe(result.output_buffer().dim, extents)
    result.set_estimates([hl.Range(0, extent) for extent in extents])
    return result, [image, kernel, bias]


def main():
    layer, folder = layer_of(sys.argv[1]), pathlib.Path(sys.argv[2])
    parameters = {"parallelism": "1", **dict(word.split("=", 1) for word in sys.argv[4:])}
    hl.load_plugin(os.path.join(os.path.dirname(hl.__file__), "lib64", "libautoschedule_adams2019.so"))
    result, arguments = algorithm(layer, sys.argv[3] == "winograd")
    pipeline = hl.Pipeline(result)
    target = hl.get_host_target()
    pipeline.apply_autoscheduler(target, hl.AutoschedulerParams("Adams2019", parameters))
    for feature in (hl.TargetFeature.NoAsserts, hl.TargetFeature.NoBoundsQuery):
        target = target.with_feature(feature)
    pipeline.compile_to({hl.OutputFileType.c_header: str(folder / "layer.h"),
                         hl.OutputFileType.static_library: str(folder / "layer.a")}, arguments, "layer", target)


if __name__ == "__main__":
    main()
