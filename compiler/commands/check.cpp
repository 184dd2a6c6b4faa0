#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "commands/common/call_value.h"
#include "commands/common/compare_expected.h"
#include "commands/common/difference.h"
#include "commands/common/door_files.h"
#include "commands/common/element.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/random_input.h"
#include "commands/common/table.h"
#include "support/check.h"

namespace halcyon::commands {
namespace {

constexpr std::uint64_t input_seed = 1;

struct Options {
    CompileOptions compile;
    std::vector<std::string> inputs;
    std::string expected;
};

std::string place_of(Span span, const Sources& sources) {
    return span.known() ? fmt::format("{}:{}", sources.file(span.file).path(), sources.line_column(span).line) : "";
}

std::vector<Array> arrays_of(const std::vector<Door>& doors, const std::vector<std::string>& item) {
    std::vector<Array> arrays;
    for (std::size_t door = 0; door < doors.size(); ++door) arrays.push_back(array_of(doors[door].type, item[door]));
    return arrays;
}

/// What storing a number in the type may cost by itself: half a unit in the last place.
double storage_error(ElementType element) {
    switch (element) {
    case ElementType::float16: return 0x1p-11;
    case ElementType::bfloat16: return 0x1p-8;
    default: return 0.0;
    }
}

/// The largest errors so far, of each call's result and of each output.
struct Errors {
    std::vector<double> calls, outputs;
};

/// Runs one item call by call and compares each result while it is still in memory, then the whole model as a library
/// would run it, and compares the outputs.
void check_item(RunnableModel& runnable, const std::vector<std::string>& item, const std::vector<Array>& reference,
                int threads, Errors& errors) {
    const Program& program = runnable.model.program;
    std::vector<const void*> inputs;
    for (const std::string& bytes : item) inputs.push_back(bytes.data());
    std::vector<std::string> buffers;
    std::vector<void*> outputs;
    buffers.reserve(program.outputs.size());
    for (std::size_t door = 0; door < program.outputs.size(); ++door) {
        outputs.push_back(buffers.emplace_back(runnable.loaded->output_bytes(static_cast<int>(door)), '\0').data());
    }
    runnable.loaded->bind(inputs, outputs);
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        CHECK_INTERNAL(runnable.loaded->run_call(static_cast<int>(call)) == 0);
        const NodeId node = program.calls[call].origin.node;
        if (node < 0) continue;
        const Array value = call_value(program, runnable.model.layers, *runnable.loaded, static_cast<int>(call));
        errors.calls[call] =
            std::max(errors.calls[call], relative_difference(value, reference[static_cast<std::size_t>(node)]));
    }
    // What the calls left behind must not pass for what the driver computes.
    for (std::string& buffer : buffers) std::fill(buffer.begin(), buffer.end(), '\xff');
    CHECK_INTERNAL(runnable.loaded->run(inputs, outputs, threads) == 0);
    for (std::size_t door = 0; door < program.outputs.size(); ++door) {
        const Array value = array_of(program.outputs[door].type, buffers[door]);
        const NodeId node = runnable.model.layers.outputs[door].node;
        errors.outputs[door] =
            std::max(errors.outputs[door], relative_difference(value, reference[static_cast<std::size_t>(node)]));
    }
}

/// Prints the table and the worst line of it; whether all are within the limit.
bool report_errors(const Program& program, const Graph& layers, const Errors& errors, const Options& options,
                   CommandContext& context) {
    Table table({"layer", "kernel", ">error", "spec"});
    double worst_excess = -1.0;
    std::string sentence;
    Span worst_span;
    const auto add = [&](const std::string& name, const std::string& kernel, double error, ElementType element,
                         Span span) {
        table.add({name, kernel, fmt::format("{:.2e}", error), place_of(span, context.sources)});
        const double excess = error / (options.compile.max_error + storage_error(element));
        // A limit of 0 makes 0 / 0 of what is exact.
        if (sentence.empty() || excess > worst_excess) {
            worst_excess = std::isnan(excess) ? 0.0 : excess;
            worst_span = span;
            sentence = fmt::format("largest error {:.2e} in '{}', {}", error, name, place_of(span, context.sources));
        }
    };
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        const KernelCall& step = program.calls[call];
        if (step.origin.node < 0) continue;
        const Kernel& kernel = program.kernels[static_cast<std::size_t>(step.kernel)];
        add(step.layer, kernel.name, errors.calls[call], kernel.task.output.element, step.span);
    }
    for (std::size_t door = 0; door < program.outputs.size(); ++door) {
        const Node& node = layers.nodes[static_cast<std::size_t>(layers.outputs[door].node)];
        add(program.outputs[door].name, "whole model", errors.outputs[door], program.outputs[door].type.element,
            node.span);
    }
    fmt::print("{}", table.text());
    if (worst_excess <= 1.0) {
        fmt::print("\n{}: agrees with the double-precision reference: {}; the limit is {:.0e}\n", program.model,
                   sentence, options.compile.max_error);
        return true;
    }
    context.diag.error(Code::results_differ, worst_span,
                       "'{}' differs from the double-precision reference: {}; the limit is {:.0e}", program.model,
                       sentence, options.compile.max_error);
    return false;
}

