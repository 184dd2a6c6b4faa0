#include <doctest/doctest.h>

#include "formats/image.h"
#include "scratch.h"

using namespace halcyon;

TEST_CASE("a PNG file is read as it was written") {
    const Image image{2, 1, 3, {255, 0, 1, 2, 3, 4}};
    const ScratchFile file("picture.png", png_bytes(image));
    Diagnostics diag;
    const auto read = read_image(file.path(), 3, diag);
    REQUIRE(read);
    CHECK(read->width == 2);
    CHECK(read->height == 1);
    CHECK(read->pixels == image.pixels);
}

TEST_CASE("alpha is dropped, colours stay as they are") {
    const ScratchFile file("picture.png", png_bytes({1, 1, 4, {10, 20, 30, 0}}));
    Diagnostics diag;
    const auto read = read_image(file.path(), 3, diag);
    REQUIRE(read);
    CHECK(read->pixels == std::vector<std::uint8_t>{10, 20, 30});
}

TEST_CASE("a damaged picture is one error") {
    const std::string bytes = png_bytes({2, 2, 1, {1, 2, 3, 4}});
    const ScratchFile cut("cut.png", std::string_view(bytes).substr(0, bytes.size() / 2));
    const ScratchFile text("text.png", "hello");
    Diagnostics diag;
    CHECK(!read_image(cut.path(), 1, diag));
    CHECK(!read_image(text.path(), 1, diag));
    REQUIRE(diag.all().size() == 2);
    CHECK(diag.all()[0].message == "'" + cut.path() + "' is a damaged picture");
    CHECK(diag.all()[1].message == "'" + text.path() + "' is neither a PNG nor a JPEG file");
}

TEST_CASE("a picture of more than 2^28 pixels is refused before it is unpacked") {
    std::string bytes = png_bytes({1, 1, 1, {0}});
    bytes.replace(16, 8, std::string("\0\1\0\0\0\1\0\0", 8));  // IHDR: 65536 x 65536
    const ScratchFile file("huge.png", bytes);
    Diagnostics diag;
    CHECK(!read_image(file.path(), 1, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].code == Code::bad_image);
}
