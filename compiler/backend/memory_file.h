#pragma once

#include <string>
#include <string_view>

namespace halcyon {

/// A file without a place in any folder, for programs and libraries that read and write only files.
class MemoryFile {
public:
    MemoryFile();
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    /// A path by which this process can open it.
    [[nodiscard]] std::string path() const;
    void write(std::string_view bytes) const;
    /// The next read or write begins at the front.
    void rewind() const;
    [[nodiscard]] std::string contents() const;

private:
    int descriptor_;
};

}  // namespace halcyon
