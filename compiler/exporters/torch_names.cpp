#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_source.h"

namespace halcyon {
namespace {

/// What nn.Module, the model's class, Python or the file itself calls something.
constexpr std::string_view taken_names =
    " False None True and as assert async await break class continue def del elif else except finally for from global "
    "if import in is lambda nonlocal not or pass raise return try while with yield self torch nn F math float dict "
    "list "
    "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches "
    "eval extra_repr forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules "
    "mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook "
    "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook "
    "register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ "
    "set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad load_weights "
    "reset_parameters load_file BLOCKS PARTS LAYERS layer_of TENSORS KERAS_NAMES from_keras variance_scaling_ ";

}  // namespace

std::string camel_case(std::string_view name) {
    std::string result;
    bool upper = true;
    for (char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
            upper = true;
            continue;
        }
        result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        upper = false;
    }
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0) result = "Network" + result;
    return result;
}

std::string torch_name(std::string_view words, std::string_view fallback) {
    std::string name;
    for (char c : words) {
        const bool fits = static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (fits) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    while (name.ends_with('_')) name.pop_back();
    if (name.empty()) return std::string(fallback);
    if (std::isdigit(static_cast<unsigned char>(name[0])) != 0) name = fmt::format("{}_{}", fallback, name);
    if (taken_names.find(fmt::format(" {} ", name)) != std::string_view::npos) name += "_";
    return name;
}

std::vector<std::string> wrapped(const std::string& before, const std::vector<std::string>& arguments,
                                 const std::string& after, std::size_t indent) {
    const std::string joined = fmt::format("{}", fmt::join(arguments, ", "));
    if (indent + before.size() + joined.size() + after.size() + 2 <= torch_line_width)
        return {fmt::format("{}({}){}", before, joined, after)};
    std::vector<std::string> lines{before + "("};
    if (indent + 4 + joined.size() <= torch_line_width) {
        lines.push_back("    " + joined);
    } else {
        for (const std::string& argument : arguments) lines.push_back(fmt::format("    {},", argument));
    }
    lines.push_back(")" + after);
    return lines;
}

}  // namespace halcyon
