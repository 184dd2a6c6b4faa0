#include "graph/naming.h"

#include <algorithm>
#include <charconv>
#include <climits>

namespace halcyon::language {
namespace {

// The words of C11 and C++20 that cannot name a variable, each between blanks.
constexpr std::string_view keywords =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class"
    " co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype"
    " default delete do double dynamic_cast else enum explicit export extern false float for friend goto if"
    " inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected"
    " public register reinterpret_cast requires restrict return short signed sizeof static static_assert"
    " static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned"
    " using virtual void volatile wchar_t while xor xor_eq main errno NULL EOF INFINITY NAN stdin stdout stderr"
    " assert ";

std::string upper(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

/// The number in "conv2d_3", 0 for "conv2d", nothing for other names.
std::optional<int> number_of(std::string_view name, std::string_view prefix) {
    if (name == prefix) return 0;
    if (!name.starts_with(prefix) || name.size() <= prefix.size() + 1 || name[prefix.size()] != '_')
        return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size() + 1, name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size() || number == INT_MAX) return std::nullopt;
    return number;
}

struct Numbering {
    std::map<std::string, int> next;                                 ///< by prefix
    std::map<std::string, const LayerInstance*, std::less<>> taken;  ///< by name

    std::string number(const LayerInstance& layer) {
        const int n = next[layer.name_prefix]++;
        return n == 0 ? layer.name_prefix : fmt::format("{}_{}", layer.name_prefix, n);
    }
};

bool take(Elaboration& elaboration, Model& model, Numbering& numbering, const LayerInstance& layer,
          const std::string& name) {
    const auto [place, is_new] = numbering.taken.try_emplace(name, &layer);
    if (!is_new && place->second != &layer) {
        Diagnostic& d = elaboration.error(Code::duplicate_layer_name, layer.span,
                                          "the model '{}' already has a layer named '{}'", model.name, name);
        d.notes.emplace_back(place->second->span, "the other one is made here");
        if (layer.name.empty()) d.hint = "one of them needs a name=";
        return false;
    }
    model.layer_names[&layer] = name;
    return true;
}

}  // namespace

std::vector<int> reachable_nodes(const Elaboration& elaboration, const Model& model) {
    std::set<int> seen;
    std::vector<int> open;
    for (const Model::Output& output : model.outputs) open.push_back(output.node);
    while (!open.empty()) {
        const int node = open.back();
        open.pop_back();
        if (!seen.insert(node).second) continue;
        const std::vector<int>& inputs = elaboration.nodes[static_cast<std::size_t>(node)].inputs;
        open.insert(open.end(), inputs.begin(), inputs.end());
    }
    // Nodes are made after their inputs, so their numbers are a topological order.
    return {seen.begin(), seen.end()};
}

bool name_layers(Elaboration& elaboration, Model& model, const std::vector<int>& nodes) {
    Numbering numbering;
    std::map<int, const LayerInstance*> reachable;  // by creation
    bool good = true;
    for (const int id : nodes) {
        const TensorNode& node = elaboration.nodes[static_cast<std::size_t>(id)];
        if (node.layer == nullptr) continue;
        if (node.inlined_from == nullptr) {
            reachable[node.layer->creation] = node.layer;
        } else if (!model.layer_names.contains(node.layer)) {
            const std::string& name = node.inlined_from->layer_names.at(node.layer);
            good = take(elaboration, model, numbering, *node.layer, name) && good;
            if (const auto n = number_of(name, node.layer->name_prefix); n && node.layer->name.empty()) {
                int& next = numbering.next[node.layer->name_prefix];
                next = std::max(next, *n + 1);
            }
        }
    }

    // Layers that are made but not used count too.
    int first_session = INT_MAX;
    for (const auto& [creation, layer] : reachable) first_session = std::min(first_session, layer->session);
    std::map<int, const LayerInstance*> counted = reachable;
    for (const LayerInstance* layer : model.scope->created) {
        if (layer->session >= first_session) counted[layer->creation] = layer;
    }
    for (const auto& [creation, layer] : counted) {
        if (model.layer_names.contains(layer)) continue;
        const std::string name = layer->name.empty() ? numbering.number(*layer) : layer->name;
        if (reachable.contains(creation)) good = take(elaboration, model, numbering, *layer, name) && good;
    }
    return good;
}

bool is_c_identifier(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    constexpr std::size_t max_length = 128;
    if (name.empty() || name.size() > max_length || !is_letter(name[0])) return false;
    // C keeps names with two underscores, or an underscore and a capital, for itself.
    if (name.starts_with("__") || (name[0] == '_' && name.size() > 1 && name[1] >= 'A' && name[1] <= 'Z')) return false;
    return std::all_of(name.begin(), name.end(), is_part) &&
           keywords.find(fmt::format(" {} ", name)) == std::string_view::npos;
}

std::string as_c_identifier(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
        if (c == '.' || c == '-' || c == ' ') c = '_';
    }
    return is_c_identifier(result) ? result : "";
}

bool name_outputs(Elaboration& elaboration, Model& model, const std::vector<std::string>& variables, bool written,
                  Span span) {
    // The header makes names of constants from them in capitals.
    std::set<std::string> taken;
    for (const std::string& input : model.input_names) taken.insert(upper(input));
    bool good = true;
    for (std::size_t i = 0; i < model.outputs.size(); ++i) {
        const std::string& variable = variables[i];
        const bool usable = is_c_identifier(variable) && !taken.contains(upper(variable));
        if (written && !usable) {
            elaboration.error(Code::bad_name, span, "an output cannot be named '{}': {}", variable,
                              is_c_identifier(variable) ? "another input or output has that name, capital letters aside"
                                                        : "that is no name in C");
            good = false;
        }
        std::string name = usable ? variable : i == 0 ? "output" : fmt::format("output_{}", i);
        while (!usable && taken.contains(upper(name))) name += '_';
        taken.insert(upper(name));
        model.outputs[i].name = std::move(name);
    }
    return good;
}

}  // namespace halcyon::language
