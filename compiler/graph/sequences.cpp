#include "graph/sequences.h"

#include "support/utf8.h"

namespace halcyon::language {
namespace {

/// Where each character of a text begins, and its end: texts are indexed by characters.
std::vector<std::size_t> character_starts(const std::string& text) {
    std::vector<std::size_t> starts;
    std::string_view rest = text;
    while (!rest.empty()) {
        starts.push_back(text.size() - rest.size());
        rest.remove_prefix(std::max<std::size_t>(first_code_point(rest).bytes, 1));
    }
    starts.push_back(text.size());
    return starts;
}

std::string character(const std::string& text, const std::vector<std::size_t>& starts, std::size_t i) {
    return text.substr(starts[i], starts[i + 1] - starts[i]);
}

std::int64_t range_element(const Range& range, std::int64_t i) {
    return range.start + i * range.step;
}

LanguageValue missing_key(Elaboration& elaboration, const Dict& dict, const Operand& key) {
    Diagnostic& d = elaboration.error(Code::bad_index, key.span, "there is no key {}", display(key.value));
    if (const std::string* text = key.value.text()) {
        std::vector<std::string_view> known;
        for (const auto& [name, value] : dict.items) {
            if (name.text()) known.push_back(*name.text());
        }
        if (const auto similar = nearest(*text, known); !similar.empty())
            d.hint = fmt::format("did you mean '{}'?", similar);
    }
    return Poison{};
}

/// Python's rule: bounds count from the end when negative and are cut to what is there.
std::int64_t cut(std::int64_t bound, std::int64_t length, std::int64_t lowest, std::int64_t highest) {
    if (bound < 0) bound = bound < -length ? lowest : bound + length;
    return std::clamp(bound, lowest, highest);
}

bool bound_of(Elaboration& elaboration, const LanguageValue& value, Span span, std::optional<std::int64_t>& bound) {
    if (value.is_poison()) return false;
    if (value.is_none()) return true;
    bound = value.integer();
    if (bound) return true;
    elaboration.error(Code::bad_index, span, "the bounds of a slice are whole numbers, not {}", describe(value));
    return false;
}

}  // namespace

std::optional<std::int64_t> length_of(const LanguageValue& value) {
    if (const Elements* elements = value.elements()) return static_cast<std::int64_t>(elements->size());
    if (const std::string* text = value.text()) return static_cast<std::int64_t>(character_starts(*text).size()) - 1;
    if (const auto* dict = value.get<Dict*>()) return static_cast<std::int64_t>((*dict)->items.size());
    if (const auto* range = value.get<const Range*>()) return (*range)->count;
    return std::nullopt;
}

bool find_key(Elaboration& elaboration, const Dict& dict, const LanguageValue& key, Span span,
              const LanguageValue*& found) {
    found = nullptr;
    for (const auto& [name, value] : dict.items) {
        const auto same = equal(elaboration, name, key, span);
        if (!same) return false;
        if (*same) {
            found = &value;
            return true;
        }
    }
    return true;
}

bool set_key(Elaboration& elaboration, Dict& dict, const LanguageValue& key, const LanguageValue& value, Span span) {
    const LanguageValue* found = nullptr;
    if (!find_key(elaboration, dict, key, span, found)) return false;
    for (auto& [name, element] : dict.items) {
        if (&element == found) element = value;
    }
    if (found != nullptr) return true;
    if (dict.items.size() >= Elaboration::max_list) {
        elaboration.error(Code::limit_exceeded, span, "the dict has more than {} entries", Elaboration::max_list);
        return false;
    }
    dict.items.emplace_back(key, value);
    return true;
}

LanguageValue index_value(Elaboration& elaboration, const Operand& object, const Operand& index, Span span) {
    if (object.value.is_poison() || index.value.is_poison()) return Poison{};
    if (const auto* dict = object.value.get<Dict*>()) {
        const LanguageValue* found = nullptr;
        if (!find_key(elaboration, **dict, index.value, index.span, found)) return Poison{};
        return found ? *found : missing_key(elaboration, **dict, index);
    }
    const auto length = length_of(object.value);
    if (!length) {
        elaboration.error(Code::bad_index, object.span, "{} has no elements to index", describe(object.value));
        return Poison{};
    }
    const auto position = index.value.integer();
    if (!position) {
        elaboration.error(Code::bad_index, index.span, "an index is a whole number, not {}", describe(index.value));
        return Poison{};
    }
    if (*position < -*length || *position >= *length) {
        elaboration.error(Code::bad_index, index.span, "index {} is out of range: there {} {} element{}", *position,
                          *length == 1 ? "is" : "are", *length, *length == 1 ? "" : "s");
        return Poison{};
    }
    const std::int64_t i = *position < 0 ? *position + *length : *position;
    if (const Elements* elements = object.value.elements()) return (*elements)[static_cast<std::size_t>(i)];
    if (const auto* range = object.value.get<const Range*>()) return range_element(**range, i);
    const std::string& text = *object.value.text();
    if (!elaboration.spend(static_cast<std::int64_t>(text.size() / 64), span)) return Poison{};
    return elaboration.make_text(character(text, character_starts(text), static_cast<std::size_t>(i)), span);
}

std::optional<SliceRange> slice_range(Elaboration& elaboration, const SliceBounds& bounds, std::int64_t length) {
    std::optional<std::int64_t> lower, upper, written_step;
    if (!bound_of(elaboration, bounds.lower, bounds.span, lower) ||
        !bound_of(elaboration, bounds.upper, bounds.span, upper) ||
        !bound_of(elaboration, bounds.step, bounds.span, written_step)) {
        return std::nullopt;
    }
    const std::int64_t step = written_step.value_or(1);
    if (step == 0) {
        elaboration.error(Code::bad_index, bounds.span, "the step of a slice cannot be zero");
        return std::nullopt;
    }
    const std::int64_t lowest = step > 0 ? 0 : -1;
    const std::int64_t highest = step > 0 ? length : length - 1;
    const std::int64_t begin = lower ? cut(*lower, length, lowest, highest) : (step > 0 ? 0 : length - 1);
    const std::int64_t end = upper ? cut(*upper, length, lowest, highest) : (step > 0 ? length : -1);
    const std::int64_t distance = step > 0 ? end - begin : begin - end;
    if (distance <= 0) return SliceRange{begin, step, 0};
    // The smallest integer has no positive counterpart.
    const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : -static_cast<std::uint64_t>(step);
    return SliceRange{begin, step, static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / stride) + 1};
}

