#include "backend/objects.h"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/ObjCopy/CommonConfig.h>
#include <llvm/ObjCopy/ConfigManager.h>
#include <llvm/ObjCopy/ObjCopy.h>
#include <llvm/Object/ArchiveWriter.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>

#include <algorithm>
#include <array>

#include "backend/kernel_compiler.h"
#include "backend/linker.h"
#include "backend/llvm_support.h"
#include "backend/wasm_symbols.h"
#include "support/check.h"

namespace halcyon {

namespace {

namespace objcopy = llvm::objcopy;

llvm::MemoryBufferRef reference(const std::string& bytes) {
    return {bytes, "object"};
}

bool is_wasm(std::string_view bytes) {
    return bytes.starts_with(std::string_view("\0asm", 4));
}

std::string copy_object(const std::string& object, const std::function<void(objcopy::ConfigManager&)>& configure) {
    objcopy::ConfigManager config;
    // The library reads the names of its files only for messages.
    config.Common.InputFilename = config.Common.OutputFilename = "object";
    configure(config);
    const auto binary = check(llvm::object::createBinary(reference(object)));
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    check(objcopy::executeObjcopyOnBinary(config, *binary, stream));
    return bytes;
}

llvm::Expected<objcopy::NameOrPattern> matching(llvm::StringRef text, objcopy::MatchStyle style) {
    return objcopy::NameOrPattern::create(text, style, [](llvm::Error error) { return error; });
}
llvm::Expected<objcopy::NameOrPattern> literally(llvm::StringRef name) {
    return matching(name, objcopy::MatchStyle::Literal);
}

/// All symbols of an ELF object that `wanted` accepts.
std::vector<std::string> symbols_where(const std::string& object,
                                       const std::function<bool(const llvm::object::ELFSymbolRef&)>& wanted) {
    std::vector<std::string> names;
    const auto file = check(llvm::object::ObjectFile::createObjectFile(reference(object)));
    for (const llvm::object::ELFSymbolRef symbol : llvm::cast<llvm::object::ELFObjectFileBase>(*file).symbols()) {
        if (wanted(symbol)) names.push_back(check(symbol.getName()).str());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool is_undefined(const llvm::object::ELFSymbolRef& symbol) {
    return (check(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined) != 0;
}

bool has_section(const std::string& object, llvm::StringRef name) {
    const auto file = check(llvm::object::ObjectFile::createObjectFile(reference(object)));
    return llvm::any_of(file->sections(), [&](const auto& section) { return check(section.getName()) == name; });
}

}  // namespace

std::string rename_kernel(const std::string& object, const std::string& name) {
    const auto renamed = [&](llvm::StringRef symbol) { return name + symbol.substr(kernel_symbol.size()).str(); };
    if (is_wasm(object)) {
        return edit_wasm_symbols(object, [&](WasmSymbol& symbol) {
            if (symbol.name.starts_with(kernel_symbol)) symbol.name = renamed(symbol.name);
        });
    }
    const std::vector<std::string> old = symbols_where(object, [](const llvm::object::ELFSymbolRef& symbol) {
        return llvm::StringRef(check(symbol.getName())).starts_with(kernel_symbol);
    });
    CHECK_INTERNAL(std::find(old.begin(), old.end(), kernel_symbol) != old.end());
    std::vector<std::string> names;
    for (const std::string& symbol : old) names.push_back(renamed(symbol));
    return copy_object(object, [&](objcopy::ConfigManager& config) {
        for (std::size_t i = 0; i < old.size(); ++i) config.Common.SymbolsToRename[old[i]] = names[i];
    });
}

std::string merge_objects(std::vector<std::string> objects, const TargetInfo& target) {
    std::vector<LinkerInput> inputs;
    for (std::size_t i = 0; i < objects.size(); ++i)
        inputs.push_back({std::to_string(i) + ".o", std::move(objects[i])});
    if (target.wasm) return link_wasm(inputs, {"-r"});
    return link_elf(inputs, {"-r"}, target);
}

std::string hide_symbols(const std::string& object, const std::vector<std::string>& interface) {
    const auto is_interface = [&](std::string_view name) {
        return std::find(interface.begin(), interface.end(), name) != interface.end();
    };
    if (is_wasm(object)) {
        return edit_wasm_symbols(object, [&](WasmSymbol& symbol) {
            if (symbol.defined && !is_interface(symbol.name)) symbol.local = true;
        });
    }
    const std::vector<std::string> files = symbols_where(
        object, [](const llvm::object::ELFSymbolRef& symbol) { return symbol.getELFType() == llvm::ELF::STT_FILE; });
    const bool has_stack_note = has_section(object, ".note.GNU-stack");
    return copy_object(object, [&](objcopy::ConfigManager& config) {
        for (const std::string& name : interface) check(config.Common.SymbolsToKeepGlobal.addMatcher(literally(name)));
        for (const std::string& name : files) check(config.Common.SymbolsToRemove.addMatcher(literally(name)));
        for (const char* section : {".comment", ".llvm_addrsig"}) {
            check(config.Common.ToRemove.addMatcher(literally(section)));
        }
        // The compiler's own labels, as far as no relocation needs them.
        check(config.Common.UnneededSymbolsToRemove.addMatcher(matching(".L*", objcopy::MatchStyle::Wildcard)));
        // Without this note linkers take the object for one that executes its stack.
        if (!has_stack_note) {
            config.Common.AddSection.push_back({".note.GNU-stack", llvm::MemoryBuffer::getMemBuffer("")});
        }
    });
}

std::vector<std::string> imports_of(const std::string& object) {
    if (is_wasm(object)) {
        std::vector<std::string> names;
        (void)edit_wasm_symbols(object, [&](WasmSymbol& symbol) {
            if (!symbol.defined && symbol.is_function) names.push_back(symbol.name);
        });
        std::sort(names.begin(), names.end());
        return names;
    }
    std::vector<std::string> names = symbols_where(object, is_undefined);
    std::erase(names, "");
    std::erase(names, "_GLOBAL_OFFSET_TABLE_");  // the linker's own
    return names;
}

std::string make_archive(const std::string& object, const std::string& member_name) {
    llvm::NewArchiveMember member(llvm::MemoryBufferRef(object, member_name));
    const auto archive =
        check(llvm::writeArchiveToBuffer(member, llvm::SymtabWritingMode::NormalSymtab, llvm::object::Archive::K_GNU,
                                         /*Deterministic=*/true, /*Thin=*/false));
    return archive->getBuffer().str();
}

std::string make_shared_library(const std::string& object, const std::string& soname, const TargetInfo& target) {
    std::vector<LinkerInput> inputs{{"library.o", object}};
    std::vector<std::string> arguments{"-shared",
                                       "-soname",
                                       soname,
                                       "-Bsymbolic",
                                       "--hash-style=gnu",
                                       "--discard-locals",
                                       "--eh-frame-hdr",
                                       "-z",
                                       "noexecstack",
                                       "-z",
                                       "relro",
                                       "-z",
                                       "now",
                                       "--build-id=sha1"};
    const std::vector<std::string> imports = imports_of(object);
    if (std::any_of(imports.begin(), imports.end(), is_libm)) {
        // The linker wants a file to learn the name from; what the real libm defines is left to the loader.
        inputs.push_back({"libm.so", link_elf({{"empty.o", emit_empty_object(target)}},
                                              {"-shared", "-soname", "libm.so.6"}, target)});
        arguments.insert(arguments.begin(), "--no-as-needed");
    }
    return link_elf(inputs, arguments, target);
}

bool is_libm(std::string_view symbol) {
    static constexpr std::array functions{"acos",  "acosh",     "asin", "asinh", "atan", "atan2",     "atanh", "ceil",
                                          "cos",   "cosh",      "erf",  "exp",   "exp2", "expm1",     "fabs",  "floor",
                                          "fma",   "fmod",      "log",  "log1p", "log2", "nearbyint", "pow",   "rint",
                                          "round", "roundeven", "sin",  "sinh",  "sqrt", "tan",       "tanh",  "trunc"};
    if (std::find(functions.begin(), functions.end(), symbol) != functions.end()) return true;
    return symbol.ends_with('f') &&
           std::find(functions.begin(), functions.end(), symbol.substr(0, symbol.size() - 1)) != functions.end();
}

bool is_allowed_import(std::string_view symbol) {
    return symbol == "memset" || symbol == "memcpy" || symbol == "memmove" || is_libm(symbol);
}

}  // namespace halcyon
