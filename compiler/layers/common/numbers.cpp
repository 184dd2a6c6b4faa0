#include "layers/common/numbers.h"

namespace halcyon {

// A single number stays single, so that it needs no tensor.
ArgumentType number_or_several() {
    const ArgumentType one = argument::real();
    const ArgumentType several = argument::sequence_of(argument::real());
    return {"a number, or a tuple with one for each channel",
            [one, several](const Value& written, std::string& why) -> std::optional<Value> {
                if (written.sequence() == nullptr) return one.normalize(written, why);
                if (!written.sequence()->empty()) return several.normalize(written, why);
                why = "the tuple is empty";
                return std::nullopt;
            }};
}

Array numbers(const Value& value) {
    if (const std::optional<double> number = value.real()) return Array({}, *number);
    std::vector<double> values;
    for (const Value& element : *value.sequence()) values.push_back(*element.real());
    Shape shape{static_cast<std::int64_t>(values.size())};
    return Array(std::move(shape), std::move(values));
}

}  // namespace halcyon
