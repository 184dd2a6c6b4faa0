#include "support/diagnostics.h"

#include <doctest/doctest.h>

#include <set>

using namespace halcyon;

namespace {

std::string rendered(std::string text, std::uint32_t begin, std::uint32_t end) {
    Sources sources;
    const std::uint32_t file = sources.add("a.hcn", std::move(text));
    Diagnostics diag;
    diag.error(Code::unexpected_token, {file, begin, end}, "wrong");
    return render(diag, sources);
}

}  // namespace

TEST_CASE("a diagnostic shows place, code, line, mark and hint") {
    Sources sources;
    const std::uint32_t file = sources.add("digits.hcn", "def f(x):\n    return g(x, strides=0)\n");
    Diagnostics diag;
    diag.error(Code::unexpected_token, {file, 34, 35}, "stride must be at least {}, got {}", 1, 0).hint =
        "leave it out";
    CHECK(render(diag, sources) == "digits.hcn:2:25: error[E0101]: stride must be at least 1, got 0\n"
                                   "    return g(x, strides=0)\n"
                                   "                        ^\n"
                                   "hint: leave it out\n");
}

TEST_CASE("a span of several bytes is underlined") {
    CHECK(rendered("x = alpha + 1", 4, 9) == "a.hcn:1:5: error[E0101]: wrong\n    x = alpha + 1\n        ^~~~~\n");
}

TEST_CASE("the mark stands under its character after tabs") {
    CHECK(rendered("a\t= b", 4, 5) == "a.hcn:1:5: error[E0101]: wrong\n    a   = b\n          ^\n");
}

TEST_CASE("the mark stands under its character after letters beyond ASCII, wide ones and combining marks") {
    CHECK(rendered("é = ?", 5, 6) == "a.hcn:1:5: error[E0101]: wrong\n    é = ?\n        ^\n");
    CHECK(rendered("網 = ?", 6, 7) == "a.hcn:1:5: error[E0101]: wrong\n    網 = ?\n         ^\n");
    CHECK(rendered("e\xcc\x81 = ?", 6, 7) == "a.hcn:1:6: error[E0101]: wrong\n    e\xcc\x81 = ?\n        ^\n");
}

TEST_CASE("control characters and bytes that are not UTF-8 are spelled out for the terminal") {
    CHECK(rendered("\x1b[31m ?", 6, 7) == "a.hcn:1:7: error[E0101]: wrong\n    \\x1b[31m ?\n             ^\n");
    CHECK(rendered("\xff ?", 2, 3) == "a.hcn:1:3: error[E0101]: wrong\n    \\xff ?\n         ^\n");
}

TEST_CASE("a mistake past the end of its line is marked there") {
    CHECK(rendered("x =\ny = 1\n", 3, 3) == "a.hcn:1:4: error[E0101]: wrong\n    x =\n       ^\n");
}

TEST_CASE("a long line is cut round the mark") {
    const std::string text = rendered(std::string(1000000, 'a') + "?" + std::string(1000000, 'b'), 1000000, 1000001);
    CHECK(text.size() < 400);
    CHECK(text.find("a?b") != std::string::npos);
    CHECK(text.find(std::string(67, ' ') + "^\n") != std::string::npos);
}

TEST_CASE("a diagnostic without a place shows none") {
    Diagnostics diag;
    diag.error(Code::unexpected_token, {}, "no such folder");
    CHECK(render(diag, Sources{}) == "error[E0101]: no such folder\n");
}

TEST_CASE("notes show their own places") {
    Sources sources;
    const std::uint32_t file = sources.add("a.hcn", "a\nb\n");
    Diagnostics diag;
    diag.warning(Code::unexpected_token, {file, 2, 3}, "second").notes.emplace_back(Span{file, 0, 1}, "first");
    CHECK(render(diag, sources) ==
          "a.hcn:2:1: warning[E0101]: second\n    b\n    ^\na.hcn:1:1: note: first\n    a\n    ^\n");
}

TEST_CASE("the same message at the same place is kept once") {
    Diagnostics diag;
    diag.error(Code::unexpected_token, {}, "twice");
    diag.error(Code::unexpected_token, {}, "twice");
    CHECK(diag.error_count() == 1);
}

TEST_CASE("after twenty errors further ones are counted only") {
    Diagnostics diag;
    for (int i = 0; i < 22; ++i) diag.error(Code::unexpected_token, {}, "error {}", i);
    CHECK(diag.all().size() == 20);
    CHECK(diag.error_count() == 22);
    CHECK(render(diag, Sources{}).ends_with("error[E0101]: error 19\nand 2 more errors\n"));
}

TEST_CASE("a warning is no error") {
    Diagnostics diag;
    diag.warning(Code::unexpected_token, {}, "only a warning");
    CHECK_FALSE(diag.has_errors());
}

TEST_CASE("collections of two passes are merged in the order of the text, and all errors counted") {
    Diagnostics first;
    Diagnostics second;
    for (int i = 0; i < 25; ++i) first.error(Code::unexpected_token, {0, 50, 51}, "first {}", i);
    second.error(Code::unexpected_token, {0, 3, 4}, "second");
    Diagnostics diag;
    diag.add_in_order({first, second});
    CHECK(diag.all().front().message == "second");
    CHECK(diag.error_count() == 26);
}

TEST_CASE("codes are printed with four digits") {
    CHECK(code_text(Code::unexpected_token) == "E0101");
}

TEST_CASE("codes are sorted, each with a title and an explanation of its own") {
    int last = 0;
    std::set<std::string_view> explanations;
    for (const CodeInfo& info : all_codes()) {
        CHECK(static_cast<int>(info.code) > last);
        last = static_cast<int>(info.code);
        CHECK_FALSE(info.title.empty());
        CHECK(explanations.insert(info.explanation).second);
    }
}
