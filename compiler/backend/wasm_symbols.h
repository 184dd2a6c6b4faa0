#pragma once

#include <functional>
#include <string>

namespace halcyon {

/// One function or datum of a WebAssembly object's symbol table.
struct WasmSymbol {
    std::string name;
    bool is_function = false;
    bool defined = false;
    bool local = false;
};

/// The object after `edit` has seen each function and datum; names of defined ones and `local` may be changed. LLVM's
/// ObjCopy cannot do this for WebAssembly. InternalError when the bytes are not an object as LLVM writes them.
[[nodiscard]] std::string edit_wasm_symbols(const std::string& object, const std::function<void(WasmSymbol&)>& edit);

}  // namespace halcyon
