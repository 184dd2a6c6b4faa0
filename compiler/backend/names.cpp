#include "backend/names.h"

#include <fmt/format.h>

#include <set>

namespace halcyon {

namespace {

// Words that Python lets one call a variable and C99 or C++17 does not, and the struct's own fields.
const std::set<std::string, std::less<>> taken{"alignas",
                                               "alignof",
                                               "and_eq",
                                               "asm",
                                               "auto",
                                               "bitand",
                                               "bitor",
                                               "bool",
                                               "case",
                                               "catch",
                                               "char",
                                               "char16_t",
                                               "char32_t",
                                               "compl",
                                               "const",
                                               "const_cast",
                                               "constexpr",
                                               "decltype",
                                               "default",
                                               "delete",
                                               "do",
                                               "double",
                                               "dynamic_cast",
                                               "enum",
                                               "explicit",
                                               "export",
                                               "extern",
                                               "float",
                                               "friend",
                                               "goto",
                                               "inline",
                                               "int",
                                               "long",
                                               "mutable",
                                               "namespace",
                                               "new",
                                               "noexcept",
                                               "not_eq",
                                               "nullptr",
                                               "operator",
                                               "or_eq",
                                               "private",
                                               "protected",
                                               "public",
                                               "register",
                                               "reinterpret_cast",
                                               "restrict",
                                               "short",
                                               "signed",
                                               "sizeof",
                                               "static",
                                               "static_assert",
                                               "static_cast",
                                               "struct",
                                               "switch",
                                               "template",
                                               "this",
                                               "thread_local",
                                               "throw",
                                               "true",
                                               "false",
                                               "typedef",
                                               "typeid",
                                               "typename",
                                               "union",
                                               "unsigned",
                                               "using",
                                               "virtual",
                                               "void",
                                               "volatile",
                                               "wchar_t",
                                               "xor",
                                               "xor_eq",
                                               "weights",
                                               "weights_bytes",
                                               "NULL",
                                               "assert",
                                               "errno",
                                               "std",
                                               "main",
                                               "linux",
                                               "unix"};

std::string unique(std::string name, std::set<std::string>& used) {
    while (taken.contains(name) || !used.insert(name).second) name += '_';
    return name;
}

std::string upper_case(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

}  // namespace

InterfaceNames interface_names(const Program& program) {
    InterfaceNames names;
    std::set<std::string> none, fields, sizes;
    names.model = unique(program.model, none);
    names.upper = upper_case(program.model);
    names.run = program.model + "_run";
    names.check_weights = program.model + "_check_weights";
    const auto add = [&](const std::vector<Door>& doors, std::vector<std::string>& of_doors,
                         std::vector<std::string>& of_sizes) {
        for (const Door& door : doors) {
            of_doors.push_back(unique(door.name, fields));
            of_sizes.push_back(unique(names.upper + "_" + upper_case(door.name) + "_SIZE", sizes));
        }
    };
    add(program.inputs, names.inputs, names.input_sizes);
    add(program.outputs, names.outputs, names.output_sizes);
    return names;
}

std::string kernel_symbol_of(const Program& program, int kernel) {
    return program.model + "." + program.kernels.at(kernel).name;
}

std::string weights_symbol(const Program& program) {
    return program.model + ".weights";
}

std::string call_symbol(const Program& program, std::size_t call) {
    return fmt::format("{}.call.{}", program.model, call);
}

std::string begin_symbol(const Program& program) {
    return program.model + ".begin";
}

}  // namespace halcyon
