#include "backend/linker.h"

#include <lld/Common/Driver.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "backend/llvm_support.h"
#include "support/check.h"

LLD_HAS_DRIVER(elf)
LLD_HAS_DRIVER(wasm)

namespace halcyon {

namespace {

/// A private folder for one link, gone afterwards.
class Workshop {
public:
    Workshop() {
        llvm::SmallString<128> path;
        if (const std::error_code failed = llvm::sys::fs::createUniqueDirectory("halcyon-link", path)) {
            throw TemporaryFileError("cannot make a temporary folder: " + failed.message());
        }
        folder_ = path.str().str();
    }
    ~Workshop() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream file(folder_ / name, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) throw TemporaryFileError("cannot write the temporary file " + path(name));
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (!file) throw TemporaryFileError("cannot read the temporary file " + path(name));
        return bytes;
    }

private:
    std::filesystem::path folder_;
};

std::string link(const char* flavor, const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments) {
    const Workshop workshop;
    arguments.insert(arguments.begin(), flavor);
    // One thread: objects are small, and several libraries may be made at once.
    arguments.insert(arguments.end(), {"--threads=1", "-o", workshop.path("out")});
    for (const LinkerInput& input : inputs) {
        workshop.write(input.name, input.bytes);
        arguments.push_back(workshop.path(input.name));
    }
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());

    // LLD keeps its state in globals: one link at a time.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::string messages;
    llvm::raw_string_ostream stream(messages);
    const lld::Result result = lld::lldMain(pointers, stream, stream,
                                            {{lld::Gnu, &lld::elf::link}, {lld::Wasm, &lld::wasm::link}});
    if (result.retCode != 0 || !result.canRunAgain) throw InternalError("LLD: " + messages);
    return workshop.read("out");
}

const char* emulation(const TargetInfo& target) {
    switch (llvm::Triple(target.triple).getArch()) {
    case llvm::Triple::x86_64: return "elf_x86_64";
    case llvm::Triple::aarch64: return "aarch64linux";
    default: throw InternalError("no linker for " + target.triple);
    }
}

}  // namespace

std::string link_elf(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments, const TargetInfo& target) {
    arguments.insert(arguments.begin(), {"-m", emulation(target)});
    return link("ld.lld", inputs, std::move(arguments));
}

std::string link_wasm(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments) {
    return link("wasm-ld", inputs, std::move(arguments));
}

std::string emit_empty_object(const TargetInfo& target) {
    const auto machine = baseline_machine(target);
    llvm::LLVMContext context;
    llvm::Module module("empty", context);
    module.setTargetTriple(target.triple);
    module.setDataLayout(machine->createDataLayout());
    return emit_object(module, *machine);
}

}  // namespace halcyon
