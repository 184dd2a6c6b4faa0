#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "commands/common/array_inputs.h"
#include "commands/common/call_value.h"
#include "commands/common/compare_expected.h"
#include "commands/common/difference.h"
#include "commands/common/door_files.h"
#include "commands/common/element.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/not_finite.h"
#include "commands/common/random_input.h"
#include "commands/common/table.h"
#include "formats/common/parsed_tensors.h"
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

/// The largest errors so far, of the layer's value that each call completes, if it does, and of each output.
struct Errors {
    std::vector<std::optional<double>> calls;
    std::vector<double> outputs;
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
    CallValues call_values(program, runnable.model.layers, *runnable.loaded);
    for (std::size_t call = 0; call < program.calls.size(); ++call) {
        CHECK_INTERNAL(runnable.loaded->run_call(static_cast<int>(call)) == 0);
        const std::optional<Array> value = call_values.after(static_cast<int>(call));
        if (!value) continue;
        const NodeId node = program.calls[call].origin.node;
        const double error = relative_difference(*value, reference[static_cast<std::size_t>(node)]);
        errors.calls[call] = std::max(errors.calls[call].value_or(0.0), error);
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
        if (!errors.calls[call]) continue;
        const Kernel& kernel = program.kernels[static_cast<std::size_t>(step.kernel)];
        add(step.layer, kernel.name, *errors.calls[call], kernel.task.output.element, step.span);
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

std::string number_text(double number) {
    if (std::isnan(number)) return "-";
    return std::isinf(number) ? "all" : fmt::format("{:.2e}", number);
}

/// Which layers, and how far they are off: all in all, and by themselves.
std::string expected_table(const std::vector<ExpectedComparison::Layer>& compared, const Graph& layers, bool with_own,
                           const Sources& sources) {
    std::vector<std::string_view> heads{"layer", ">error"};
    if (with_own) heads.push_back(">by itself");
    heads.push_back("spec");
    Table table(heads);
    for (const auto& layer : compared) {
        const Node& node = layers.nodes[static_cast<std::size_t>(layer.node)];
        std::vector<std::string> row{node.name, number_text(layer.error)};
        if (with_own) row.push_back(number_text(layer.own));
        row.push_back(place_of(node.span, sources));
        table.add(row);
    }
    return table.text();
}

/// "is 'halve', by 3.1e-01 of its largest magnitude, 4.2; ..."
std::string difference_text(const ExpectedComparison::Difference& difference, const Graph& layers,
                            const std::string& path, double limit) {
    const Node& node = layers.nodes[static_cast<std::size_t>(difference.layer.node)];
    std::string text = fmt::format("the first layer that differs from '{}' is '{}'", path, node.name);
    if (difference.layer.expected_shape != node.type.shape) {
        return text + fmt::format(": it gives {}, but the file has {}", to_text(node.type.shape),
                                  to_text(difference.layer.expected_shape));
    }
    text += fmt::format(", by {:.2e} of the largest magnitude, {:.4g} (here {:.4g})", difference.layer.own,
                        difference.magnitude, difference.layer.magnitude);
    if (difference.exceeded_at) {
        const NodeId at = difference.exceeded_at->node;
        text += fmt::format("; that adds up to more than the limit at '{}'",
                            layers.nodes[static_cast<std::size_t>(at)].name);
    }
    return text + fmt::format("; the limit is {:.0e}", limit);
}

std::string cause_text(const Explanation& explanation, NodeId target, const Graph& layers, const Sources& sources,
                       const ModelWeights& weights) {
    if (explanation.cause.empty()) {
        std::string text = fmt::format("none of {} usual causes explains it", explanation.tried);
        if (!explanation.all_tried) text += "; the layer is too large for trying them all";
        if (weights.initialized) text += fmt::format("; the weights are random ones, {}", weights.description);
        return text;
    }
    std::string text = "likely cause: ";
    if (explanation.node != target) {
        const Node& node = layers.nodes[static_cast<std::size_t>(explanation.node)];
        text += fmt::format("at '{}', {}, of which the file knows nothing: ", node.name, place_of(node.span, sources));
    }
    return text + fmt::format("{}; with that it agrees to {:.0e}", explanation.cause, explanation.error);
}

bool report_expected(ExpectedComparison& comparison, const RunnableModel& runnable, const RunInputs& inputs,
                     const Options& options, CommandContext& context) {
    const Graph& layers = runnable.model.layers;
    const double limit = options.compile.max_error;
    const auto difference = comparison.first_difference(
        limit, [&](std::size_t item) { return arrays_of(runnable.model.program.inputs, inputs.items[item]); });
    const std::vector<ExpectedComparison::Layer> compared = comparison.layers();
    fmt::print("\nAgainst {}:\n\n{}", options.expected,
               expected_table(compared, layers, difference.has_value(), context.sources));
    if (!difference) {
        fmt::print("\n{}: agrees with {} in all {} layers that it has; the limit is {:.0e}\n", layers.name,
                   options.expected, compared.size(), limit);
        return true;
    }
    const NodeId target = difference->layer.node;
    Diagnostic& error =
        context.diag.add(Severity::error, Code::results_differ, layers.nodes[static_cast<std::size_t>(target)].span,
                         difference_text(*difference, layers, options.expected, limit));
    error.hint = cause_text(difference->explanation, target, layers, context.sources, runnable.weights);
    constexpr std::size_t most_notes = 5;
    std::size_t others = 0;
    for (const auto& layer : compared) {
        if (layer.node == target || !(layer.own > limit) || ++others > most_notes) continue;
        const Node& node = layers.nodes[static_cast<std::size_t>(layer.node)];
        error.notes.emplace_back(node.span, fmt::format("'{}' differs by itself, too, by {}", node.name,
                                                        std::isinf(layer.own) ? "its shape" : number_text(layer.own)));
    }
    if (others > most_notes) error.hint += fmt::format("; {} further layers differ by themselves", others - most_notes);
    return false;
}

/// Says which arrays and items will not be compared; false if that is all of them.
bool announce(const ExpectedComparison& comparison, const Graph& layers, const RunInputs& inputs,
              const Options& options, CommandContext& context) {
    if (comparison.empty()) {
        context.diag.error(Code::wrong_input, {},
                           "'{}' has no activation of a layer of '{}'; its arrays must be named after layers",
                           options.expected, layers.name);
        return false;
    }
    if (const std::size_t count = comparison.unknown().size(); count > 0) {
        const std::string first = printable(comparison.unknown().front());
        context.diag.add(Severity::note, {}, {},
                         count == 1 ? fmt::format("'{}' has an array that is no layer's: '{}'", options.expected, first)
                                    : fmt::format("'{}' has {} arrays that are no layer's, '{}' among them",
                                                  options.expected, count, first));
    }
    if (comparison.items() != inputs.items.size()) {
        const std::size_t common = std::min(comparison.items(), inputs.items.size());
        context.diag.add(
            Severity::note, {}, {},
            fmt::format("'{}' has activations of {} items and the input has {}: only the first {} compared",
                        options.expected, comparison.items(), inputs.items.size(),
                        common == 1 ? "is" : fmt::format("{} are", common)));
    }
    return true;
}

std::optional<RunInputs> inputs_of(const Options& options, const Program& program,
                                   const std::optional<TensorFile>& expected, CommandContext& context) {
    if (!options.inputs.empty()) return read_inputs(options.inputs, program.inputs, context.diag);
    if (expected) return inputs_from(*expected, program.inputs, context.diag);
    RunInputs inputs;
    inputs.items.push_back(random_inputs(program.inputs, 1, input_seed));
    return inputs;
}

int run(const Options& options, CommandContext& context) {
    std::optional<TensorFile> expected;
    if (!options.expected.empty()) {
        expected = TensorFile::open(options.expected, context.diag);
        if (!expected) return 1;
    }
    std::optional<RunnableModel> runnable = load_runnable(context, options.compile);
    if (!runnable) return 1;
    const Program& program = runnable->model.program;
    const Graph& layers = runnable->model.layers;
    const std::optional<RunInputs> inputs = inputs_of(options, program, expected, context);
    if (!inputs) return 1;
    std::optional<ExpectedComparison> comparison;
    if (expected) {
        comparison.emplace(layers, runnable->weights.source, expected->tensors());
        if (!announce(*comparison, layers, *inputs, options, context)) return 1;
    }

    Errors errors{std::vector<std::optional<double>>(program.calls.size()),
                  std::vector<double>(program.outputs.size())};
    std::optional<NotFinite> astray;
    for (std::size_t item = 0; item < inputs->items.size(); ++item) {
        const std::vector<Array> reference =
            evaluate(layers, runnable->weights.source, arrays_of(program.inputs, inputs->items[item]));
        check_item(*runnable, inputs->items[item], reference, options.compile.threads, errors);
        if (!astray) astray = find_not_finite(layers, runnable->weights.source, reference);
        if (comparison && item < comparison->items()) comparison->add_item(item, reference);
    }
    const std::string source = !options.inputs.empty() ? fmt::format("of {} items", inputs->items.size())
                               : expected              ? fmt::format("from {}", options.expected)
                                                       : fmt::format("random with seed {}", input_seed);
    fmt::print("{}: weights {}, input {}\n\n", program.model, runnable->weights.description, source);
    if (astray) {
        context.diag.error(Code::not_finite, layers.nodes[static_cast<std::size_t>(astray->node)].span, "{}",
                           astray->sentence);
    }
    bool good = report_errors(program, layers, errors, options, context) && !astray;
    if (comparison) good &= report_expected(*comparison, *runnable, *inputs, options, context);
    return good ? 0 : 1;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    options->compile.weights.initialize_missing = true;
    add_model_options(app, options->compile);
    app.add_option("--input", options->inputs,
                   "what to run on, [NAME=]FILE (default: the arrays of --expect with the inputs' names, else random)")
        ->type_name("FILE");
    app.add_option("--expect", options->expected,
                   "activations by layer name that Keras computed: finds the first that differs, and the likely cause")
        ->type_name("FILE.npz");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command check_command;
const Command check_command{"check", "Compares compiled code with a double-precision reference, layer by layer.",
                            declare};

}  // namespace halcyon::commands
