#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "importers/network.h"

namespace halcyon::importers {

/// What stands for one argument in the text.
struct Term {
    /// An f-string is text and variables in turn.
    struct Part {
        std::string text;
        std::string variable;  ///< not empty: {variable}, and no text
        friend bool operator==(const Part&, const Part&) = default;
    };
    enum class Kind { constant, symbol, pattern };

    Kind kind = Kind::constant;
    Value value;              ///< of a constant
    std::string text;         ///< of a symbol: "filters", "4 * filters"
    std::vector<Part> parts;  ///< of a pattern

    Term() = default;
    explicit Term(Value constant) : value(std::move(constant)) {}
    static Term symbol(std::string text);
    static Term pattern(std::vector<Part> parts);
    friend bool operator==(const Term&, const Term&) = default;
};

/// When an optional part of a block is there: if `text` holds, or, with values, if the shapes of two are equal ("shape") or
/// the channels of one are not `text` ("channels").
struct Condition {
    std::string text;
    int left = -1, right = -1;
    std::string about;
};

/// One line of a spec, or a loop or an `if` with lines of its own. Values are numbered within a region.
struct Statement {
    enum class Kind { call, loop, optional };

    Kind kind = Kind::call;
    std::vector<int> inputs;
    int output = -1;
    std::vector<Statement> body;  ///< of loops and optional parts
    int body_output = -1;         ///< what the body makes, which becomes `output`

    // A call of a layer, of a block, or an operator.
    const ImportedLayer* layer = nullptr;
    int block = -1;
    int shared = -1;                        ///< the layer is called several times: its number among the network's
    std::map<std::string, Term> arguments;  ///< those that are written, "name" among them

    // A loop hands one value from round to round: inputs[0] enters as body_input.
    int body_input = -1;
    std::string index;                     ///< runs from `first` on; may be empty
    Term first, last;                      ///< without columns: for index in range(first, last)
    std::vector<std::string> columns;      ///< further variables
    std::vector<std::vector<Value>> rows;  ///< their values

    // Of an optional part: without it `output` is inputs[0].
    Condition condition;
};

struct Parameter {
    std::string name;
    std::optional<Value> default_value;
};

/// A def: the model, or a block that it calls.
struct Region {
    std::string name;
    std::vector<Parameter> parameters;  ///< of a block, after its tensors
    std::vector<int> inputs;
    std::vector<Statement> body;
    std::vector<std::pair<std::string, int>> outputs;  ///< a block has one, without a name
    bool names_channels = false;                       ///< its terms speak of `channels`, those of the first input
    int value_count = 0;
};

struct SpecTree {
    const ImportedNetwork* network = nullptr;
    std::string doc;
    Region model;
    std::vector<std::string> input_names;
    std::vector<Region> blocks;
};

/// One statement per call, in the network's order; values have its numbers. Names are written where they are not those that
/// Halcyon would give.
[[nodiscard]] SpecTree plain_tree(const ImportedNetwork& network, const std::string& name);

/// What Halcyon numbers an operator or layer by: "conv2d".
[[nodiscard]] std::string automatic_prefix(const ImportedLayer& layer);

/// Whether an operator, which cannot be named in the text, would be numbered to the name of a layer.
[[nodiscard]] bool has_operator_clash(const ImportedNetwork& network);

/// What an argument of a layer or a block is where it is not written; nothing if it must be.
[[nodiscard]] std::optional<Value> default_argument(const SpecTree& tree, const Statement& statement,
                                                    const std::string& argument);

/// The spec.
[[nodiscard]] std::string to_text(const SpecTree& tree);

/// A datum as a spec has it: "same", (1, 2), 1.001e-5, 1 / 255.
[[nodiscard]] std::string source_text(const Value& value);

}  // namespace halcyon::importers
