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
    std::set<std::string> none, sizes;
    names.model = unique(program.model, none);
    names.upper = names.upper_batch = upper_case(program.model);
    names.run = program.model + "_run";
    names.check_weights = program.model + "_check_weights";
    names.run_items = program.model + "_run_items";
    names.target = program.model + "_target";
    names.use_target = program.model + "_use_target";
    names.face = "Model";
    const auto add = [&](const std::vector<Door>& doors, std::vector<std::string>& of_sizes) {
        of_sizes.clear();
        for (const Door& door : doors)
            of_sizes.push_back(unique(names.upper_batch + "_" + upper_case(door.name) + "_SIZE", sizes));
    };
    add(program.inputs, names.input_sizes);
    add(program.outputs, names.output_sizes);
    if (program.further_batch) {
        // The first batch size's names stay taken: a door may be called "batch8_image".
        names.upper_batch += fmt::format("_BATCH{}", program.batch);
        names.run += fmt::format("_batch{}", program.batch);
        names.face += fmt::format("Batch{}", program.batch);
        add(program.inputs, names.input_sizes);
        add(program.outputs, names.output_sizes);
    }
    std::set<std::string> fields;
    for (const Door& door : program.inputs) names.inputs.push_back(unique(door.name, fields));
    for (const Door& door : program.outputs) names.outputs.push_back(unique(door.name, fields));
    return names;
}

std::string symbol_prefix(const Program& program) {
    // Not dots: a layer may be called "batch8.conv".
    std::string prefix = program.model;
    if (program.further_batch) prefix += fmt::format("_batch{}", program.batch);
    if (program.one_of_targets) prefix += "_" + program.target.name;
    return prefix;
}

std::string run_symbol(const Program& program) {
    return program.one_of_targets ? symbol_prefix(program) + ".run" : interface_names(program).run;
}

std::string kernel_symbol_of(const Program& program, int kernel) {
    return symbol_prefix(program) + "." + program.kernels.at(kernel).name;
}

std::string weights_symbol(const Program& program) {
    return program.model + ".weights";
}

std::string call_symbol(const Program& program, std::size_t call) {
    return fmt::format("{}.call.{}", symbol_prefix(program), call);
}

std::string item_symbol(const Program& program) {
    return symbol_prefix(program) + ".item";
}

std::string begin_symbol(const Program& program) {
    return symbol_prefix(program) + ".begin";
}

}  // namespace halcyon
