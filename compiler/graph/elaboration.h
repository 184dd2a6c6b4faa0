#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "graph/elaborate.h"
#include "graph/language_value.h"

// The state that all parts of elaboration share: what has been made so far, how deep we are, how much may still be spent.

namespace halcyon::language {

/// Names and what they mean; `parent` is the scope around it.
struct Environment {
    std::map<std::string, LanguageValue, std::less<>> names;
    Environment* parent = nullptr;
    /// Names that the function assigns somewhere, which are therefore its own, as in Python; null outside functions.
    const std::set<std::string, std::less<>>* own = nullptr;
};

/// A file that has been run, or is being run.
struct LoadedModule {
    std::string path;  ///< as shown
    Environment globals;
    bool running = true;
    bool failed = false;
};

struct Scope;

/// A layer object: its arguments, and its weights from the first call on.
struct LayerInstance {
    const LayerDef* def = nullptr;
    Attributes attributes;
    std::map<std::string, Span, std::less<>> argument_spans;
    std::string name;                  ///< as written; empty: numbered when its model is finished
    std::string name_prefix;           ///< what numbering counts: "conv2d"; operators count as their layer
    Span span;                         ///< where it was made
    int creation = 0;                  ///< position among all layers made
    int session = 0;                   ///< see Scope::session
    std::optional<Shape> input_shape;  ///< input_shape=, for the first layer of a Sequential
    Span input_shape_span;
    bool built = false;
    std::vector<TensorType> built_for;
    std::vector<WeightDef> weights;
    Span first_call;
};

/// One value of a network under construction: an input (layer is null) or a layer's result.
struct TensorNode {
    LayerInstance* layer = nullptr;
    std::vector<int> inputs;
    TensorType type;
    Span span;
    Scope* scope = nullptr;
    const Model* inlined_from = nullptr;  ///< the model that was called as a layer, which has named its layers
    std::string input_name;               ///< name= of an Input
    int source = -1;                      ///< the node of that model which this is a copy of
};

/// What numbers its layers together: one model that is a def, or all that a file makes at its top level.
struct Scope {
    std::vector<LayerInstance*> created;
    int node_count = 0;
    bool top_level = false;
    /// Numbering at the top level starts again after each model; layers of one session were made for the same model.
    int session = 0;
};

/// A model: a def with annotated parameters, Sequential(...) or Model(...).
struct Model {
    enum class Kind { def, sequential, functional };
    enum class State { untouched, running, ready, failed };
    enum class Result { tensor, sequence, dict };
    struct Output {
        std::string name;
        int node = 0;
    };
    struct Part {
        LanguageValue value;  ///< a layer or a model
        Span span;
    };

    Kind kind = Kind::def;
    State state = State::untouched;
    std::string name;  ///< may be empty until the variable is known
    Span name_span;
    Span span;
    std::string doc;
    const LoadedModule* home = nullptr;  ///< the file whose model it is
    bool called = false;

    const Function* function = nullptr;          ///< of def
    std::vector<TensorType> parameter_types;     ///< of def
    std::vector<Part> parts;                     ///< of sequential
    std::optional<TensorType> sequential_input;  ///< of sequential
    std::string sequential_input_name;
    std::vector<std::string> output_variables;  ///< of functional: how the outputs were written

