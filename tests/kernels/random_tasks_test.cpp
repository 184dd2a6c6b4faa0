#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "kernels/references.h"

// Tasks, layouts and schedules drawn at random: sizes that no tile divides, one-pixel images, channels with gaps and in other
// orders, results over an operand's memory. Memory ends at unreadable pages, and what is between the elements must stay.

namespace halcyon::testing {
namespace {

struct RandomCase {
    Task task;
    Reference reference;  ///< null: the harness knows it
};

/// Everything about one case follows from its seed.
class Draw {
public:
    explicit Draw(unsigned seed) : generator_(seed) {}

    [[nodiscard]] std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(generator_() % static_cast<std::uint64_t>(n));
    }
    [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + below(most - least + 1);
    }
    [[nodiscard]] bool chance(int percent) { return below(100) < percent; }
    template <typename T>
    [[nodiscard]] T pick(std::initializer_list<T> list) {
        return list.begin()[below(static_cast<std::int64_t>(list.size()))];
    }

    [[nodiscard]] std::int64_t channels() { return pick<std::int64_t>({1, 2, 3, 4, 7, 8, 16, 17, 31, 33, 48}); }
    [[nodiscard]] std::int64_t extent() { return pick<std::int64_t>({1, 1, 2, 3, 4, 5, 7, 9, 13, 14, 19}); }
    /// [batch, spatial..., channels], mostly of two spatial axes.
    [[nodiscard]] Shape image() {
        Shape shape{chance(20) ? 2 : 1};
        for (std::int64_t rank = pick<std::int64_t>({1, 2, 2, 2, 2, 3}); rank > 0; --rank) shape.push_back(extent());
        shape.push_back(channels());
        return shape;
    }
    /// A window that fits into the image, if need be by padding.
    [[nodiscard]] Window window(const Shape& image, bool pool) {
        Window w;
        for (std::size_t axis = 1; axis + 1 < image.size(); ++axis) {
            const std::int64_t size = pick<std::int64_t>({1, 2, 3, 3, 3, 4, 5, 7});
            const std::int64_t dilation = chance(15) ? between(2, 3) : 1;
            const std::int64_t reach = (size - 1) * dilation + 1;
            // A pool's window must have something of the image in it, wherever it stands.
            std::int64_t before = below(pool ? std::min(size, image[axis]) : reach);
            std::int64_t after = below(pool ? std::min(size, image[axis]) : reach);
            const bool fits = image[axis] + before + after >= reach;
            w.size.push_back(fits ? size : 1);
            w.dilation.push_back(fits ? dilation : 1);
            w.stride.push_back(between(1, 3));
            w.pad_before.push_back(fits && (!pool || dilation == 1) ? before : 0);
            w.pad_after.push_back(fits && (!pool || dilation == 1) ? after : 0);
            if (image[axis] + w.pad_before.back() + w.pad_after.back() < (w.size.back() - 1) * w.dilation.back() + 1)
                w.size.back() = 1;
        }
        return w;
    }

private:
    std::mt19937_64 generator_;
};

RandomCase draw_convolution(Draw& draw) {
    Shape image = draw.image();
    std::int64_t groups = 1;
    std::int64_t filters = draw.channels();
    const int kind = static_cast<int>(draw.below(5));
    if (kind == 0) {  // depthwise
        groups = image.back();
        filters = groups * draw.pick<std::int64_t>({1, 1, 2, 3});
    } else if (kind == 1) {
        groups = draw.between(2, 4);
        image.back() = groups * draw.between(1, 9);
        filters = groups * draw.between(1, 9);
    }
    if (kind == 2 && draw.chance(70)) {  // of many rows, channels and filters: Strassen's
        image.back() = 2 * draw.between(32, 80);
        filters = draw.between(32, 90);
        image[1] = std::max<std::int64_t>(image[1], 16);
    }
    Window window = draw.window(image, false);
    const std::size_t rank = window.size.size();
    if (kind == 2)  // pointwise
        window = {Shape(rank, 1), Shape(rank, 1), Shape(rank, 1), Shape(rank, 0), Shape(rank, 0)};
    if (kind == 3 && rank == 2) {  // Winograd's
        image.back() = draw.between(8, 40);
        window = square_window(3, 1, draw.below(2), draw.below(2));
        image[1] = std::max<std::int64_t>(image[1], 3);
        image[2] = std::max<std::int64_t>(image[2], 3);
    }
    Task task = convolution_task(image, filters, window, groups);
    if (groups > 1 || rank > 2 || !draw.chance(25)) return {task, nullptr};
    Shape block;
    for (std::size_t axis = 0; axis < rank; ++axis)
        block.push_back(std::min(task.output.shape[axis + 1], draw.between(1, 2)));
    return {pooled_task(task, block), nullptr};
}

RandomCase draw_transposed(Draw& draw) {
    const Shape image = draw.image();
    Window window = draw.window(image, false);
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        if (window.stride[axis] > 1) window.dilation[axis] = 1;  // as Keras asks for
        const std::int64_t reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
        const std::int64_t whole = (image[axis + 1] - 1) * window.stride[axis] + reach;
        window.pad_before[axis] = draw.below(std::min(reach, whole));
        window.pad_after[axis] = draw.below(std::min(reach, whole - window.pad_before[axis]));
    }
    return {transposed_task(image, draw.channels(), window), scattered};
}

