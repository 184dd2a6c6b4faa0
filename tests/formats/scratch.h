#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace halcyon {

/// A file in the tests' scratch folder, removed at the end. TensorFile and images are read from the disk.
class ScratchFile {
public:
    ScratchFile(std::string_view name, std::string_view bytes) {
        static std::atomic<int> count = 0;
        std::filesystem::create_directories(folder());
        path_ = fmt::format("{}/{}_{}", folder(), count++, name);
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    ~ScratchFile() { std::filesystem::remove(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    static std::string folder() { return std::string(HALCYON_TEST_SCRATCH) + "/formats"; }
    std::string path_;
};

/// The bytes of a safetensors file with this header; the numbers follow.
inline std::string safetensors_bytes(std::string_view header, std::string_view numbers) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
    bytes += header;
    bytes += numbers;
    return bytes;
}

}  // namespace halcyon
