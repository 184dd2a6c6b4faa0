// The bytes themselves are in the generated embed.S and interface_text.S beside this.
#include "backend/runtime_bitcode.h"

extern "C" {
extern const char halcyon_runtime_x86_64[], halcyon_runtime_x86_64_end[];
extern const char halcyon_runtime_aarch64[], halcyon_runtime_aarch64_end[];
extern const char halcyon_runtime_wasm32[], halcyon_runtime_wasm32_end[];
extern const char halcyon_interface_text[], halcyon_interface_text_end[];
}

namespace halcyon {

std::string_view runtime_bitcode(std::string_view architecture) {
    if (architecture == "x86_64") return {halcyon_runtime_x86_64, halcyon_runtime_x86_64_end};
    if (architecture == "aarch64") return {halcyon_runtime_aarch64, halcyon_runtime_aarch64_end};
    if (architecture == "wasm32") return {halcyon_runtime_wasm32, halcyon_runtime_wasm32_end};
    return {};
}

std::string_view interface_text() {
    return {halcyon_interface_text, halcyon_interface_text_end};
}

}  // namespace halcyon
