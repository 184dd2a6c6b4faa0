#include <doctest/doctest.h>
#include <zip.h>

#include "formats/keras_file.h"
#include "scratch.h"

using namespace halcyon;

namespace {

/// An archive with one deflated entry.
std::string zip_of(const std::string& name, const std::string& content) {
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
    zip_source_keep(target);
    zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
    REQUIRE(archive != nullptr);
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    REQUIRE(zip_file_add(archive, name.c_str(), source, 0) == 0);
    REQUIRE(zip_close(archive) == 0);
    zip_stat_t info;
    REQUIRE(zip_source_stat(target, &info) == 0);
    std::string bytes(info.size, '\0');
    REQUIRE(zip_source_open(target) == 0);
    REQUIRE(zip_source_read(target, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()));
    zip_source_close(target);
    zip_source_free(target);
    return bytes;
}

}  // namespace

TEST_CASE("an archive that would unpack to far more than an architecture takes is refused unpacked") {
    const std::string bomb = zip_of("config.json", std::string((std::size_t{1} << 26) + 1, ' '));
    CHECK(bomb.size() < 100'000);
    const ScratchFile file("bomb.keras", bomb);
    Diagnostics diag;
    CHECK(!KerasFile::open(file.path(), diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message == "'" + file.path() + "': entry 'config.json' is too large: 67108865 bytes");
}