RandomCase draw_pool(Draw& draw) {
    const Shape image = draw.image();
    return {pool_task(draw.pick({Op::max_pool, Op::average_pool}), image, draw.window(image, true)), pooled};
}

RandomCase draw_dense(Draw& draw) {
    Shape rows{draw.chance(30) ? draw.between(2, 9) : 1};
    rows.push_back(draw.pick<std::int64_t>({1, 3, 17, 33, 100, 130}));
    return {dense_task(rows, draw.channels()), nullptr};
}

RandomCase draw_reduction(Draw& draw) {
    const Shape image = draw.image();
    std::vector<int> axes;
    for (int axis = 0; axis + 1 < static_cast<int>(image.size()); ++axis) {
        if (draw.chance(60)) axes.push_back(axis);
    }
    if (axes.empty()) axes.push_back(0);
    const Op op = draw.pick({Op::reduce_mean, Op::reduce_max, Op::reduce_min, Op::reduce_sum});
    return {reduce_task(op, image, axes, draw.chance(50)), reduced};
}

RandomCase draw_softmax(Draw& draw) {
    const Shape image = draw.image();
    return {softmax_task(image, static_cast<int>(draw.below(static_cast<std::int64_t>(image.size()) - 1))), softmaxed};
}

RandomCase draw_pad(Draw& draw) {
    const Shape image = draw.image();
    Shape before, after;
    for (std::size_t axis = 1; axis < image.size(); ++axis) {
        before.push_back(draw.below(4));
        after.push_back(draw.below(4));
    }
    return {pad_task(image, before, after, draw.pick({0.0, -1.5})), padded};
}

RandomCase draw_resize(Draw& draw) {
    const Shape image = draw.image();
    Shape result = image;
    for (std::size_t axis = 1; axis + 1 < image.size(); ++axis) result[axis] = draw.extent();
    return {resize_task(draw.pick({Op::resize_nearest, Op::resize_bilinear}), image, result), resized};
}

RandomCase draw_elementwise(Draw& draw) {
    Task task = streaming_task(Op::elementwise, draw.image(), {});
    task.output.shape = task.inputs[0].shape;
    TensorType other = task.inputs[0];
    for (std::int64_t& extent : other.shape) extent = draw.chance(30) ? 1 : extent;
    task.inputs.push_back(other);
    task.operand_count = 2;
    task.constants = {{task.output.shape.back()}};
    const ScalarExpr x = ScalarExpr::input(0), y = ScalarExpr::input(1), c = ScalarExpr::constant(0);
    task.epilogue = draw.pick({x + y * c, max(x * c, y), x - y});
    if (task.epilogue == x - y) task.constants.clear();
    return {task, nullptr};
}

/// A bias, an activation, something added.
void add_epilogue(Task& task, Draw& draw) {
    if (task.operation.op == Op::elementwise) return;
    ScalarExpr value = ScalarExpr::input(0);
    if (draw.chance(50)) {
        value = value + ScalarExpr::constant(static_cast<int>(task.constants.size()));
        task.constants.push_back({task.output.shape.back()});
    }
    if (draw.chance(40)) {
        task.inputs.push_back({ElementType::float32, task.output.shape});
        if (draw.chance(20)) task.inputs.back().shape[1] = 1;
        value = value + ScalarExpr::input(1);
    }
    if (draw.chance(50)) value = max(value, 0.0);
    task.epilogue = value;
}

/// Axes in their order or with the channels first, and perhaps gaps between them.
Layout draw_layout(const Shape& shape, Draw& draw) {
    std::vector<int> order;
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) order.push_back(axis);
    if (draw.chance(20) && order.size() > 2) std::rotate(order.begin() + 1, order.end() - 1, order.end());
    Shape room = shape;
    if (draw.chance(30)) room[static_cast<std::size_t>(order.back())] += draw.between(1, 9);
    if (draw.chance(10)) room[static_cast<std::size_t>(order[order.size() / 2])] += 1;
    return layout_in_order(room, order);
}

