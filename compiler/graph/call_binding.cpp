#include "graph/call_binding.h"

#include <algorithm>

namespace halcyon::language {

std::optional<std::vector<CallArgument>> bound_arguments(Elaboration& elaboration, std::string_view function,
                                                         const CallArguments& arguments,
                                                         const std::vector<std::string_view>& parameters,
                                                         std::size_t required) {
    std::vector<std::optional<CallArgument>> bound(parameters.size());
    std::size_t position = 0;
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return std::nullopt;
        std::size_t at = position;
        if (argument.keyword.empty()) {
            ++position;
        } else {
            at = static_cast<std::size_t>(std::find(parameters.begin(), parameters.end(), argument.keyword) -
                                          parameters.begin());
        }
        if (at >= parameters.size()) {
            const bool named = !argument.keyword.empty();
            Diagnostic& d = named ? elaboration.error(Code::unknown_argument, argument.keyword_span,
                                                      "{}() has no argument '{}'", function, argument.keyword)
                                  : elaboration.error(Code::too_many_arguments, argument.span,
                                                      "{}() takes at most {} arguments", function, parameters.size());
            const auto similar = named ? nearest(argument.keyword, parameters) : "";
            if (!similar.empty()) d.hint = fmt::format("did you mean '{}'?", similar);
            return std::nullopt;
        }
        if (bound[at]) {
            elaboration.error(Code::repeated_argument, argument.span, "'{}' is given twice", parameters[at]);
            return std::nullopt;
        }
        bound[at] = argument;
    }
    std::vector<CallArgument> result;
    for (std::size_t i = 0; i < bound.size(); ++i) {
        if (!bound[i] && i < required) {
            elaboration.error(Code::missing_argument, arguments.call, "{}() needs '{}'", function, parameters[i]);
            return std::nullopt;
        }
        result.push_back(bound[i].value_or(CallArgument{"", {}, None{}, arguments.call, nullptr}));
    }
    return result;
}

}  // namespace halcyon::language
