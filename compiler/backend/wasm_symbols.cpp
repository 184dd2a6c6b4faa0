// Names by the WebAssembly object file linking convention, version 2: the custom section "linking" holds the table of
// symbols; undefined functions take their names from the section of imports. Neither section has relocations, and other
// sections are addressed by number, so that both can change their size.
#include "backend/wasm_symbols.h"

#include <llvm/BinaryFormat/Wasm.h>
#include <llvm/Support/LEB128.h>
#include <llvm/Support/raw_ostream.h>

#include <string_view>
#include <vector>

#include "support/check.h"

namespace halcyon {

namespace {

namespace wasm = llvm::wasm;

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }

    std::string_view take(std::uint64_t count) {
        CHECK_INTERNAL(count <= bytes_.size());
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }
    std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
    std::uint64_t number() {
        const auto* data = reinterpret_cast<const std::uint8_t*>(bytes_.data());
        unsigned length = 0;
        const char* error = nullptr;
        const std::uint64_t value = llvm::decodeULEB128(data, &length, data + bytes_.size(), &error);
        CHECK_INTERNAL(error == nullptr);
        take(length);
        return value;
    }
    std::string_view text() { return take(number()); }

private:
    std::string_view bytes_;
};

void put_number(std::string& out, std::uint64_t value) {
    llvm::raw_string_ostream stream(out);
    llvm::encodeULEB128(value, stream);
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

/// The names of imported functions, by function index.
std::vector<std::string> imported_functions(Reader section) {
    std::vector<std::string> names;
    for (std::uint64_t left = section.number(); left > 0; --left) {
        section.text();
        const std::string_view name = section.text();
        switch (section.byte()) {
        case wasm::WASM_EXTERNAL_FUNCTION:
            section.number();
            names.emplace_back(name);
            break;
        case wasm::WASM_EXTERNAL_TABLE: section.byte(); [[fallthrough]];
        case wasm::WASM_EXTERNAL_MEMORY: {
            const bool has_maximum = (section.number() & wasm::WASM_LIMITS_FLAG_HAS_MAX) != 0;
            section.number();
            if (has_maximum) section.number();
            break;
        }
        case wasm::WASM_EXTERNAL_GLOBAL:
        case wasm::WASM_EXTERNAL_TAG:
            section.byte();
            section.byte();
            break;
        default: CHECK_INTERNAL(false);
        }
    }
    return names;
}

/// Copies one entry of the table of symbols from `in` to `out`.
void edit_entry(Reader& in, std::string& out, const std::vector<std::string>& imports,
                const std::function<void(WasmSymbol&)>& edit) {
    const std::uint8_t kind = in.byte();
    std::uint64_t flags = in.number();
    const bool defined = (flags & wasm::WASM_SYMBOL_UNDEFINED) == 0;
    const bool is_data = kind == wasm::WASM_SYMBOL_TYPE_DATA;
    const bool has_index = !is_data;
    const bool has_name = kind != wasm::WASM_SYMBOL_TYPE_SECTION &&
                          (is_data || defined || (flags & wasm::WASM_SYMBOL_EXPLICIT_NAME) != 0);
    const std::uint64_t index = has_index ? in.number() : 0;

    WasmSymbol symbol;
    symbol.is_function = kind == wasm::WASM_SYMBOL_TYPE_FUNCTION;
    symbol.defined = defined;
    symbol.local = (flags & wasm::WASM_SYMBOL_BINDING_MASK) == wasm::WASM_SYMBOL_BINDING_LOCAL;
    if (has_name) {
        symbol.name = in.text();
    } else if (symbol.is_function) {
        symbol.name = imports.at(index);
    }
    if (symbol.is_function || is_data) edit(symbol);
    if (symbol.local) {
        const std::uint64_t dropped = wasm::WASM_SYMBOL_BINDING_MASK | wasm::WASM_SYMBOL_EXPORTED;
        flags = (flags & ~dropped) | wasm::WASM_SYMBOL_BINDING_LOCAL;
    }

    out += static_cast<char>(kind);
    put_number(out, flags);
    if (has_index) put_number(out, index);
    if (has_name) put_text(out, symbol.name);
    if (is_data && defined) {
        for (int field = 0; field < 3; ++field) put_number(out, in.number());
    }
}

std::string edit_linking_section(Reader in, const std::vector<std::string>& imports,
                                 const std::function<void(WasmSymbol&)>& edit) {
    std::string out;
    const std::uint64_t version = in.number();
    CHECK_INTERNAL(version == wasm::WasmMetadataVersion);
    put_number(out, version);
    while (!in.at_end()) {
        const std::uint8_t type = in.byte();
        std::string_view content = in.text();
        std::string edited(content);
        if (type == wasm::WASM_SYMBOL_TABLE) {
            Reader table(content);
            const std::uint64_t count = table.number();
            edited.clear();
            put_number(edited, count);
            for (std::uint64_t i = 0; i < count; ++i) edit_entry(table, edited, imports, edit);
        }
        out += static_cast<char>(type);
        put_text(out, edited);
    }
    return out;
}

}  // namespace

std::string edit_wasm_symbols(const std::string& object, const std::function<void(WasmSymbol&)>& edit) {
    constexpr std::size_t preamble = 8;
    Reader in(object);
    std::string out(in.take(preamble));
    std::vector<std::string> imports;
    while (!in.at_end()) {
        const std::uint8_t type = in.byte();
        const std::string_view content = in.text();
        std::string edited(content);
        if (type == wasm::WASM_SEC_IMPORT) imports = imported_functions(Reader(content));
        if (type == wasm::WASM_SEC_CUSTOM) {
            Reader custom(content);
            if (custom.text() == "linking") {
                constexpr std::string_view name = "linking";
                edited.clear();
                put_text(edited, name);
                edited += edit_linking_section(Reader(content.substr(1 + name.size())), imports, edit);
            }
        }
        out += static_cast<char>(type);
        put_text(out, edited);
    }
    return out;
}

}  // namespace halcyon
