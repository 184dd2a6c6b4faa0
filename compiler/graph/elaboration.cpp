#include "graph/elaboration.h"

namespace halcyon::language {

bool Elaboration::spend(std::int64_t amount, Span span) {
    if (aborted_) return false;
    steps_left_ -= amount;
    if (steps_left_ >= 0) return true;
    error(Code::limit_exceeded, span, "evaluation takes more than {} steps", max_steps).hint =
        "a loop or a list here is far larger than a network needs";
    abort();
    return false;
}

bool Elaboration::check_length(std::size_t length, Span span) {
    if (!spend(1 + static_cast<std::int64_t>(length / 4), span)) return false;
    if (length <= max_list) return true;
    error(Code::limit_exceeded, span, "a list of {} elements; at most {} are possible", length, max_list);
    return false;
}

LanguageValue Elaboration::make_text(std::string text, Span span) {
    if (!spend(1 + static_cast<std::int64_t>(text.size() / 64), span)) return Poison{};
    if (text.size() > max_text) {
        error(Code::limit_exceeded, span, "a text of {} bytes; at most {} are possible", text.size(), max_text);
        return Poison{};
    }
    return static_cast<const std::string*>(heap.make(std::move(text)));
}

LanguageValue Elaboration::make_list(Elements elements, Span span) {
    if (!check_length(elements.size(), span)) return Poison{};
    return heap.make(List{std::move(elements)});
}

LanguageValue Elaboration::make_tuple(Elements elements, Span span) {
    if (!check_length(elements.size(), span)) return Poison{};
    return static_cast<const Tuple*>(heap.make(Tuple{std::move(elements)}));
}

LanguageValue Elaboration::add_node(TensorNode node) {
    if (!spend(1, node.span)) return Poison{};
    if (++scope().node_count > max_nodes) {
        error(Code::limit_exceeded, node.span, "the model has more than {} nodes", max_nodes);
        abort();
        return Poison{};
    }
    node.scope = &scope();
    nodes.push_back(std::move(node));
    return Tensor{static_cast<int>(nodes.size()) - 1};
}

Diagnostic& Elaboration::with_calls(Diagnostic& diagnostic) const {
    constexpr std::size_t max_shown = 3;
    for (auto frame = frames.rbegin(); frame != frames.rend() && diagnostic.notes.size() < max_shown; ++frame) {
        if (frame->def == nullptr || !frame->call.known()) continue;
        diagnostic.notes.emplace_back(frame->call, fmt::format("in this call of '{}'", frame->def->name));
    }
    return diagnostic;
}

Elaboration::Nested::Nested(Elaboration& elaboration, Span span) : elaboration_(elaboration) {
    ok_ = ++elaboration_.depth_ <= max_depth && !elaboration_.aborted();
    if (ok_ || elaboration_.aborted()) return;
    elaboration_.error(Code::limit_exceeded, span, "calls, blocks and expressions are nested more than {} deep",
                       max_depth);
    elaboration_.abort();
}

}  // namespace halcyon::language
