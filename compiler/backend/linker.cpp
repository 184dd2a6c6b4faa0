#include "backend/linker.h"

#include <lld/Common/Driver.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

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
        std::ifstream file(folder_ / name, std::ios::binary | std::ios::ate);
        std::string bytes(file ? static_cast<std::size_t>(file.tellg()) : 0, '\0');
        file.seekg(0);
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!file) throw TemporaryFileError("cannot read the temporary file " + path(name));
        return bytes;
    }

private:
    std::filesystem::path folder_;
};

using Driver = bool (*)(llvm::ArrayRef<const char*>, llvm::raw_ostream&, llvm::raw_ostream&, bool exit_early,
                        bool disable_output);

/// LLD leaves pointers of one link behind in globals, and a later one trips over them. So each runs in a process of its
/// own, which also keeps a crash of LLD's from being ours.
bool run_in_child(Driver driver, const std::vector<const char*>& arguments, const std::string& messages_path) {
    const pid_t child = fork();
    if (child < 0) throw TemporaryFileError(std::string("cannot start a process: ") + std::strerror(errno));
    if (child == 0) {
        std::error_code failed;
        llvm::raw_fd_ostream messages(messages_path, failed);
        const bool linked = !failed && driver(arguments, messages, messages, false, false);
        messages.close();
        _exit(linked ? 0 : 1);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string link(const char* flavor, Driver driver, const std::vector<LinkerInput>& inputs,
                 std::vector<std::string> arguments) {
    const Workshop workshop;
    arguments.insert(arguments.begin(), flavor);
    // Threads do not survive a fork, and objects are small.
    arguments.insert(arguments.end(), {"--threads=1", "-o", workshop.path("out")});
    for (const LinkerInput& input : inputs) {
        workshop.write(input.name, input.bytes);
        arguments.push_back(workshop.path(input.name));
    }
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
    if (!run_in_child(driver, pointers, workshop.path("messages"))) {
        throw InternalError("LLD: " + workshop.read("messages"));
    }
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

std::string link_elf(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments,
                     const TargetInfo& target) {
    arguments.insert(arguments.begin(), {"-m", emulation(target)});
    return link("ld.lld", lld::elf::link, inputs, std::move(arguments));
}

std::string link_wasm(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments) {
    return link("wasm-ld", lld::wasm::link, inputs, std::move(arguments));
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
