#pragma once

// PNG pictures without a library: what the demo reads and writes. Throws std::runtime_error on what it cannot read.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

using Bytes = std::vector<std::uint8_t>;

/// Red, green and blue from 0 to 255, row by row.
struct Picture {
    int width = 0;
    int height = 0;
    Bytes pixels;

    Picture() = default;
    Picture(int picture_width, int picture_height)
        : width(picture_width), height(picture_height), pixels(std::size_t{3} * picture_width * picture_height) {}

    std::uint8_t* at(int x, int y) { return &pixels[3 * (std::size_t(y) * width + x)]; }
    const std::uint8_t* at(int x, int y) const { return &pixels[3 * (std::size_t(y) * width + x)]; }
};

inline Bytes read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Unpacks a deflate stream (RFC 1951).
class Inflater {
public:
    Inflater(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

    /// Everything in the stream, which may not be more than `limit` bytes.
    Bytes unpack(std::size_t limit) {
        limit_ = limit;
        for (bool last = false; !last;) {
            last = bits(1) != 0;
            switch (bits(2)) {
            case 0: stored(); break;
            case 1: fixed(); break;
            case 2: dynamic(); break;
            default: fail();
            }
        }
        return output_;
    }

private:
    /// A canonical Huffman code: how many codes have each length, and the symbols in the order of their codes.
    struct Code {
        std::array<int, 16> counts{};
        std::vector<int> symbols;
    };

    [[noreturn]] static void fail() { throw std::runtime_error("damaged PNG file"); }

    unsigned bits(int count) {
        unsigned value = 0;
        for (int i = 0; i < count; ++i, ++at_) {
            if (at_ / 8 >= size_) fail();
            value |= (data_[at_ / 8] >> (at_ % 8) & 1U) << i;
        }
        return value;
    }

    void put(std::uint8_t byte) {
        if (output_.size() == limit_) fail();
        output_.push_back(byte);
    }

    static Code make_code(const std::vector<int>& lengths) {
        Code code;
        for (int length = 1; length < 16; ++length) {
            for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
                if (lengths[symbol] != length) continue;
                ++code.counts[length];
                code.symbols.push_back(static_cast<int>(symbol));
            }
        }
        return code;
    }

