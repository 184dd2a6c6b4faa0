#include "backend/prefetch_hints.h"

#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <llvm/Object/ObjectFile.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "backend/llvm_support.h"
#include "support/check.h"

namespace halcyon {
namespace {

constexpr std::string_view bypassing = "prefetchnta", keeping = "prefetcht0";

struct Disposed {
    void operator()(void* disassembler) const { LLVMDisasmDispose(disassembler); }
};

/// Intel's manual, volume 2, PREFETCHh: 0F 18 and a byte whose middle three bits say which, 0 for NTA and 1 for T0.
void keep(std::uint8_t* instruction, std::size_t size) {
    std::size_t at = 0;
    while (at + 2 < size && !(instruction[at] == 0x0f && instruction[at + 1] == 0x18)) ++at;
    CHECK_INTERNAL(at + 2 < size && (instruction[at + 2] & 0x38) == 0);
    instruction[at + 2] |= 0x08;
}

}  // namespace

std::string keep_prefetched(std::string object) {
    LLVMInitializeX86TargetInfo(), LLVMInitializeX86TargetMC(), LLVMInitializeX86Disassembler();
    const std::unique_ptr<void, Disposed> disassembler(
        LLVMCreateDisasm("x86_64-unknown-linux-gnu", nullptr, 0, nullptr, nullptr));
    CHECK_INTERNAL(disassembler != nullptr);
    const auto file = check(llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, "object")));
    for (const llvm::object::SectionRef& section : file->sections()) {
        if (!section.isText()) continue;
        const llvm::StringRef code = check(section.getContents());
        std::uint8_t* const begin =
            reinterpret_cast<std::uint8_t*>(object.data()) + (code.data() - std::as_const(object).data());
        for (std::size_t at = 0; at < code.size();) {
            std::array<char, 128> text{};
            const std::size_t size =
                LLVMDisasmInstruction(disassembler.get(), begin + at, code.size() - at, at, text.data(), text.size());
            CHECK_INTERNAL(size > 0);
            if (std::string_view(text.data()).find(bypassing) != std::string_view::npos) keep(begin + at, size);
            at += size;
        }
    }
    return object;
}

std::string keep_prefetched_text(std::string assembly) {
    for (std::size_t at = 0; (at = assembly.find(bypassing, at)) != std::string::npos; at += keeping.size())
        assembly.replace(at, bypassing.size(), keeping);
    return assembly;
}

}  // namespace halcyon
