#include <doctest/doctest.h>

#include "harness.h"

// Every window over every small image: where it goes and what it leaves, by formulas written here alone.

using namespace harness;

namespace {

/// One axis of a sliding window.
struct Axis {
    std::int64_t extent, size, stride, dilation;
    std::string padding;                 ///< "valid", "same", "causal" or "explicit"
    std::int64_t before = 0, after = 0;  ///< if explicit

    [[nodiscard]] std::int64_t reach() const { return (size - 1) * dilation + 1; }
};

struct Answer {
    std::int64_t extent = 0, before = 0, after = 0;
};

/// Counts the places where the window can stand, one step after the other.
Answer places(const Axis& axis, std::int64_t before, std::int64_t after) {
    Answer answer{0, before, after};
    for (std::int64_t at = -before; at + axis.reach() <= axis.extent + after; at += axis.stride) ++answer.extent;
    return answer;
}

/// "same" has as many places as there are steps from one end of the image to the other, and pads what they lack, the odd
/// element at the end; "causal" pads so that no place sees beyond the element that it is for.
Answer expected(const Axis& axis) {
    if (axis.padding == "valid") return places(axis, 0, 0);
    if (axis.padding == "causal") return places(axis, axis.reach() - 1, 0);
    if (axis.padding == "explicit") return places(axis, axis.before, axis.after);
    std::int64_t steps = 0;
    while (steps * axis.stride < axis.extent) ++steps;
    std::int64_t missing = 0;
    while ((steps - 1) * axis.stride + axis.reach() > axis.extent + missing) ++missing;
    return {steps, missing / 2, missing - missing / 2};
}

Value padding_value(const std::vector<Axis>& axes) {
    if (axes[0].padding != "explicit") return axes[0].padding;
    Sequence pads;
    for (const Axis& axis : axes) pads.push_back(Sequence{axis.before, axis.after});
    return axes.size() == 1 ? pads[0] : Value(pads);
}

Value each(const std::vector<Axis>& axes, std::int64_t Axis::* number) {
    Sequence numbers;
    for (const Axis& axis : axes) numbers.push_back(axis.*number);
    return numbers;
}

int checked = 0;
int refused = 0;

void check(const std::string& layer, const std::vector<Axis>& axes, std::int64_t channels) {
    const bool pool = layer.find("Pooling") != std::string::npos;
    Arguments arguments{{"strides", each(axes, &Axis::stride)}, {"padding", padding_value(axes)}};
    arguments[pool ? "pool_size" : "kernel_size"] = each(axes, &Axis::size);
    std::int64_t results = channels;
    if (!pool) arguments["dilation_rate"] = each(axes, &Axis::dilation);
    if (layer.starts_with("Conv")) {
        arguments["filters"] = results = 2 * channels;
        arguments["groups"] = channels % 3 == 0 ? 3 : 1;
    } else if (!pool) {
        arguments["depth_multiplier"] = std::int64_t{2};
        results = 2 * channels;
    }
    Shape image;
    Shape result;
    Window window;
    bool fits = true;
    for (const Axis& axis : axes) {
        const Answer answer = expected(axis);
        image.push_back(axis.extent);
        result.push_back(answer.extent);
        fits = fits && answer.extent > 0;
        window.size.push_back(axis.size);
        window.stride.push_back(axis.stride);
        window.dilation.push_back(axis.dilation);
        window.pad_before.push_back(answer.before);
        window.pad_after.push_back(answer.after);
    }
    image.push_back(channels);
    result.push_back(results);

    const Applied applied = apply(layer, arguments, {image});
    CAPTURE(layer);
    CAPTURE(to_text(image));
    for (const auto& [name, value] : arguments) INFO(name << "=" << to_text(value));
    ++checked;
    if (!fits) {
        ++refused;
        CHECK(applied.message().starts_with("E0303"));
        return;
    }
    REQUIRE(applied.message() == "");
    REQUIRE(applied.shape() == result);
    const Recorder lowered(applied, {image});
    REQUIRE(lowered.records.size() == 1);
    CHECK(lowered.records[0].operation.window == window);
    CHECK(lowered.records[0].shape == result);
}

}  // namespace

TEST_CASE("shapes and pads of every window over every small image are as counted") {
    for (std::int64_t extent = 1; extent <= 12; ++extent) {
        for (std::int64_t size = 1; size <= 7; ++size) {
            for (std::int64_t stride = 1; stride <= 3; ++stride) {
                for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
                    for (const std::string padding : {"valid", "same", "causal", "explicit"}) {
                        Axis axis{extent, size, stride, dilation, padding};
                        axis.before = (size - 1) / 2;
                        axis.after = axis.before * (extent % 2);
                        const std::int64_t channels = 1 + (extent + size + stride) % 5;
                        check("Conv1D", {axis}, channels);
                        if (padding == "causal") continue;
                        check("DepthwiseConv1D", {axis}, channels);
                        // The other axis has other numbers, so that none is taken for its neighbour.
                        Axis other{13 - extent, 8 - size, 4 - stride, 4 - dilation, padding};
                        other.before = (other.size - 1) / 2 / 2;
                        other.after = (other.size - 1) / 2;
                        check("Conv2D", {axis, other}, channels);
                        check("DepthwiseConv2D", {axis, other}, channels);
                        if (dilation != 1) continue;
                        other.dilation = 1;
                        check("MaxPooling1D", {axis}, channels);
                        check("AveragePooling1D", {axis}, channels);
                        check("MaxPooling2D", {axis, other}, channels);
                        check("AveragePooling2D", {axis, other}, channels);
                    }
                }
            }
        }
    }
    CHECK(checked > 10'000);
    CHECK(refused > 1'000);
    CHECK(refused < checked / 2);
}

TEST_CASE(
    "every transposed window leaves an image over which the window itself has as many places as it had elements") {
    for (std::int64_t extent = 1; extent <= 9; ++extent) {
        for (std::int64_t size = 1; size <= 7; ++size) {
            for (std::int64_t stride = 1; stride <= 3; ++stride) {
                for (std::int64_t dilation = 1; dilation <= (stride == 1 ? 3 : 1); ++dilation) {
                    for (const std::string padding : {"valid", "same"}) {
                        const Applied applied = apply("Conv2DTranspose",
                                                      {{"filters", 2},
                                                       {"kernel_size", Sequence{size, 8 - size}},
                                                       {"strides", stride},
                                                       {"dilation_rate", dilation},
                                                       {"padding", padding}},
                                                      {{extent, 10 - extent, 3}});
                        CAPTURE(extent);
                        CAPTURE(size);
                        CAPTURE(stride);
                        CAPTURE(dilation);
                        CAPTURE(padding);
                        REQUIRE(applied.message() == "");
                        const Recorder lowered(applied, {{extent, 10 - extent, 3}});
                        REQUIRE(lowered.records.size() == 1);
                        const Window& window = lowered.records[0].operation.window;
                        for (std::size_t i = 0; i < 2; ++i) {
                            const std::int64_t elements = i == 0 ? extent : 10 - extent;
                            const Axis axis{applied.shape()[i], i == 0 ? size : 8 - size, stride, dilation, padding};
                            const Answer back = expected(axis);
                            CHECK(back.extent == elements);
                            CHECK(window.pad_before[i] == back.before);
                            // All steps are kept, also those that a window smaller than a step leaves empty.
                            CHECK(axis.extent >= elements * stride);
                            const std::int64_t written = (elements - 1) * stride + axis.reach();
                            CHECK(axis.extent == written - window.pad_before[i] - window.pad_after[i]);
                        }
                    }
                }
            }
        }
    }
}
