#pragma once

// Readers for the demo's own files, so that the demo needs no library: .npy arrays, and greyscale PNG pictures that are
// stored uncompressed, as train.py writes them. Both throw std::runtime_error on anything else.

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

struct Picture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> pixels;  // row by row, 0 (black) to 255 (white)
};

inline std::vector<std::uint8_t> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The elements of a .npy file (version 1, C order, little endian), whatever its shape.
template <typename Element>
std::vector<Element> read_npy(const std::string& path) {
    static_assert(std::is_same_v<Element, float> || std::is_same_v<Element, std::uint8_t>);
    const std::string type = std::is_same_v<Element, float> ? "'<f4'" : "'|u1'";

    // 6 bytes of magic, 2 of version, 2 that count the header's bytes, the header: a Python dict as text, the elements.
    const std::vector<std::uint8_t> file = read_file(path);
    const std::size_t start = file.size() < 10 ? 0 : 10 + std::size_t{file[8]} + 256 * std::size_t{file[9]};
    if (start == 0 || start > file.size() || std::memcmp(file.data(), "\x93NUMPY\x01", 7) != 0) {
        throw std::runtime_error(path + " is not a version 1 .npy file");
    }
    const std::string header(file.begin() + 10, file.begin() + start);
    const auto says = [&](const std::string& text) { return header.find(text) != std::string::npos; };
    if (!says("'descr': " + type) || !says("'fortran_order': False")) {
        throw std::runtime_error(path + " does not hold elements of type " + type + " in C order");
    }
    std::vector<Element> elements((file.size() - start) / sizeof(Element));
    std::memcpy(elements.data(), file.data() + start, elements.size() * sizeof(Element));
    return elements;
}

/// The bytes inside a zlib stream whose deflate blocks are all of the "stored" kind.
inline std::vector<std::uint8_t> unpack_stored(const std::vector<std::uint8_t>& zlib, const std::string& path) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 2; at + 5 <= zlib.size();) {
        const unsigned kind = zlib[at] >> 1 & 3;
        if (kind != 0) throw std::runtime_error(path + " is compressed; this demo reads uncompressed PNG files only");
        const bool last = zlib[at] & 1;
        const std::size_t length = zlib[at + 1] + 256 * std::size_t{zlib[at + 2]};
        at += 5;
        if (length > zlib.size() - at) break;
        bytes.insert(bytes.end(), zlib.begin() + at, zlib.begin() + at + length);
        at += length;
        if (last) return bytes;
    }
    throw std::runtime_error(path + " is truncated");
}

/// An 8-bit greyscale PNG without compression, filters or interlacing.
inline Picture read_png(const std::string& path) {
    const std::vector<std::uint8_t> file = read_file(path);
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (int byte = 0; byte < 4; ++byte) value = value << 8 | file[at + byte];
        return value;
    };
    const bool is_png = file.size() >= 33 && std::memcmp(file.data(), "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16) == 0;
    if (!is_png) throw std::runtime_error(path + " is not a PNG file");
    Picture picture{number(16), number(20), {}};
    const std::uint8_t grey_8_bit[] = {8, 0, 0, 0, 0};  // depth, colour type, compression, filter method, interlacing
    if (std::memcmp(&file[24], grey_8_bit, 5) != 0) {
        throw std::runtime_error(path + " is not an 8-bit greyscale picture");
    }

    // Chunks: length, kind, data, checksum.
    std::vector<std::uint8_t> zlib;
    for (std::size_t at = 8; at + 12 <= file.size();) {
        const std::size_t length = number(at);
        if (length > file.size() - at - 12) break;
        if (std::memcmp(&file[at + 4], "IDAT", 4) == 0) zlib.insert(zlib.end(), &file[at + 8], &file[at + 8] + length);
        at += 12 + length;
    }

    // Each row starts with the number of its filter.
    const std::vector<std::uint8_t> rows = unpack_stored(zlib, path);
    const std::uint64_t pitch = std::uint64_t{picture.width} + 1;
    if (picture.height == 0 || rows.size() / pitch != picture.height || rows.size() % pitch != 0) {
        throw std::runtime_error(path + " has the wrong number of pixels");
    }
    for (std::uint32_t y = 0; y < picture.height; ++y) {
        const auto row = rows.begin() + static_cast<std::ptrdiff_t>(y * pitch);
        if (*row != 0) throw std::runtime_error(path + " is filtered; this demo reads unfiltered PNG files only");
        picture.pixels.insert(picture.pixels.end(), row + 1, row + static_cast<std::ptrdiff_t>(pitch));
    }
    return picture;
}
