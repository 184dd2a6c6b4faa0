#include "support/utf8.h"

#include <doctest/doctest.h>

using namespace halcyon;

TEST_CASE("code points of one to four bytes are read") {
    CHECK(first_code_point("a").value == 'a');
    CHECK(first_code_point("é").value == 0xe9);
    CHECK(first_code_point("網").value == 0x7db2);
    CHECK(first_code_point("\U0001f600").value == 0x1f600);
    CHECK(first_code_point("\U0001f600").bytes == 4);
}

TEST_CASE("bytes that are not UTF-8 are refused") {
    for (const std::string_view text : {"\x80", "\xc3", "\xc3(", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                                        "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"}) {
        CAPTURE(text);
        CHECK(first_code_point(text).bytes == 0);
    }
}