bool report_expected(const ExpectedComparison& result, const RunnableModel& runnable, const std::string& path,
                     const Options& options, CommandContext& context) {
    const Graph& layers = runnable.model.layers;
    for (const std::string& sentence : result.misshapen)
        context.diag.error(Code::wrong_input, {}, "'{}': {}", path, sentence);
    if (result.layers.empty() && result.misshapen.empty()) {
        context.diag.error(Code::wrong_input, {},
                           "'{}' has no activation of a layer of '{}'; its arrays must be named after layers", path,
                           layers.name);
    }
    if (result.layers.empty()) return false;
    if (!result.unknown.empty()) {
        context.diag.add(Severity::note, {}, {},
                         fmt::format("'{}' has {} arrays that are no layer's, '{}' among them", path,
                                     result.unknown.size(), result.unknown.front()));
    }
    Table table({"layer", ">error", "spec"});
    for (const auto& layer : result.layers) {
        const Node& node = layers.nodes[static_cast<std::size_t>(layer.node)];
        table.add({node.name, fmt::format("{:.2e}", layer.error), place_of(node.span, context.sources)});
    }
    fmt::print("\nAgainst {}:\n\n{}", path, table.text());
    if (!result.first_different) {
        fmt::print("\n{}: agrees with {} in all {} layers that it has; the limit is {:.0e}\n", layers.name, path,
                   result.layers.size(), options.compile.max_error);
        return result.misshapen.empty();
    }
    const Node& node = layers.nodes[static_cast<std::size_t>(result.first_different->node)];
    std::string message = fmt::format("the first layer that differs from '{}' is '{}', by {:.2e}; the limit is {:.0e}",
                                      path, node.name, result.first_different->error, options.compile.max_error);
    Diagnostic& error = context.diag.add(Severity::error, Code::results_differ, node.span, std::move(message));
    error.hint = result.cause.empty() ? fmt::format("none of {} usual causes explains it", result.tried.size())
                                      : "it agrees if " + result.cause;
    return false;
}

int run(const Options& options, CommandContext& context) {
    if (!options.expected.empty() && options.inputs.empty()) {
        context.diag.error(Code::wrong_input, {}, "--expect needs --input: what the activations were computed from");
        return 1;
    }
    std::optional<RunnableModel> runnable = load_runnable(context, options.compile);
    if (!runnable) return 1;
    const Program& program = runnable->model.program;

    RunInputs inputs;
    if (options.inputs.empty()) {
        inputs.items.push_back(random_inputs(program.inputs, 1, input_seed));
    } else {
        auto read = read_inputs(options.inputs, program.inputs, context.diag);
        if (!read) return 1;
        inputs = std::move(*read);
    }
    std::optional<TensorFile> expected;
    if (!options.expected.empty()) {
        expected = TensorFile::open(options.expected, context.diag);
        if (!expected) return 1;
    }

    Errors errors{std::vector<double>(program.calls.size()), std::vector<double>(program.outputs.size())};
    std::optional<ExpectedComparison> comparison;
    for (const auto& item : inputs.items) {
        const std::vector<Array> arrays = arrays_of(program.inputs, item);
        const std::vector<Array> reference = evaluate(runnable->model.layers, runnable->weights.source, arrays);
        check_item(*runnable, item, reference, options.compile.threads, errors);
        if (expected && !comparison) {
            comparison = compare_expected(runnable->model.layers, runnable->weights.source, arrays, reference,
                                          *expected, options.compile.max_error);
        }
    }
    fmt::print("{}: weights {}, input {}\n\n", program.model, runnable->weights.description,
               options.inputs.empty() ? fmt::format("random with seed {}", input_seed)
                                      : fmt::format("of {} items", inputs.items.size()));
    bool good = report_errors(program, runnable->model.layers, errors, options, context);
    if (comparison) good &= report_expected(*comparison, *runnable, options.expected, options, context);
    return good ? 0 : 1;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    options->compile.weights.initialize_missing = true;
    add_model_options(app, options->compile);
    app.add_option("--input", options->inputs, "what to run on, [NAME=]FILE (default: random numbers)")
        ->type_name("FILE");
    app.add_option("--expect", options->expected,
                   "activations by layer name that Keras computed from the same input: finds the first that differs")
        ->type_name("FILE.npz");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command check_command;
const Command check_command{"check", "Compares compiled code with a double-precision reference, layer by layer.",
                            declare};

}  // namespace halcyon::commands
