#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "reading.h"
#include "support/file_system.h"

using namespace halcyon;

namespace {

std::string contents(const std::string& path) {
    const FileResult<std::string> read = DiskFiles().read(path, 1 << 20);
    REQUIRE_MESSAGE(std::holds_alternative<std::string>(read), path);
    return std::get<std::string>(read);
}

}  // namespace

TEST_CASE("every tests/errors/syntax_*.hcn has exactly the diagnostics of its .expect") {
    const std::string folder = HALCYON_SOURCE_DIR "/tests/errors";
    int cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("syntax_") || !name.ends_with(".hcn")) continue;
        const Reading reading(contents(entry.path().string()), name);
        CAPTURE(name);
        CHECK(reading.errors() == contents(join_path(folder, stem_of(name) + ".expect")));
        ++cases;
    }
    CHECK(cases >= 20);
}
