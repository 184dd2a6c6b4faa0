#include "layers/common/sliding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::size_t axes = 3;
using Three = std::array<std::int64_t, axes>;

/// The last three spatial axes; those that are missing in front get the value.
Three three(const std::vector<std::int64_t>& values, std::size_t rank, std::int64_t missing) {
    CHECK_INTERNAL(rank <= axes && values.size() >= rank);
    Three result;
    result.fill(missing);
    std::copy_n(values.begin(), rank, result.end() - static_cast<std::ptrdiff_t>(rank));
    return result;
}

/// One window over one image, as if both had three spatial axes.
struct Sliding {
    Three in, out, size, stride, dilation, before, after;
    std::int64_t channels;

    Sliding(const Array& input, const Window& window, const Array& output) {
        const std::size_t rank = window.size.size();
        in = three(input.shape(), rank, 1);
        out = three(output.shape(), rank, 1);
        size = three(window.size, rank, 1);
        stride = three(window.stride, rank, 1);
        dilation = three(window.dilation, rank, 1);
        before = three(window.pad_before, rank, 0);
        after = three(window.pad_after, rank, 0);
        channels = input.shape().back();
    }
};

/// Calls f(z, y, x) for every place of a box.
template <typename F>
void each(const Three& extents, F f) {
    for (std::int64_t z = 0; z < extents[0]; ++z) {
        for (std::int64_t y = 0; y < extents[1]; ++y) {
            for (std::int64_t x = 0; x < extents[2]; ++x) f(Three{z, y, x});
        }
    }
}

/// The input with its zeros written out, so that the inner loops have no borders.
std::vector<double> padded(const Array& input, Sliding& s) {
    Three whole;
    for (std::size_t i = 0; i < axes; ++i) whole[i] = s.in[i] + s.before[i] + s.after[i];
    std::vector<double> result(static_cast<std::size_t>(whole[0] * whole[1] * whole[2] * s.channels), 0.0);
    each({s.in[0], s.in[1], 1}, [&](const Three& at) {
        const std::int64_t from = (at[0] * s.in[1] + at[1]) * s.in[2] * s.channels;
        const std::int64_t row = (at[0] + s.before[0]) * whole[1] + at[1] + s.before[1];
        std::copy_n(input.values().begin() + from, s.in[2] * s.channels,
                    result.begin() + (row * whole[2] + s.before[2]) * s.channels);
    });
    s.in = whole;
    return result;
}

constexpr std::int64_t block = 8;  // filters at a time: a multiple of every vector's width, and they fit into registers

/// [tap][channel][block] of `count` filters from `first` on, zeros for those beyond.
std::vector<double> packed(const Array& kernel, std::int64_t first, std::int64_t count) {
    const std::int64_t filters = kernel.shape().back();
    const std::int64_t rows = kernel.size() / filters;
    std::vector<double> result(static_cast<std::size_t>(rows * block), 0.0);
    for (std::int64_t row = 0; row < rows; ++row) {
        std::copy_n(kernel.values().begin() + row * filters + first, count, result.begin() + row * block);
    }
    return result;
}

}  // namespace

void convolve(const Array& input, const Array& kernel, const Window& window, std::int64_t groups, Array& output) {
    Sliding s(input, window, output);
    const std::vector<double> image = padded(input, s);
    const std::int64_t filters = output.shape().back();
    const std::int64_t group_filters = filters / groups;
    const std::int64_t group_channels = s.channels / groups;
    for (std::int64_t filter = 0; filter < filters;) {
        const std::int64_t group = filter / group_filters;
        const std::int64_t count = std::min(block, (group + 1) * group_filters - filter);
        const std::vector<double> weights = packed(kernel, filter, count);
        double* out = output.values().data() + filter;
        each(s.out, [&](const Three& place) {
            double sum[block] = {};
            const double* weight = weights.data();
            each(s.size, [&](const Three& tap) {
                std::int64_t pixel = 0;
                for (std::size_t i = 0; i < axes; ++i) {
                    pixel = pixel * s.in[i] + place[i] * s.stride[i] + tap[i] * s.dilation[i];
                }
                const double* x = image.data() + pixel * s.channels + group * group_channels;
                for (std::int64_t c = 0; c < group_channels; ++c, weight += block) {
                    for (std::int64_t f = 0; f < block; ++f) sum[f] += x[c] * weight[f];
                }
            });
            std::copy_n(sum, count, out);
            out += filters;
        });
        filter += count;
    }
}

void convolve_transposed(const Array& input, const Array& kernel, const Window& window, Array& output) {
    const Sliding s(input, window, output);
    const std::int64_t filters = output.shape().back();
    const double* x = input.values().data();
    each(s.in, [&](const Three& place) {
        const double* weight = kernel.values().data();
        each(s.size, [&](const Three& tap) {
            const double* weights = weight;
            weight += filters * s.channels;
            std::int64_t pixel = 0;
            for (std::size_t i = 0; i < axes; ++i) {
                const std::int64_t at = place[i] * s.stride[i] + tap[i] * s.dilation[i] - s.before[i];
                if (at < 0 || at >= s.out[i]) return;
                pixel = pixel * s.out[i] + at;
            }
            double* out = output.values().data() + pixel * filters;
            for (std::int64_t f = 0; f < filters; ++f) {
                for (std::int64_t c = 0; c < s.channels; ++c) out[f] += x[c] * weights[f * s.channels + c];
            }
        });
        x += s.channels;
    });
}

void pool(Pool kind, const Array& input, const Window& window, Array& output) {
    const Sliding s(input, window, output);
    double* out = output.values().data();
    each(s.out, [&](const Three& place) {
        const std::span<double> result(out, static_cast<std::size_t>(s.channels));
        std::fill(result.begin(), result.end(), kind == Pool::max ? -std::numeric_limits<double>::infinity() : 0.0);
        std::int64_t inside = 0;
        each(s.size, [&](const Three& tap) {
            std::int64_t pixel = 0;
            for (std::size_t i = 0; i < axes; ++i) {
                const std::int64_t at = place[i] * s.stride[i] + tap[i] * s.dilation[i] - s.before[i];
                if (at < 0 || at >= s.in[i]) return;
                pixel = pixel * s.in[i] + at;
            }
            ++inside;
            const double* x = input.values().data() + pixel * s.channels;
            for (double& r : result) {
                if (kind == Pool::average)
                    r += *x;
                else if (*x > r || std::isnan(*x))
                    r = *x;
                ++x;
            }
        });
        CHECK_INTERNAL(inside > 0);
        if (kind == Pool::average) {
            for (double& r : result) r /= static_cast<double>(inside);
        }
        out += s.channels;
    });
}

}  // namespace halcyon
