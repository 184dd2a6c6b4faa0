#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace halcyon {

/// The parts that a report is made of, embedded from compiler/report/page: page.html (a Mustache template), page.css, and the
/// scripts in the order of their names as one text.
struct PageParts {
    std::string_view html, style, script;
};
[[nodiscard]] PageParts page_parts();

/// What the page says without any script.
struct PageHead {
    std::string title;  ///< of the window
    std::string model;
    std::string doc;                   ///< the model's docstring
    std::vector<std::string> summary;  ///< one sentence a build
};

/// One HTML file that loads nothing else. `data` is what the scripts show; text in it and in `head` may be anything.
[[nodiscard]] std::string report_page(const PageHead& head, const nlohmann::ordered_json& data);

/// JSON that may stand inside a <script> element: nothing in it can end the element.
[[nodiscard]] std::string json_for_script(const nlohmann::ordered_json& data);

/// The data of a page that report_page has made; nothing from another text.
[[nodiscard]] nlohmann::ordered_json data_of_page(std::string_view html);

}  // namespace halcyon
