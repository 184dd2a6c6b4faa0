#include "report/page.h"

#include <kainjow/mustache.hpp>

#include "support/check.h"

namespace halcyon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view data_begin = "<script type=\"application/json\" id=\"data\">";
constexpr std::string_view data_end = "</script>";

}  // namespace

std::string json_for_script(const Json& data) {
    std::string text;
    // Outside of strings JSON has neither of the two, inside an escape means the same. '&' only matters to XML.
    for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
        switch (c) {
        case '<': text += "\\u003c"; break;
        case '>': text += "\\u003e"; break;
        case '&': text += "\\u0026"; break;
        default: text += c;
        }
    }
    return text;
}

std::string report_page(const PageHead& head, const Json& data) {
    const PageParts parts = page_parts();
    kainjow::mustache::data summary{kainjow::mustache::data::type::list};
    for (const std::string& sentence : head.summary) summary.push_back(kainjow::mustache::data{"sentence", sentence});
    kainjow::mustache::data values;
    values.set("title", head.title);
    values.set("model", head.model);
    values.set("doc", head.doc);
    values.set("summary", summary);
    values.set("style", std::string(parts.style));
    values.set("script", std::string(parts.script));
    values.set("data", json_for_script(data));
    kainjow::mustache::mustache page{std::string(parts.html)};
    CHECK_INTERNAL(page.is_valid());
    return page.render(values);
}

Json data_of_page(std::string_view html) {
    const std::size_t begin = html.find(data_begin);
    if (begin == std::string_view::npos) return nullptr;
    html.remove_prefix(begin + data_begin.size());
    const std::size_t end = html.find(data_end);
    if (end == std::string_view::npos) return nullptr;
    const Json data = Json::parse(html.substr(0, end), nullptr, false);
    return data.is_object() && data.contains("report") ? data : Json();
}

}  // namespace halcyon
