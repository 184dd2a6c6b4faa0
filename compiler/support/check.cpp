#include "support/check.h"

#include <fmt/format.h>

namespace halcyon {

void internal_error(const char* file, int line, const std::string& message) {
    throw InternalError(fmt::format("{}:{}: {}", file, line, message));
}

}  // namespace halcyon
