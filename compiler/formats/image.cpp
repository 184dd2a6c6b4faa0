#include "formats/image.h"

#include "support/check.h"
#include "support/file_system.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>
#include <stb_image_write.h>
#pragma GCC diagnostic pop

#include <limits>
#include <memory>

namespace halcyon {
namespace {

constexpr std::int64_t most_pixels = std::int64_t{1} << 28;

}  // namespace

std::optional<Image> read_image(const std::string& path, int channels, Diagnostics& diag) {
    CHECK_INTERNAL(channels == 1 || channels == 3);
    const FileResult<MappedFile> mapped = MappedFile::open(path);
    if (const auto* error = std::get_if<FileError>(&mapped)) {
        diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    const std::string_view bytes = std::get<MappedFile>(mapped).bytes();
    const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
    Image image;
    int stored_channels = 0;
    // stb counts bytes in int.
    const bool known =
        bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
        stbi_info_from_memory(data, static_cast<int>(bytes.size()), &image.width, &image.height, &stored_channels) != 0;
    if (!known) {
        diag.error(Code::bad_image, {}, "'{}' is neither a PNG nor a JPEG file", path);
        return std::nullopt;
    }
    if (std::int64_t{image.width} * image.height > most_pixels) {
        diag.error(Code::bad_image, {}, "'{}' has {}x{} pixels; at most 2^28 are read", path, image.width,
                   image.height);
        return std::nullopt;
    }
    // Grey with alpha and RGB with alpha lose it; stb would weigh nothing by it either.
    const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
        stbi_load_from_memory(data, static_cast<int>(bytes.size()), &image.width, &image.height, &stored_channels,
                              channels),
        &stbi_image_free);
    if (pixels == nullptr) {
        diag.error(Code::bad_image, {}, "'{}' is a damaged picture", path);
        return std::nullopt;
    }
    image.channels = channels;
    image.pixels.assign(pixels.get(), pixels.get() + std::size_t{1} * image.width * image.height * channels);
    return image;
}

std::string png_bytes(const Image& image) {
    std::string bytes;
    const auto append = [](void* to, void* data, int size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    };
    const int done = stbi_write_png_to_func(append, &bytes, image.width, image.height, image.channels,
                                            image.pixels.data(), image.width * image.channels);
    CHECK_INTERNAL(done != 0);
    return bytes;
}

}  // namespace halcyon
