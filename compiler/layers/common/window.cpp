#include "layers/common/window.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/check.h"

namespace halcyon {

// No sum here can overflow: extents and arguments stay below 2^31, and each product has two such factors.
SlidingWindow sliding_window(const Attributes& attributes, const char* size_name, const Shape& spatial) {
    SlidingWindow result;
    Window& window = result.window;
    window.size = attributes.integers(size_name);
    const std::size_t rank = window.size.size();
    CHECK_INTERNAL(spatial.size() == rank);
    window.stride = attributes.is_none("strides") ? window.size : attributes.integers("strides");
    window.dilation = attributes.find("dilation_rate") != nullptr ? attributes.integers("dilation_rate")
                                                                  : std::vector<std::int64_t>(rank, 1);
    const Value& padding = attributes["padding"];
    window.pad_before.assign(rank, 0);
    window.pad_after.assign(rank, 0);
    if (padding.sequence() != nullptr) {
        const Pads pads = pads_of(padding);
        window.pad_before = pads.before;
        window.pad_after = pads.after;
    }
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t reach = (window.size[i] - 1) * window.dilation[i] + 1;
        if (padding == Value("same")) {
            const std::int64_t count = (spatial[i] + window.stride[i] - 1) / window.stride[i];
            const std::int64_t missing = std::max<std::int64_t>(0, (count - 1) * window.stride[i] + reach - spatial[i]);
            window.pad_before[i] = missing / 2;
            window.pad_after[i] = missing - missing / 2;
        }
        if (padding == Value("causal")) window.pad_before[i] = reach - 1;
        const std::int64_t room = spatial[i] + window.pad_before[i] + window.pad_after[i] - reach;
        result.spatial.push_back(room < 0 ? 0 : room / window.stride[i] + 1);
    }
    return result;
}

std::optional<SlidingWindow> fitting_window(const LayerCall& call, const char* size_name, const Shape& spatial) {
    SlidingWindow result = sliding_window(call.attributes, size_name, spatial);
    const Window& window = result.window;
    if (*std::min_element(result.spatial.begin(), result.spatial.end()) >= 1) return result;
    Shape reach, padded;
    for (std::size_t i = 0; i < spatial.size(); ++i) {
        reach.push_back((window.size[i] - 1) * window.dilation[i] + 1);
        padded.push_back(spatial[i] + window.pad_before[i] + window.pad_after[i]);
    }
    const bool dilated = reach != window.size;
    call.error(Code::empty_result, size_name,
               fmt::format("a window of {}{} does not fit into {}{}: nothing would come out", to_text(window.size),
                           dilated ? fmt::format(", which dilation spreads to {},", to_text(reach)) : "",
                           to_text(spatial), padded != spatial ? fmt::format(", padded to {}", to_text(padded)) : ""));
    return std::nullopt;
}

Pads pads_of(const Value& pairs) {
    CHECK_INTERNAL(pairs.sequence() != nullptr);
    Pads pads;
    for (const Value& pair : *pairs.sequence()) {
        CHECK_INTERNAL(pair.sequence() != nullptr && pair.sequence()->size() == 2);
        pads.before.push_back(*pair.sequence()->at(0).integer());
        pads.after.push_back(*pair.sequence()->at(1).integer());
    }
    return pads;
}

}  // namespace halcyon
