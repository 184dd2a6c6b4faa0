#include "schedule/choose.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "kernels/estimate.h"

namespace halcyon::testing {
namespace {

TargetInfo target() {
    std::string why;
    return *find_target("x86-64-v4", why);
}

/// A max pool of 2x2 with strides 2.
Task pool_task() {
    Task task;
    task.operation = {.op = Op::max_pool, .window = {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}};
    task.inputs = {{ElementType::float32, {1, 8, 8, 32}}};
    task.operand_count = 1;
    task.output = {ElementType::float32, {1, 4, 4, 32}};
    return task;
}

/// One of ResNet-50's.
Task convolution_task() {
    Task task;
    task.operation = {.op = Op::convolution, .window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
    task.inputs = {{ElementType::float32, {1, 28, 28, 128}}};
    task.operand_count = 1;
    task.output = task.inputs[0];
    task.constants = {{3, 3, 128, 128}};
    return task;
}

Candidate dense_layouts(const Task& task) {
    Candidate layouts;
    for (const TensorType& input : task.inputs) layouts.inputs.push_back(dense_layout(input.shape));
    layouts.output = dense_layout(task.output.shape);
    return layouts;
}

/// The choice for the pool when its entry holds `candidate`.
struct Choosing {
    explicit Choosing(const std::string& candidate, int in_place = -1) {
        const std::string text =
            "halcyon-schedules 1\ntarget x86-64-v4\n" + to_text(pool_task()) + " {\n    " + candidate + "\n}\n";
        const Schedules schedules = Schedules::parse(sources, sources.add("net.hcs", text), diag);
        Candidate layouts = dense_layouts(pool_task());
        layouts.in_place = in_place;
        choice = choose_candidate(pool_task(), layouts, target(), schedules, diag);
    }
    [[nodiscard]] std::string errors() const { return render(diag, sources); }

    Sources sources;
    Diagnostics diag;
    std::optional<Choice> choice;
};

}  // namespace

TEST_CASE("where bytes of packed constants have a price, the fastest kernel gives way to one that takes fewer") {
    const Task task = convolution_task();
    const Candidate layouts = dense_layouts(task);
    Diagnostics diag;
    const auto fastest = choose_candidate(task, layouts, target(), {}, diag);
    const auto smallest = choose_candidate(task, layouts, target(), {}, diag, default_max_error, {}, 1e-3);
    REQUIRE((fastest && smallest));
    CHECK(smallest->bytes == element_count(task.constants[0]) * 4);
    CHECK(fastest->bytes > smallest->bytes);
    CHECK(fastest->cost < smallest->cost);
    // Both are among what can be had, and nothing there is beaten by another.
    const std::vector<Tradeoff>& all = fastest->tradeoffs;
    CHECK(all.front().cost == fastest->cost);
    CHECK(all.back().bytes == smallest->bytes);
    for (std::size_t i = 1; i < all.size(); ++i) {
        CHECK(all[i].cost > all[i - 1].cost);
        CHECK(all[i].bytes < all[i - 1].bytes);
    }
}

TEST_CASE("without an entry the legal candidate of least cost is chosen") {
    const Task task = pool_task();
    Diagnostics diag;
    const auto choice = choose_candidate(task, dense_layouts(task), target(), {}, diag);
    REQUIRE(choice.has_value());
    CHECK(choice->source == "heuristic");
    const KernelFamily& family = *find_kernel_family(choice->candidate.family);
    for (const Candidate& other : candidates(family, task, dense_layouts(task), target()))
        CHECK(Estimate(target())(family, task, other) >= choice->cost);
}

TEST_CASE("a family that rounds more is chosen where it is faster and its error is allowed") {
    const Task task = convolution_task();
    Diagnostics diag;
    const auto choose = [&](double max_error) {
        return choose_candidate(task, dense_layouts(task), target(), {}, diag, max_error);
    };
    const auto fast = choose(1e-4);
    REQUIRE(fast.has_value());
    CHECK(fast->candidate.family == "winograd_conv");
    CHECK(fast->others.starts_with("direct_conv "));
    CHECK(fast->others.ends_with(" x"));

    const auto exact = choose(0.0);
    REQUIRE(exact.has_value());
    CHECK(exact->candidate.family == "direct_conv");
    CHECK(exact->others.starts_with("winograd_conv error "));
    CHECK(exact->cost > fast->cost);
}

TEST_CASE("a legal entry wins over the heuristic, whatever the order of its parameters") {
    const Choosing choosing("pool  layout nhwc -> nhwc  tile 1x2");
    CHECK(choosing.errors() == "");
    REQUIRE(choosing.choice.has_value());
    CHECK(choosing.choice->source == "net.hcs:4");
    CHECK(choosing.choice->candidate.values("tile") == std::vector<int>{1, 2});
}

TEST_CASE("an illegal entry is reported with what is legal, and the heuristic goes on") {
    const Choosing choosing("pool  tile 9x9");
    CHECK(choosing.errors() == "net.hcs:4:5: error[E0602]: these parameters of 'pool' are not legal for this task\n"
                               "    pool  tile 9x9\n"
                               "    ^~~~~~~~~~~~~~\n"
                               "hint: legal values: tile 1x1 2x1 4x1 1x2 1x4 2x2\n");
    REQUIRE(choosing.choice.has_value());
    CHECK(choosing.choice->source == "heuristic");
}

TEST_CASE("a missing and a foreign parameter are illegal too") {
    CHECK(Choosing("pool").errors() ==
          "net.hcs:4:5: error[E0602]: these parameters of 'pool' are not legal for this task\n"
          "    pool\n"
          "    ^~~~\n"
          "hint: legal values: tile 1x1 2x1 4x1 1x2 1x4 2x2\n");
    CHECK(Choosing("pool  tile 4x1  rows 2").errors() ==
          "net.hcs:4:5: error[E0602]: these parameters of 'pool' are not legal for this task\n"
          "    pool  tile 4x1  rows 2\n"
          "    ^~~~~~~~~~~~~~~~~~~~~~\n"
          "hint: legal values: tile 1x1 2x1 4x1 1x2 1x4 2x2\n");
}

TEST_CASE("a family that cannot compute the task is reported with those that can") {
    CHECK(Choosing("direct_conv  tile 4x1").errors() ==
          "net.hcs:4:5: error[E0602]: 'direct_conv' cannot compute this task\n"
          "    direct_conv  tile 4x1\n"
          "    ^~~~~~~~~~~~~~~~~~~~~\n"
          "hint: families that can: pool\n");
    CHECK(Choosing("winograd  tile 4x1").errors() == "net.hcs:4:5: error[E0602]: 'winograd' cannot compute this task\n"
                                                     "    winograd  tile 4x1\n"
                                                     "    ^~~~~~~~~~~~~~~~~~\n"
                                                     "hint: families that can: pool\n");
}

TEST_CASE("an entry that is not legal in place leaves the result apart, silently") {
    const Choosing choosing("pool  tile 4x1", 0);
    CHECK_FALSE(choosing.choice.has_value());
    CHECK(choosing.errors() == "");
}

namespace {

/// An entry for a task like convolution_task() with as many channels: of the second most expensive legal candidate.
struct Neighbour {
    explicit Neighbour(std::int64_t channels, bool shipped = false) {
        Task task = convolution_task();
        task.inputs[0].shape.back() = task.output.shape.back() = channels;
        task.constants = {{3, 3, channels, channels}};
        Diagnostics diag;
        const Choice best = *choose_candidate(task, dense_layouts(task), target(), {}, diag);
        const KernelFamily& family = *find_kernel_family(best.candidate.family);
        // The one that costs least more, so that it is not what analysis would take.
        double least = best.cost * 1.1;
        for (const Candidate& each : candidates(family, task, dense_layouts(task), target())) {
            const double cost = Estimate(target())(family, task, each);
            if (cost <= best.cost || cost > least) continue;
            candidate = each;
            least = cost;
        }
        REQUIRE(!candidate.family.empty());
        const std::string text = "halcyon-schedules 1\ntarget x86-64-v4\n" + to_text(task) + " {\n    " +
                                 to_text(candidate, task) + "  # tuned: 1 ms, 5 trials\n}\n";
        schedules = Schedules::parse(sources, sources.add("net.hcs", text), diag);
        if (shipped) schedules.mark_shipped();
    }
    Sources sources;
    Candidate candidate;
    Schedules schedules;
};

}  // namespace

TEST_CASE("a task without an entry takes that of its nearest neighbour") {
    const Task task = convolution_task();
    const Neighbour neighbour(192);
    Diagnostics diag;
    const auto choice = choose_candidate(task, dense_layouts(task), target(), neighbour.schedules, diag);
    REQUIRE(choice);
    CHECK(choice->source == "net.hcs:4, nearest");
    CHECK(choice->candidate.family == neighbour.candidate.family);
    CHECK(choice->candidate.parameters == neighbour.candidate.parameters);
    CHECK(choice->note.empty());
    CHECK_FALSE(diag.has_errors());
}

TEST_CASE("a neighbour whose kernel rounds more than is allowed here is none") {
    const Task task = convolution_task();
    const Neighbour neighbour(160);
    REQUIRE(neighbour.candidate.family == "winograd_conv");
    Diagnostics diag;
    const auto choice = choose_candidate(task, dense_layouts(task), target(), neighbour.schedules, diag, 0.0);
    REQUIRE(choice);
    CHECK(choice->source == heuristic);
}

TEST_CASE("a shipped entry is taken as it is, with what tuning says of it") {
    const Task task = convolution_task();
    const Neighbour own(128, true);
    Diagnostics diag;
    const auto choice = choose_candidate(task, dense_layouts(task), target(), own.schedules, diag);
    REQUIRE(choice);
    CHECK(choice->source == "net.hcs:4");
    CHECK(choice->note == "tuned: 1 ms, 5 trials");
    CHECK(choice->candidate.parameters == own.candidate.parameters);
}

TEST_CASE("a shipped entry that is not allowed here is passed over in silence") {
    const Task task = convolution_task();
    const Neighbour own(128, true);
    Diagnostics diag;
    const auto choice = choose_candidate(task, dense_layouts(task), target(), own.schedules, diag, 0.0);
    REQUIRE(choice);
    CHECK(choice->source == heuristic);
    CHECK(diag.all().empty());
}

TEST_CASE("where bytes have a price, a shipped entry gives way to what takes fewer") {
    const Task task = convolution_task();
    const Neighbour own(128, true);
    Diagnostics diag;
    const auto choice =
        choose_candidate(task, dense_layouts(task), target(), own.schedules, diag, default_max_error, {}, 1e-3);
    REQUIRE(choice);
    CHECK(choice->bytes == element_count(task.constants[0]) * 4);
}

TEST_CASE("legal values that do not go together get the least change that makes them legal") {
    const Task task = convolution_task();
    const Candidate layouts = dense_layouts(task);
    const KernelFamily& family = *find_kernel_family("direct_conv");
    const std::vector<Candidate> legal = candidates(family, task, layouts, target());
    REQUIRE(!legal.empty());
    // The legal candidate one step from which an illegal one lies.
    Candidate illegal;
    for (const Candidate& each : legal) {
        for (const ParameterSpace& space : family.space(task, layouts, target())) {
            for (const std::vector<int>& choice : space.choices) {
                Candidate changed = each;
                for (Parameter& parameter : changed.parameters)
                    if (parameter.name == space.name) parameter.values = choice;
                if (!family.legal(task, changed, target())) illegal = changed;
            }
        }
    }
    REQUIRE(!illegal.family.empty());
    Sources sources;
    Diagnostics diag;
    const std::string text =
        "halcyon-schedules 1\ntarget x86-64-v4\n" + to_text(task) + " {\n    " + to_text(illegal, task) + "\n}\n";
    const Schedules schedules = Schedules::parse(sources, sources.add("net.hcs", text), diag);
    REQUIRE(choose_candidate(task, layouts, target(), schedules, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message == "these parameters of 'direct_conv' cannot be combined for this task");
    const std::string& hint = diag.all()[0].hint;
    REQUIRE(hint.starts_with("with "));
    // One parameter is enough, and with it the candidate is one of the legal ones.
    const bool helps = std::any_of(legal.begin(), legal.end(), [&](const Candidate& each) {
        std::size_t different = 0;
        bool named = true;
        for (const Parameter& parameter : each.parameters) {
            if (parameter.values == illegal.values(parameter.name)) continue;
            ++different;
            named =
                hint == fmt::format("with {} {} it would be legal", parameter.name, fmt::join(parameter.values, "x"));
        }
        return different == 1 && named;
    });
    CHECK_MESSAGE(helps, hint);
}

TEST_CASE("candidates whose packed forms are the same pack the same numbers, so that programs can share them") {
    Task narrow = convolution_task();
    narrow.inputs[0].shape = narrow.output.shape = {1, 8, 8, 64};
    narrow.constants = {{3, 3, 64, 64}};
    Task rows = narrow;
    rows.operation.window = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    rows.constants = {{1, 1, 64, 64}};
    for (const Task& task : {narrow, rows}) {
        Array weights(task.constants[0]);
        for (std::int64_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<double>(i % 8191);
        std::map<PackedForm, std::pair<std::string, Array>> packed;
        for (const KernelFamily* family : kernel_family_table()) {
            if (family->pack == nullptr || !family->matches(task, target())) continue;
            for (const Candidate& candidate : candidates(*family, task, dense_layouts(task), target())) {
                const std::string text = to_text(candidate, task);
                const Array numbers = family->pack(task, candidate, 0, weights);
                const auto [first, is_new] =
                    packed.try_emplace(packed_form(*family, task, candidate, 0), text, numbers);
                if (is_new) continue;
                const Array& others = first->second.second;
                bool same = numbers.size() == others.size();
                for (std::int64_t i = 0; same && i < numbers.size(); ++i) same = numbers[i] == others[i];
                REQUIRE_MESSAGE(same, text << " and " << first->second.first);
            }
        }
        CHECK(packed.size() > 4);
    }
}

}  // namespace halcyon::testing
