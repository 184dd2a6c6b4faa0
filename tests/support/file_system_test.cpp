#include "support/file_system.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

using namespace halcyon;

namespace {

/// An empty folder, removed at the end.
struct Folder {
    Folder() {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    [[nodiscard]] std::string file(const std::string& name) const { return join_path(path, name); }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
    }
    std::string path = HALCYON_TEST_SCRATCH "/file_system_test";
};

/// Makes writing beyond a size fail as a full disk does, for this process.
struct FileSizeLimit {
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit limit{bytes, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before); }
    rlimit before{};
};

std::string message_of(const FileResult<std::string>& result) {
    const auto* error = std::get_if<FileError>(&result);
    return error == nullptr ? "" : error->message;
}

}  // namespace

TEST_CASE("what was written is read back, byte for byte") {
    const Folder folder;
    DiskFiles files;
    const std::string bytes("a\0b\xff\n", 5);
    CHECK_FALSE(files.write(folder.file("a"), bytes));
    CHECK(std::get<std::string>(files.read(folder.file("a"), 5)) == bytes);
    CHECK(folder.entries() == 1);
}

TEST_CASE("a file beyond the limit is an error") {
    const Folder folder;
    DiskFiles files;
    CHECK_FALSE(files.write(folder.file("a"), "12345"));
    CHECK(message_of(files.read(folder.file("a"), 4)) == "File is larger than 4 bytes");
}

TEST_CASE("missing files, folders and devices are errors to read") {
    const Folder folder;
    const DiskFiles files;
    CHECK(message_of(files.read(folder.file("none"), 10)) == "No such file or directory");
    CHECK(message_of(files.read(folder.path, 10)) == "Is a directory");
    CHECK(message_of(files.read("/dev/zero", 10)) == "Not a regular file");
}

TEST_CASE("a failed write leaves the old file whole and no temporary one") {
    const Folder folder;
    DiskFiles files;
    CHECK_FALSE(files.write(folder.file("a"), "old"));
    {
        const FileSizeLimit limit(1000);
        const auto error = files.write(folder.file("a"), std::string(5000, 'x'));
        REQUIRE(error);
        CHECK(error->message == "File too large");
    }
    CHECK(std::get<std::string>(files.read(folder.file("a"), 10)) == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("temporary files that a killed process of the same number left are no obstacle") {
    const Folder folder;
    DiskFiles files;
    constexpr int left = 1000;
    for (int i = 1; i <= left; ++i) std::ofstream(folder.file(fmt::format(".halcyon-{}-{}.tmp", ::getpid(), i)));
    CHECK_FALSE(files.write(folder.file("a"), "new"));
    CHECK(std::get<std::string>(files.read(folder.file("a"), 10)) == "new");
    CHECK(folder.entries() == left + 1);
}

TEST_CASE("a device is written in place, and its full disk is reported") {
    DiskFiles files;
    CHECK_FALSE(files.write("/dev/null", "gone"));
    CHECK(std::filesystem::is_character_file("/dev/null"));
    const auto error = files.write("/dev/full", "no room");
    REQUIRE(error);
    CHECK(error->message == "No space left on device");
}

TEST_CASE("writing into a folder that is missing is an error") {
    const Folder folder;
    DiskFiles files;
    CHECK(files.write(folder.file("none/a"), "x")->message == "No such file or directory");
    CHECK(files.write(folder.path, "x")->message == "Is a directory");
}

TEST_CASE("folders are made with their parents, and may exist already") {
    const Folder folder;
    DiskFiles files;
    CHECK_FALSE(files.make_folder(folder.file("a/b")));
    CHECK_FALSE(files.make_folder(folder.file("a/b")));
    CHECK(files.exists(folder.file("a/b")));
    CHECK_FALSE(files.write(folder.file("c"), ""));
    CHECK(files.make_folder(folder.file("c")));
}

TEST_CASE("a mapped file shows the file's bytes, also when it is empty") {
    const Folder folder;
    DiskFiles files;
    CHECK_FALSE(files.write(folder.file("a"), "weights"));
    CHECK_FALSE(files.write(folder.file("empty"), ""));
    const FileResult<MappedFile> mapped = MappedFile::open(folder.file("a"));
    REQUIRE(std::holds_alternative<MappedFile>(mapped));
    CHECK(std::get<MappedFile>(mapped).bytes() == "weights");
    CHECK(std::get<MappedFile>(MappedFile::open(folder.file("empty"))).bytes().empty());
    CHECK(std::holds_alternative<FileError>(MappedFile::open(folder.path)));
}

TEST_CASE("files in memory answer as those on disk") {
    MemoryFiles files{{"a.hcn", "text"}};
    CHECK(std::get<std::string>(files.read("a.hcn", 4)) == "text");
    CHECK(message_of(files.read("a.hcn", 3)) == "File is larger than 3 bytes");
    CHECK(message_of(files.read("b.hcn", 3)) == "No such file or directory");
    CHECK_FALSE(files.write("b.hcn", "more"));
    CHECK(files.exists("b.hcn"));
}

TEST_CASE("paths are taken apart and joined") {
    CHECK(folder_of("a/b.hcn") == "a");
    CHECK(folder_of("b.hcn") == ".");
    CHECK(folder_of("/b.hcn") == "/");
    CHECK(file_name_of("a/b.hcn") == "b.hcn");
    CHECK(stem_of("a.b/c.tar.gz") == "c.tar");
    CHECK(stem_of("a/.hidden") == ".hidden");
    CHECK(join_path("a", "b") == "a/b");
    CHECK(join_path("a/", "b") == "a/b");
    CHECK(join_path(".", "b") == "b");
    CHECK(join_path("a", "/b") == "/b");
}
