#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/target_info.h"

namespace halcyon {

/// The object with its defined symbols renamed: `kernel_symbol` at their beginning becomes `name`.
[[nodiscard]] std::string rename_kernel(const std::string& object, const std::string& name);

/// A relocatable object of all of `objects`, in this order.
[[nodiscard]] std::string merge_objects(std::vector<std::string> objects, const TargetInfo& target);

/// The object with all defined symbols local but those of `interface`; file names and compilers' names taken out.
[[nodiscard]] std::string hide_symbols(const std::string& object, const std::vector<std::string>& interface);

/// Symbols that the object needs from outside, sorted.
[[nodiscard]] std::vector<std::string> imports_of(const std::string& object);

/// A static library of one object. Has no times, owners or paths in it.
[[nodiscard]] std::string make_archive(const std::string& object, const std::string& member_name);

/// An ELF shared library of the object. It names libm as needed when the object imports more than memset and the like,
/// so that dlopen works in programs that have no mathematics of their own.
[[nodiscard]] std::string make_shared_library(const std::string& object, const std::string& soname,
                                              const TargetInfo& target);

/// Whether a library may import it: memset, memcpy, memmove or a function of libm.
[[nodiscard]] bool is_allowed_import(std::string_view symbol);
[[nodiscard]] bool is_libm(std::string_view symbol);

}  // namespace halcyon