    Scope* scope = nullptr;
    std::vector<int> inputs;
    std::vector<std::string> input_names;
    std::vector<Output> outputs;
    Result result = Result::tensor;
    std::map<const LayerInstance*, std::string> layer_names;
};

/// One call in progress.
struct Frame {
    Environment* environment = nullptr;
    Scope* scope = nullptr;
    const ast::FunctionDef* def = nullptr;  ///< null at the top level of a file
    Span call;
    std::optional<LanguageValue> returned;
    const ast::Expr* return_expr = nullptr;
};

struct CallArgument {
    std::string keyword;  ///< empty: positional
    Span keyword_span;
    LanguageValue value;
    Span span;  ///< of the value
    const ast::Expr* expr = nullptr;
};
struct CallArguments {
    std::vector<CallArgument> list;
    Span call;    ///< the whole call
    Span callee;  ///< what stands before the parentheses
};

class Elaboration {
public:
    static constexpr std::int64_t max_steps = 1'000'000;
    static constexpr int max_calls = 64;
    /// Expressions and statements inside each other, over all calls in progress.
    static constexpr int max_depth = 1000;
    static constexpr int max_nodes = 100'000;
    static constexpr std::size_t max_list = 100'000;
    static constexpr std::size_t max_text = std::size_t{1} << 20;

    Elaboration(Sources& all_sources, const FileSystem& file_system, Diagnostics& diagnostics)
        : sources(all_sources), files(file_system), diag(diagnostics) {}
    Elaboration(const Elaboration&) = delete;
    Elaboration& operator=(const Elaboration&) = delete;

    Sources& sources;
    const FileSystem& files;
    Diagnostics& diag;
    Heap heap;

    std::vector<Frame> frames;
    std::vector<TensorNode> nodes;
    std::deque<Environment> environments;
    std::deque<Scope> scopes;
    std::deque<LayerInstance> layers;
    std::deque<Model> models;
    std::deque<ast::Module> imported_trees;
    std::map<std::string, std::unique_ptr<LoadedModule>> modules;  ///< by resolved path
    std::vector<LoadedModule*> importing;                          ///< files being run, outermost first
    std::map<const ast::FunctionDef*, std::set<std::string, std::less<>>> own_names;
    std::set<std::string> noted;      ///< what was remarked on once, and is enough
    std::map<std::string, int> uids;  ///< how often backend.get_uid was asked for each text

    [[nodiscard]] Frame& frame() { return frames.back(); }
    [[nodiscard]] Scope& scope() { return *frames.back().scope; }

    /// Pays for `amount` steps; false, with one error, when they are used up. From then on nothing is evaluated any more.
    bool spend(std::int64_t amount, Span span);
    /// Gives up evaluation: everything is poison from here on.
    void abort() { aborted_ = true; }
    [[nodiscard]] bool aborted() const { return aborted_; }

    /// Reports a mistake; inside a block the note shows where it was called. Gives poison through its result.
    template <typename... Args>
    Diagnostic& error(Code code, Span span, fmt::format_string<Args...> text, Args&&... args) {
        return with_calls(diag.error(code, span, text, std::forward<Args>(args)...));
    }

    /// Text and lists whose size is checked and paid for; poison beyond the limits.
    [[nodiscard]] LanguageValue make_text(std::string text, Span span);
    [[nodiscard]] LanguageValue make_list(Elements elements, Span span);
    [[nodiscard]] LanguageValue make_tuple(Elements elements, Span span);

    [[nodiscard]] const TensorNode& node(Tensor tensor) const { return nodes[static_cast<std::size_t>(tensor.node)]; }
    /// Adds a node to the model under construction; poison beyond max_nodes.
    [[nodiscard]] LanguageValue add_node(TensorNode node);

    /// RAII for nesting; `ok` is false, with one error, when too deep.
    class Nested {
    public:
        Nested(Elaboration& elaboration, Span span);
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;
        ~Nested() { --elaboration_.depth_; }
        [[nodiscard]] bool ok() const { return ok_; }

    private:
        Elaboration& elaboration_;
        bool ok_;
    };

private:
    Diagnostic& with_calls(Diagnostic& diagnostic) const;
    bool check_length(std::size_t length, Span span);

    std::int64_t steps_left_ = max_steps;
    int depth_ = 0;
    bool aborted_ = false;
};

/// As Python's repr shows it, cut when it is long: for messages.
[[nodiscard]] std::string display(const LanguageValue& value);

}  // namespace halcyon::language
