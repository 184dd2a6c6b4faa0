#include "backend/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "support/check.h"

namespace halcyon {

MemoryFile::MemoryFile() : descriptor_(memfd_create("halcyon", MFD_CLOEXEC)) {
    CHECK_INTERNAL(descriptor_ >= 0);
}

MemoryFile::~MemoryFile() {
    close(descriptor_);
}

std::string MemoryFile::path() const {
    return fmt::format("/proc/self/fd/{}", descriptor_);
}

void MemoryFile::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        CHECK_INTERNAL(count > 0);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void MemoryFile::rewind() const {
    CHECK_INTERNAL(lseek(descriptor_, 0, SEEK_SET) == 0);
}

std::string MemoryFile::contents() const {
    std::string bytes;
    char buffer[1 << 16];
    while (true) {
        const ssize_t count = pread(descriptor_, buffer, sizeof buffer, static_cast<off_t>(bytes.size()));
        if (count < 0 && errno == EINTR) continue;
        CHECK_INTERNAL(count >= 0);
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace halcyon