LanguageValue slice_value(Elaboration& elaboration, const Operand& object, const SliceBounds& bounds, Span span) {
    if (object.value.is_poison()) return Poison{};
    const bool sliceable = object.value.elements() || object.value.text() || object.value.get<const Range*>();
    if (!sliceable) {
        elaboration.error(Code::bad_index, object.span, "{} cannot be sliced", describe(object.value));
        return Poison{};
    }
    const auto range = slice_range(elaboration, bounds, *length_of(object.value));
    if (!range || !elaboration.spend(1 + range->count / 16, span)) return Poison{};
    std::vector<std::int64_t> positions;
    for (std::int64_t i = 0; i < range->count && positions.size() <= Elaboration::max_text; ++i) {
        positions.push_back(range->begin + i * range->step);
    }
    if (const std::string* text = object.value.text()) {
        const std::vector<std::size_t> starts = character_starts(*text);
        std::string result;
        for (const std::int64_t i : positions) result += character(*text, starts, static_cast<std::size_t>(i));
        return elaboration.make_text(std::move(result), span);
    }
    Elements result;
    for (const std::int64_t i : positions) {
        if (const Elements* elements = object.value.elements()) {
            result.push_back((*elements)[static_cast<std::size_t>(i)]);
        } else {
            result.push_back(range_element(**object.value.get<const Range*>(), i));
        }
    }
    return object.value.get<const Tuple*>() ? elaboration.make_tuple(std::move(result), span)
                                            : elaboration.make_list(std::move(result), span);
}

std::optional<bool> contains(Elaboration& elaboration, const Operand& haystack, const Operand& needle) {
    if (const std::string* text = haystack.value.text()) {
        if (const std::string* part = needle.value.text()) {
            // The search may take the product of the lengths.
            const auto work = static_cast<std::int64_t>(text->size() * part->size() / 1024);
            if (!elaboration.spend(work, haystack.span)) return std::nullopt;
            return text->find(*part) != std::string::npos;
        }
        elaboration.error(Code::bad_operand, needle.span, "only a text can be in a text, not {}",
                          describe(needle.value));
        return std::nullopt;
    }
    std::optional<bool> result = false;
    const bool iterated = for_each_element(elaboration, haystack, [&](const LanguageValue& element) {
        result = equal(elaboration, element, needle.value, needle.span);
        return result && !*result;
    });
    return iterated ? result : std::nullopt;
}

bool for_each_element(Elaboration& elaboration, const Operand& sequence,
                      const std::function<bool(const LanguageValue&)>& visit) {
    const LanguageValue& value = sequence.value;
    if (value.is_poison()) return false;
    if (const Elements* elements = value.elements()) {
        for (std::size_t i = 0; i < elements->size(); ++i) {
            const LanguageValue element = (*elements)[i];
            if (!elaboration.spend(1, sequence.span)) return false;
            if (!visit(element)) break;
        }
    } else if (const auto* range = value.get<const Range*>()) {
        for (std::int64_t i = 0; i < (*range)->count; ++i) {
            if (!elaboration.spend(1, sequence.span)) return false;
            if (!visit(range_element(**range, i))) break;
        }
    } else if (const auto* dict = value.get<Dict*>()) {
        for (std::size_t i = 0; i < (*dict)->items.size(); ++i) {
            const LanguageValue key = (*dict)->items[i].first;
            if (!elaboration.spend(1, sequence.span)) return false;
            if (!visit(key)) break;
        }
    } else if (const std::string* text = value.text()) {
        const std::vector<std::size_t> starts = character_starts(*text);
        for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
            const LanguageValue element = elaboration.make_text(character(*text, starts, i), sequence.span);
            if (element.is_poison()) return false;
            if (!visit(element)) break;
        }
    } else {
        Diagnostic& d =
            elaboration.error(Code::not_iterable, sequence.span, "{} cannot be looped over", describe(value));
        if (value.get<std::int64_t>()) d.hint = "did you mean range(...)?";
        return false;
    }
    return true;
}

std::optional<Elements> elements_of(Elaboration& elaboration, const Operand& sequence) {
    Elements result;
    bool fits = true;
    const bool iterated = for_each_element(elaboration, sequence, [&](const LanguageValue& element) {
        fits = result.size() < Elaboration::max_list;
        if (fits) result.push_back(element);
        return fits;
    });
    if (!iterated) return std::nullopt;
    if (!fits) {
        elaboration.error(Code::limit_exceeded, sequence.span, "more than {} elements", Elaboration::max_list);
        return std::nullopt;
    }
    return result;
}

}  // namespace halcyon::language
