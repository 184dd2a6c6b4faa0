#pragma once

#include <stdexcept>
#include <string>

namespace halcyon {

/// A mistake of ours, never of the user: `main` reports it as a bug in Halcyon and exits with status 70.
class InternalError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

[[noreturn]] void internal_error(const char* file, int line, const std::string& message);

}  // namespace halcyon

/// States what must hold whatever the user wrote.
#define CHECK_INTERNAL(condition)                                                               \
    do {                                                                                        \
        if (!(condition)) ::halcyon::internal_error(__FILE__, __LINE__, "not so: " #condition); \
    } while (false)