    /// Codes of one length follow each other, and longer ones follow shorter ones.
    int symbol(const Code& code) {
        int value = 0, first = 0, index = 0;
        for (int length = 1; length < 16; ++length) {
            value |= static_cast<int>(bits(1));
            const int count = code.counts[length];
            if (value - first < count) return code.symbols[index + value - first];
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        fail();
    }

    void stored() {
        at_ = (at_ + 7) / 8 * 8;
        const unsigned length = bits(16);
        if (bits(16) != (length ^ 0xffffU)) fail();
        for (unsigned i = 0; i < length; ++i) put(static_cast<std::uint8_t>(bits(8)));
    }

    void fixed() {
        std::vector<int> lengths(288, 8);
        for (int i = 144; i < 256; ++i) lengths[i] = 9;
        for (int i = 256; i < 280; ++i) lengths[i] = 7;
        codes(make_code(lengths), make_code(std::vector<int>(30, 5)));
    }

    void dynamic() {
        static constexpr int order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        const std::size_t literals = bits(5) + 257, distances = bits(5) + 1, described = bits(4) + 4;
        std::vector<int> lengths(19);
        for (std::size_t i = 0; i < described; ++i) lengths[order[i]] = static_cast<int>(bits(3));
        const Code of_lengths = make_code(lengths);

        lengths.clear();
        while (lengths.size() < literals + distances) {
            const int what = symbol(of_lengths);
            if (what < 16) {
                lengths.push_back(what);
                continue;
            }
            if (what == 16 && lengths.empty()) fail();
            const int repeated = what == 16 ? lengths.back() : 0;
            const unsigned times = what == 16 ? 3 + bits(2) : what == 17 ? 3 + bits(3) : 11 + bits(7);
            lengths.insert(lengths.end(), times, repeated);
        }
        if (lengths.size() != literals + distances) fail();
        const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(literals);
        codes(make_code({lengths.begin(), middle}), make_code({middle, lengths.end()}));
    }

    void codes(const Code& literals, const Code& distances) {
        while (true) {
            const int what = symbol(literals);
            if (what < 256) {
                put(static_cast<std::uint8_t>(what));
                continue;
            }
            if (what == 256) return;
            const std::size_t length = copied_length(what - 257);
            const int distance_symbol = symbol(distances);
            if (distance_symbol > 29) fail();
            const int extra = distance_symbol < 4 ? 0 : distance_symbol / 2 - 1;
            const std::size_t base =
                distance_symbol < 4 ? distance_symbol : std::size_t(2 + distance_symbol % 2) << extra;
            const std::size_t distance = base + bits(extra) + 1;
            if (distance > output_.size()) fail();
            for (std::size_t i = 0; i < length; ++i) put(output_[output_.size() - distance]);
        }
    }

    std::size_t copied_length(int code) {
        if (code > 28) fail();
        if (code == 28) return 258;
        if (code < 8) return std::size_t(code) + 3;
        const int extra = code / 4 - 1;
        return (std::size_t(4 + code % 4) << extra) + bits(extra) + 3;
    }

    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t at_ = 0;  // in bits
    std::size_t limit_ = 0;
    Bytes output_;
};

/// Undoes the filter of each row; `rows` are rows of bytes behind the number of their filter.
inline void undo_filters(Bytes& rows, std::size_t pitch, std::size_t pixel) {
    for (std::size_t start = 0; start < rows.size(); start += pitch) {
        const unsigned filter = rows[start];
        for (std::size_t i = start + 1; i < start + pitch; ++i) {
            const int left = i - start > pixel ? rows[i - pixel] : 0;
            const int up = start > 0 ? rows[i - pitch] : 0;
            const int corner = start > 0 && i - start > pixel ? rows[i - pitch - pixel] : 0;
            int predicted = 0;
            if (filter == 1) predicted = left;
            if (filter == 2) predicted = up;
            if (filter == 3) predicted = (left + up) / 2;
            if (filter == 4) {
                const int a = std::abs(up - corner), b = std::abs(left - corner), c = std::abs(left + up - 2 * corner);
                predicted = a <= b && a <= c ? left : b <= c ? up : corner;
            }
            if (filter > 4) throw std::runtime_error("damaged PNG file");
            rows[i] = static_cast<std::uint8_t>(rows[i] + predicted);
        }
    }
}

/// An 8-bit picture in grey or colour, not interlaced. What is transparent is shown as if it were not.
inline Picture read_png(const std::string& path) {
    const Bytes file = read_file(path);
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (int byte = 0; byte < 4; ++byte) value = value << 8 | file[at + byte];
        return value;
    };
    if (file.size() < 33 || std::memcmp(file.data(), "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16) != 0) {
        throw std::runtime_error(path + " is not a PNG file");
    }
    const std::uint32_t width = number(16), height = number(20);
    static constexpr std::size_t channels_of[] = {1, 0, 3, 0, 2, 0, 4};
    const std::size_t channels = file[25] < 7 ? channels_of[file[25]] : 0;
    if (file[24] != 8 || channels == 0 || file[28] != 0 || width - 1 >= 32768 || height - 1 >= 32768) {
        throw std::runtime_error(path + ": this demo reads 8-bit grey and colour only, not interlaced, not indexed");
    }

    // Chunks: length, kind, data, checksum.
    Bytes zlib;
    for (std::size_t at = 8; at + 12 <= file.size();) {
        const std::size_t length = number(at);
        if (length > file.size() - at - 12) break;
        if (std::memcmp(&file[at + 4], "IDAT", 4) == 0) zlib.insert(zlib.end(), &file[at + 8], &file[at + 8] + length);
        at += 12 + length;
    }
    const std::size_t pitch = width * channels + 1;
    if (zlib.size() < 2) throw std::runtime_error(path + " holds no picture");
    Bytes rows = Inflater(zlib.data() + 2, zlib.size() - 2).unpack(pitch * height);
    if (rows.size() != pitch * height) throw std::runtime_error(path + " is cut off");
    undo_filters(rows, pitch, channels);

    Picture picture(static_cast<int>(width), static_cast<int>(height));
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            const std::uint8_t* pixel = &rows[y * pitch + 1 + x * channels];
            for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = pixel[channels < 3 ? 0 : c];
        }
    }
    return picture;
}

/// Writes a PNG without compressing it.
inline void write_png(const std::string& path, const Picture& picture) {
    std::ofstream file(path, std::ios::binary);
    const auto big_endian = [](Bytes& bytes, std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    };
    const auto chunk = [&](const char* kind, const Bytes& data) {
        Bytes bytes(kind, kind + 4);
        bytes.insert(bytes.end(), data.begin(), data.end());
        std::uint32_t crc = 0xffffffffU;
        for (const std::uint8_t byte : bytes) {
            crc ^= byte;
            for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xedb88320U : 0);
        }
        Bytes length;
        big_endian(length, static_cast<std::uint32_t>(data.size()));
        big_endian(bytes, ~crc);
        file.write(reinterpret_cast<const char*>(length.data()), 4);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };

    Bytes header;
    big_endian(header, static_cast<std::uint32_t>(picture.width));
    big_endian(header, static_cast<std::uint32_t>(picture.height));
    header.insert(header.end(), {8, 2, 0, 0, 0});

    // Stored deflate blocks, one for each row, which begins with the number of its filter: none.
    Bytes zlib = {0x78, 0x01};
    std::uint32_t a = 1, b = 0;
    const auto put = [&](std::uint8_t byte) {
        zlib.push_back(byte);
        a = (a + byte) % 65521;
        b = (b + a) % 65521;
    };
    const auto length = static_cast<std::uint32_t>(picture.width * 3 + 1);
    if (length > 0xffff) throw std::runtime_error(path + " would be too wide for this demo");
    for (int y = 0; y < picture.height; ++y) {
        zlib.push_back(y + 1 == picture.height ? 1 : 0);
        for (const std::uint32_t value : {length, ~length}) {
            zlib.push_back(static_cast<std::uint8_t>(value));
            zlib.push_back(static_cast<std::uint8_t>(value >> 8));
        }
        put(0);
        for (std::uint32_t i = 0; i + 1 < length; ++i) put(picture.at(0, y)[i]);
    }
    big_endian(zlib, b << 16 | a);

    file.write("\x89PNG\r\n\x1a\n", 8);
    chunk("IHDR", header);
    chunk("IDAT", zlib);
    chunk("IEND", {});
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}