Candidate draw_layouts(const Task& task, Draw& draw) {
    Candidate layouts;
    for (const TensorType& input : task.inputs) layouts.inputs.push_back(draw_layout(input.shape, draw));
    layouts.output = draw_layout(task.output.shape, draw);
    const std::size_t last = task.inputs.size() - 1;
    const bool elementwise = task.operation.op == Op::elementwise;
    const bool over = task.inputs[last].shape == task.output.shape &&
                      (elementwise || task.inputs.size() > static_cast<std::size_t>(task.operand_count));
    if (over && draw.chance(60)) {
        layouts.in_place = static_cast<int>(last);
        layouts.output = layouts.inputs[last];
    }
    return layouts;
}

/// A schedule of one of the families that can compute the task in these layouts; none if no family can.
std::optional<Candidate> draw_candidate(const Task& task, const Candidate& layouts, Draw& draw) {
    std::vector<const KernelFamily*> families;
    for (const KernelFamily* family : kernel_family_table()) {
        if (family->matches(task, host()) && family->accepts(task, layouts)) families.push_back(family);
    }
    while (!families.empty()) {
        const auto chosen = families.begin() + draw.below(static_cast<std::int64_t>(families.size()));
        const std::vector<Candidate> all = candidates(**chosen, task, layouts, host());
        if (!all.empty()) return all[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(all.size())))];
        families.erase(chosen);
    }
    return std::nullopt;
}

RandomCase draw_case(Draw& draw) {
    constexpr RandomCase (*kinds[])(Draw&) = {draw_convolution, draw_convolution, draw_convolution, draw_convolution,
                                              draw_transposed,  draw_pool,        draw_dense,       draw_reduction,
                                              draw_softmax,     draw_pad,         draw_resize,      draw_elementwise};
    RandomCase drawn = kinds[draw.below(std::size(kinds))](draw);
    add_epilogue(drawn.task, draw);
    if (draw.chance(20) && drawn.task.operation.op != Op::elementwise) {
        drawn.task.inputs[0].element = draw.pick({ElementType::uint8, ElementType::int8});
        drawn.task.prologue = ScalarExpr::input(0) * (1.0 / 64) - 1.0;
    }
    if (draw.chance(15)) drawn.task.threads = 3;
    return drawn;
}

struct Tally {
    std::map<std::string_view, int> by_family;
    int in_place = 0;
    int with_gaps = 0;
};

void check_random_task(unsigned seed, Tally& tally) {
    Draw draw(seed);
    const RandomCase drawn = draw_case(draw);
    const Task& task = drawn.task;
    CAPTURE(seed);
    CAPTURE(to_text(task));
    Candidate layouts = draw_layouts(task, draw);
    std::optional<Candidate> candidate = draw_candidate(task, layouts, draw);
    if (!candidate) candidate = draw_candidate(task, layouts = dense_layouts(task), draw);
    REQUIRE(candidate.has_value());
    CAPTURE(to_text(*candidate, task));

    const KernelFamily& family = *find_kernel_family(candidate->family);
    const Operands operands = random_operands(task, seed);
    const Array expected = reference_result(task, operands, drawn.reference);
    CompiledCase compiled(task, *candidate);
    const double most = family.error_bound == nullptr ? 1e-5 : std::max(1e-5, family.error_bound(task, *candidate));
    CHECK(relative_error(compiled.run(operands), expected) < most);
    ++tally.by_family[family.name];
    tally.in_place += layouts.in_place >= 0 ? 1 : 0;
    tally.with_gaps += is_dense(layouts.output, task.output.shape) ? 0 : 1;
}

Tally check_random_tasks(unsigned first, unsigned count) {
    Tally tally;
    for (unsigned seed = first; seed < first + count; ++seed) check_random_task(seed, tally);
    for (const KernelFamily* family : kernel_family_table()) {
        CAPTURE(family->name);
        CHECK(tally.by_family[family->name] > 0);
    }
    return tally;
}

}  // namespace

TEST_CASE("what is drawn has one-pixel images and awkward channels, read and written") {
    std::map<std::int64_t, int> read, written;
    int one_pixel = 0;
    for (unsigned seed = 1; seed <= 100; ++seed) {
        Draw draw(seed);
        const Task task = draw_case(draw).task;
        const Shape& image = task.inputs[0].shape;
        ++read[image.back()];
        ++written[task.output.shape.back()];
        one_pixel += image.size() > 2 && std::all_of(image.begin() + 1, image.end() - 1, [](auto n) { return n == 1; });
    }
    CHECK(one_pixel >= 5);
    for (const std::int64_t channels : {1, 3, 17, 33}) {
        CAPTURE(channels);
        CHECK(read[channels] >= 3);
        CHECK(written[channels] >= 3);
    }
}

TEST_CASE("a hundred tasks drawn at random compute what they should, and write nothing else") {
    const Tally tally = check_random_tasks(1, 100);
    CHECK(tally.in_place >= 5);
    CHECK(tally.with_gaps >= 20);
}

TEST_CASE("a thousand further tasks drawn at random" * doctest::skip()) {
    check_random_tasks(1001, 1000);
}

}  // namespace halcyon::testing
