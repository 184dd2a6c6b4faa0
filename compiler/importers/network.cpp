#include "importers/network.h"

namespace halcyon::importers {

Value written_briefly(const ArgumentDef& argument, const Value& normal) {
    const Value::Sequence* sequence = normal.sequence();
    if (sequence == nullptr || sequence->empty()) return normal;
    Value::Sequence shorter;
    for (const Value& element : *sequence) shorter.push_back(written_briefly(argument, element));
    const auto means_the_same = [&](const Value& value) {
        std::string why;
        const std::optional<Value> again = argument.type.normalize(value, why);
        return again && *again == normal;
    };
    // (3, 3) is 3, ((1, 1), (1, 1)) is 1; but the shape (10,) stays one.
    const bool is_shape = argument.name == "target_shape" || argument.name == "dims" || argument.name == "shape";
    Value inner = shorter.front();
    if (const Value::Sequence* pair = sequence->front().sequence();
        pair != nullptr && pair->size() == 2 && (*pair)[0] == (*pair)[1]) {
        inner = (*pair)[0];
    }
    if (!is_shape && means_the_same(inner)) return inner;
    return normal;
}

}  // namespace halcyon::importers
