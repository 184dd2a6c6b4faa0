#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/diagnostics.h"

namespace halcyon {

/// 8-bit picture, rows from the top, channels interleaved.
struct Image {
    int width = 0, height = 0, channels = 0;
    std::vector<std::uint8_t> pixels;
};

/// PNG or JPEG, converted to `channels` (1 or 3; alpha is dropped). Refuses pictures over 2^28 pixels before decoding.
[[nodiscard]] std::optional<Image> read_image(const std::string& path, int channels, Diagnostics& diag);
/// The bytes of a PNG file.
[[nodiscard]] std::string png_bytes(const Image& image);

}  // namespace halcyon
