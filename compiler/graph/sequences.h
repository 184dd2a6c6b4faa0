#pragma once

#include <functional>

#include "graph/operators.h"

namespace halcyon::language {

/// object[index] for lists, tuples, texts, ranges and dicts. Poison after mistakes.
[[nodiscard]] LanguageValue index_value(Elaboration& elaboration, const Operand& object, const Operand& index,
                                        Span span);

/// The bounds of a slice as written; None where left out.
struct SliceBounds {
    LanguageValue lower = None{}, upper = None{}, step = None{};
    Span span;
};
/// Which of `length` elements a slice takes: `count` of them, from `begin` on. Nothing after mistakes (reported).
struct SliceRange {
    std::int64_t begin = 0, step = 1, count = 0;
};
[[nodiscard]] std::optional<SliceRange> slice_range(Elaboration& elaboration, const SliceBounds& bounds,
                                                    std::int64_t length);
/// object[lower:upper:step] for lists, tuples, texts and ranges.
[[nodiscard]] LanguageValue slice_value(Elaboration& elaboration, const Operand& object, const SliceBounds& bounds,
                                        Span span);

/// `needle in haystack`.
[[nodiscard]] std::optional<bool> contains(Elaboration& elaboration, const Operand& haystack, const Operand& needle);

/// Looks a key up; `found` is null when it is not there. False when the comparison failed (reported).
[[nodiscard]] bool find_key(Elaboration& elaboration, const Dict& dict, const LanguageValue& key, Span span,
                            const LanguageValue*& found);

/// dict[key] = value. False when the comparison failed or the dict grew too long (reported).
bool set_key(Elaboration& elaboration, Dict& dict, const LanguageValue& key, const LanguageValue& value, Span span);

/// Calls `visit` with each element, seeing what is appended meanwhile, until it gives false. False, with an error unless it
/// is poison, when the value is no sequence.
bool for_each_element(Elaboration& elaboration, const Operand& sequence,
                      const std::function<bool(const LanguageValue&)>& visit);

/// All elements at once; nothing after a mistake.
[[nodiscard]] std::optional<Elements> elements_of(Elaboration& elaboration, const Operand& sequence);

/// len(); nothing if the value has none.
[[nodiscard]] std::optional<std::int64_t> length_of(const LanguageValue& value);

}  // namespace halcyon::language
