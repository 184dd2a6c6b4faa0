#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_window.h"

namespace halcyon::importers {
namespace {

struct Pool {
    OnnxImage image;
    OnnxWindow window;
    Shape shape;
    std::vector<std::int64_t> over;  ///< how far the last window reaches beyond image and padding
};

Pool pool_of(OnnxCall& call) {
    Pool pool{image_of(call), {}, {}, {}};
    const auto kernel = call.integers("kernel_shape");
    if (!kernel || kernel->size() + 2 != pool.image.shape.size()) throw Refused{"its kernel does not fit the image"};
    pool.window = window_of(call, pool.image.shape, *kernel);
    const bool ceil = call.integer("ceil_mode", 0) != 0;
    pool.shape = {pool.image.shape[0], pool.image.shape[1]};
    for (std::size_t i = 0; i < pool.window.rank(); ++i) {
        const std::int64_t extent = pool.image.shape[i + 2], places = places_of(pool.window, i, extent, ceil);
        pool.shape.push_back(places);
        const std::int64_t reach =
            (places - 1) * pool.window.strides[i] + (pool.window.kernel[i] - 1) * pool.window.dilations[i] + 1;
        pool.over.push_back(std::max<std::int64_t>(reach - extent - pool.window.before[i] - pool.window.after[i], 0));
    }
    return pool;
}

int pool_layer(OnnxCall& call, std::string_view type, const OnnxWindow& window, const Shape& image, int id) {
    return call.builder.layer(with_rank(type, window.rank()),
                              {{"pool_size", shape_argument(window.kernel)},
                               {"strides", shape_argument(window.strides)},
                               {"padding", padding_of(window, image)}},
                              {id});
}

void give(OnnxCall& call, const Pool& pool, int id) {
    call.give(call.builder.made(id, pool.shape, pool.image.order, call.input(0)));
}

/// Of a dilated window, which Keras's pools do not have: along each axis of the image the elements that it takes, as slices, and
/// what `join` makes of these. Beyond the image there is `outside`.
int over_window(OnnxCall& call, const Pool& pool, int id, double outside, std::string_view join) {
    OnnxBuilder& builder = call.builder;
    const OnnxWindow& window = pool.window;
    constexpr std::int64_t most_taps = 64;
    const Value::Sequence none{Value(0), Value(0)};
    Value::Sequence around{Value(none)};
    bool padded = false;
    for (std::size_t i = 0; i < window.rank(); ++i) {
        if (window.kernel[i] > most_taps) throw Refused{"its window is dilated, and larger than 64"};
        around.emplace_back(Value::Sequence{Value(window.before[i]), Value(window.after[i] + pool.over[i])});
        padded = padded || window.before[i] + window.after[i] + pool.over[i] > 0;
    }
    around.emplace_back(none);
    if (padded) {
        OnnxBuilder::Arguments arguments{{"pad_width", Value(around)}};
        if (outside != 0.0) arguments.emplace_back("constant_values", Value(outside));
        id = builder.layer("Pad", arguments, {id});
    }
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const std::int64_t reach = (pool.shape[i + 2] - 1) * window.strides[i] + 1;
        std::vector<int> taps;
        for (std::int64_t tap = 0; tap < window.kernel[i]; ++tap) {
            const std::int64_t begin = tap * window.dilations[i];
            std::string text = ":";
            for (std::size_t axis = 0; axis < i; ++axis) text += ", :";
            text += fmt::format(", {}:{}", begin, begin + reach);
            if (window.strides[i] > 1) text += fmt::format(":{}", window.strides[i]);
            taps.push_back(builder.slice(id, text));
        }
        id = taps.size() == 1 ? taps[0] : builder.layer(join, {}, taps);
    }
    return id;
}

/// How many elements a dilated window takes along an axis at each place; all of them where the padding counts, but for what lies
/// beyond that.
Array taken(const Pool& pool, std::size_t axis, bool count_padding) {
    const OnnxWindow& window = pool.window;
    const std::int64_t extent = pool.image.shape[axis + 2];
    const std::int64_t first = count_padding ? -window.before[axis] : 0,
                       end = count_padding ? extent + window.after[axis] : extent;
    Array counts(Shape{pool.shape[axis + 2]});
    for (std::int64_t place = 0; place < counts.size(); ++place) {
        for (std::int64_t tap = 0; tap < window.kernel[axis]; ++tap) {
            const std::int64_t at = place * window.strides[axis] + tap * window.dilations[axis] - window.before[axis];
            if (at >= first && at < end) counts[place] += 1.0;
        }
    }
    return counts;
}

int dilated_average(OnnxCall& call, const Pool& pool) {
    OnnxBuilder& builder = call.builder;
    int id = over_window(call, pool, pool.image.id, 0.0, "Add");
    double all = 1.0;
    for (std::size_t i = 0; i < pool.window.rank(); ++i) {
        Array counts = taken(pool, i, call.integer("count_include_pad", 0) != 0);
        if (is_uniform(counts)) {
            all *= counts[0];
            continue;
        }
        for (double& count : counts.values()) count = 1.0 / count;
        Shape shape(pool.window.rank() - i + 1, 1);
        shape[0] = counts.size();
        id = builder.layer("Affine", {{"scale", shape_argument(shape)}}, {id});
        builder.weight("scale", counts.reshaped(shape));
    }
    return all == 1.0 ? id : builder.arithmetic('/', id, all);
}

void import_max(OnnxCall& call) {
    if (call.integer("storage_order", 0) != 0) throw Refused{"it stores columns first"};
    Pool pool = pool_of(call);
    constexpr double lowest = std::numeric_limits<float>::lowest();
    if (pool.window.dilated()) return give(call, pool, over_window(call, pool, pool.image.id, lowest, "Maximum"));
    // Padding is never the largest.
    for (std::size_t i = 0; i < pool.window.rank(); ++i) pool.window.after[i] += pool.over[i];
    give(call, pool, pool_layer(call, "MaxPooling", pool.window, pool.image.shape, pool.image.id));
}

/// The image with zeros round it, which then count.
int with_zeros(OnnxCall& call, Pool& pool) {
    OnnxWindow& window = pool.window;
    int id = pool.image.id;
    if (window.padded()) {
        Value::Sequence pairs;
        for (std::size_t i = 0; i < window.rank(); ++i)
            pairs.emplace_back(Value::Sequence{Value(window.before[i]), Value(window.after[i])});
        const Value padding = window.rank() == 1 ? pairs[0] : Value(pairs);
        id = call.builder.layer(with_rank("ZeroPadding", window.rank()), {{"padding", padding}}, {id});
        for (std::size_t i = 0; i < window.rank(); ++i) pool.image.shape[i + 2] += window.before[i] + window.after[i];
    }
    window.before.assign(window.rank(), 0);
    window.after = pool.over;
    return id;
}

void import_average(OnnxCall& call) {
    Pool pool = pool_of(call);
    if (pool.window.dilated()) return give(call, pool, dilated_average(call, pool));
    int id = pool.image.id;
    if (call.integer("count_include_pad", 0) != 0) {
        id = with_zeros(call, pool);
    } else {
        for (std::size_t i = 0; i < pool.window.rank(); ++i) pool.window.after[i] += pool.over[i];
    }
    give(call, pool, pool_layer(call, "AveragePooling", pool.window, pool.image.shape, id));
}

/// The p-th root of a sum of p-th powers; the sum is the mean with zeros counted, times the size of the window.
void import_lp(OnnxCall& call) {
    Pool pool = pool_of(call);
    const auto p = static_cast<double>(call.integer("p", 2));
    if (!(p >= 1.0)) throw Refused{fmt::format("its p is {}", p)};
    for (std::size_t i = 0; i < pool.window.rank(); ++i) pool.window.after[i] += pool.over[i];
    pool.over.assign(pool.over.size(), 0);
    const bool dilated = pool.window.dilated();
    int id = dilated ? pool.image.id : with_zeros(call, pool);
    if (std::fmod(p, 2.0) != 0.0) id = call.builder.layer("Absolute", {}, {id});
    if (p != 1.0) id = call.builder.arithmetic('p', id, p);
    if (dilated) {
        id = over_window(call, pool, id, 0.0, "Add");
    } else {
        id = pool_layer(call, "AveragePooling", pool.window, pool.image.shape, id);
        double count = 1.0;
        for (std::int64_t extent : pool.window.kernel) count *= static_cast<double>(extent);
        id = call.builder.arithmetic('*', id, count);
    }
    if (p != 1.0) id = call.builder.arithmetic('p', id, 1.0 / p);
    give(call, pool, id);
}

void give_global(OnnxCall& call, const OnnxImage& image, int id) {
    Shape shape(image.shape.size(), 1);
    shape[0] = image.shape[0];
    shape[1] = image.shape[1];
    const std::vector<int> order = call.feeds_image ? image.order : std::vector<int>{1};
    call.give(call.builder.made(id, shape, order, call.input(0)));
}

int global_layer(OnnxCall& call, std::string_view type, const OnnxImage& image, int id) {
    return call.builder.layer(with_rank(type, image.order.size() - 1), {{"keepdims", Value(call.feeds_image)}}, {id});
}

template <bool largest>
void import_global(OnnxCall& call) {
    const OnnxImage image = image_of(call);
    give_global(call, image,
                global_layer(call, largest ? "GlobalMaxPooling" : "GlobalAveragePooling", image, image.id));
}

void import_global_lp(OnnxCall& call) {
    const OnnxImage image = image_of(call);
    const auto p = static_cast<double>(call.integer("p", 2));
    if (!(p >= 1.0)) throw Refused{fmt::format("its p is {}", p)};
    int id = image.id;
    if (std::fmod(p, 2.0) != 0.0) id = call.builder.layer("Absolute", {}, {id});
    if (p != 1.0) id = call.builder.arithmetic('p', id, p);
    id = global_layer(call, "GlobalAveragePooling", image, id);
    double count = 1.0;
    for (std::size_t i = 2; i < image.shape.size(); ++i) count *= static_cast<double>(image.shape[i]);
    id = call.builder.arithmetic('*', id, count);
    if (p != 1.0) id = call.builder.arithmetic('p', id, 1.0 / p);
    give_global(call, image, id);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_pools() {
    static const std::vector<OnnxOperator> table = {
        {"MaxPool", import_max},
        {"AveragePool", import_average},
        {"LpPool", import_lp},
        {"GlobalAveragePool", import_global<false>},
        {"GlobalMaxPool", import_global<true>},
        {"GlobalLpPool", import_global_lp},
    };
    return table;
}

}  // namespace halcyon::importers
