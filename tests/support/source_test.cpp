#include "support/source.h"

#include <doctest/doctest.h>

using namespace halcyon;

TEST_CASE("lines end at \\n, \\r\\n and a lone \\r") {
    const SourceFile file("a.hcn", "one\ntwo\r\nthree\rfour");
    CHECK(file.line(1) == "one");
    CHECK(file.line(2) == "two");
    CHECK(file.line(3) == "three");
    CHECK(file.line(4) == "four");
    CHECK(file.line(5) == "");
    CHECK(file.line_column(9).line == 3);
}

TEST_CASE("columns count code points") {
    const SourceFile file("a.hcn", "é = x");
    CHECK(file.line_column(2).column == 2);
    CHECK(file.line_column(6).column == 6);
}

TEST_CASE("a byte order mark takes no column") {
    const SourceFile file("a.hcn", "\xef\xbb\xbfx = 1");
    CHECK(file.line_column(3).column == 1);
}

TEST_CASE("an offset past the end is the end's place") {
    const SourceFile file("a.hcn", "x\n");
    CHECK(file.line_column(99).line == 2);
    CHECK(file.line_column(99).column == 1);
}

TEST_CASE("adding a file keeps references to earlier ones valid") {
    Sources sources;
    const SourceFile& first = sources.file(sources.add("a.hcn", "text"));
    for (int i = 0; i < 100; ++i) sources.add("b.hcn", "");
    CHECK(first.text() == "text");
}

TEST_CASE("joined spans cover both, and the first when the files differ") {
    CHECK(join({0, 4, 6}, {0, 1, 2}) == Span{0, 1, 6});
    CHECK(join({0, 4, 6}, {1, 1, 2}) == Span{0, 4, 6});
    CHECK(join({}, {1, 1, 2}) == Span{1, 1, 2});
}
