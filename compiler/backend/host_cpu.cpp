#include "backend/host_cpu.h"

#include <llvm/ADT/StringRef.h>
#include <llvm/TargetParser/Host.h>

#include <fstream>

#include <fmt/format.h>

namespace halcyon {

std::string cpu_kind() {
    return llvm::sys::getHostCPUName().str();
}

std::string cpu_name() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (!line.starts_with("model name")) continue;
        const auto at = line.find_first_not_of(" \t", line.find(':') + 1);
        if (line.find(':') != std::string::npos && at != std::string::npos) return cpu_kind() + ", " + line.substr(at);
    }
    return cpu_kind();
}

std::string arm_cpu_kind(unsigned implementer, unsigned part) {
    // LLVM reads these numbers from the text of /proc/cpuinfo only.
    const std::string info = fmt::format("CPU implementer\t: {:#04x}\nCPU part\t: {:#05x}\n", implementer, part);
    return llvm::sys::detail::getHostCPUNameForARM(info).str();
}

}  // namespace halcyon
