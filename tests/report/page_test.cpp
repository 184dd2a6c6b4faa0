#include "report/page.h"

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

constexpr std::string_view hostile = "</script><script>alert(1)</script><!-- \"'&{{title}}{{{data}}}";

}  // namespace

TEST_CASE("nothing in the data can end its element") {
    const std::string text = json_for_script({{std::string(hostile), std::string(hostile)}});
    CHECK(text.find_first_of("<>&") == std::string::npos);
    CHECK(Json::parse(text).at(std::string(hostile)) == std::string(hostile));
}

TEST_CASE("text that is not UTF-8 is shown with replacements") {
    CHECK(json_for_script("a\xff") == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("a page has its two scripts and no other, whatever model and data are called") {
    const PageHead head{std::string(hostile), std::string(hostile), std::string(hostile), {std::string(hostile)}};
    const std::string page = report_page(head, {{"report", 1}, {"name", std::string(hostile)}});
    CHECK(count(page, "<script") == 2);
    CHECK(count(page, "</script") == 2);
    CHECK(count(page, "alert(1)&lt;/script&gt;") == 4);
    CHECK(data_of_page(page).at("name") == std::string(hostile));
}

TEST_CASE("a page asks for nothing beyond itself") {
    const std::string page = report_page({"t", "m", "d", {}}, {{"report", 1}});
    CHECK(page.find("default-src 'none'") != std::string::npos);
    CHECK(page.find(" src=") == std::string::npos);
    CHECK(page.find("@import") == std::string::npos);
    CHECK(page.find("url(http") == std::string::npos);
    CHECK(page.find("<link rel=\"icon\" href=\"data:,\">") != std::string::npos);
    CHECK(count(page, "<link") == 1);
}

TEST_CASE("without scripts the page tells what was built") {
    const std::string page = report_page({"t", "m", "d", {"one sentence", "another"}}, {{"report", 1}});
    CHECK(page.find("<p>one sentence</p><p>another</p>") != std::string::npos);
}

TEST_CASE("text that is no report has no data") {
    CHECK(data_of_page("").is_null());
    CHECK(data_of_page("<html><script type=\"application/json\" id=\"data\">{").is_null());
    CHECK(data_of_page("<script type=\"application/json\" id=\"data\">[1]</script>").is_null());
    CHECK(data_of_page("<script type=\"application/json\" id=\"data\">{\"a\": 1}</script>").is_null());
}

}  // namespace halcyon::testing
