// Doubles the size of a photograph with nothing but upscale.h and libupscale.a.
//
//     upscale IN.png OUT.png     any photograph
//     upscale --check            the cat, which the network has not seen, against bicubic interpolation and Keras

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "png.h"
#include "upscale.h"

namespace {

constexpr int tile = 64;
constexpr int margin = 6;
constexpr int outer = tile + 2 * margin;
static_assert(UPSCALE_TILE_SIZE == outer * outer * 3 && UPSCALE_PIXELS_SIZE == 4 * tile * tile * 3);

constexpr double largest_difference = 1e-5;

std::uint8_t to_byte(double value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

/// What the network makes of the tile whose corner is (x, y). Where the picture ends, its edges are repeated.
std::vector<float> upscale_tile(upscale::Model& model, const Picture& small, int x, int y) {
    std::vector<std::uint8_t> input(UPSCALE_TILE_SIZE);
    for (int row = 0; row < outer; ++row) {
        for (int column = 0; column < outer; ++column) {
            const std::uint8_t* pixel = small.at(std::clamp(x + column - margin, 0, small.width - 1),
                                                 std::clamp(y + row - margin, 0, small.height - 1));
            std::copy(pixel, pixel + 3, &input[3 * (row * outer + column)]);
        }
    }
    std::vector<float> output(UPSCALE_PIXELS_SIZE);
    if (const int error = model(input.data(), output.data())) {
        throw std::runtime_error(std::string("upscale_run: ") + halcyon_error_text(error));
    }
    return output;
}

Picture upscale_picture(upscale::Model& model, const Picture& small) {
    Picture large(2 * small.width, 2 * small.height);
    for (int top = 0; top < small.height; top += tile) {
        for (int left = 0; left < small.width; left += tile) {
            const std::vector<float> values = upscale_tile(model, small, left, top);
            for (int y = 2 * top; y < std::min(2 * (top + tile), large.height); ++y) {
                for (int x = 2 * left; x < std::min(2 * (left + tile), large.width); ++x) {
                    const float* value = &values[3 * ((y - 2 * top) * 2 * tile + x - 2 * left)];
                    for (int c = 0; c < 3; ++c) large.at(x, y)[c] = to_byte(255.0 * value[c]);
                }
            }
        }
    }
    return large;
}

/// Bicubic interpolation (Keys, a = -0.5): a new pixel lies a quarter of an old one from its nearest.
Picture bicubic_picture(const Picture& small) {
    constexpr double taps[2][4] = {{-0.0234375, 0.2265625, 0.8671875, -0.0703125},   // a quarter to the left: -2..1
                                   {-0.0703125, 0.8671875, 0.2265625, -0.0234375}};  // to the right: -1..2
    Picture large(2 * small.width, 2 * small.height);
    for (int y = 0; y < large.height; ++y) {
        for (int x = 0; x < large.width; ++x) {
            for (int c = 0; c < 3; ++c) {
                // Pixels beyond an edge do not exist; the others then weigh as much as all.
                double sum = 0, weight = 0;
                for (int i = 0; i < 4; ++i) {
                    for (int j = 0; j < 4; ++j) {
                        const int row = y / 2 - 2 + y % 2 + i, column = x / 2 - 2 + x % 2 + j;
                        if (row < 0 || row >= small.height || column < 0 || column >= small.width) continue;
                        sum += taps[y % 2][i] * taps[x % 2][j] * small.at(column, row)[c];
                        weight += taps[y % 2][i] * taps[x % 2][j];
                    }
                }
                large.at(x, y)[c] = to_byte(sum / weight);
            }
        }
    }
    return large;
}

/// Peak signal-to-noise ratio in decibels.
double psnr(const Picture& picture, const Picture& original) {
    if (picture.width != original.width || picture.height != original.height) {
        throw std::runtime_error("pictures of different sizes cannot be compared");
    }
    double sum = 0;
    for (std::size_t i = 0; i < original.pixels.size(); ++i) {
        sum += std::pow(double(picture.pixels[i]) - original.pixels[i], 2);
    }
    return 10 * std::log10(255.0 * 255.0 * original.pixels.size() / sum);
}

/// The same part of three pictures side by side, each pixel two by two.
void write_side_by_side(const std::string& path, const std::vector<const Picture*>& pictures, int left, int top) {
    constexpr int side = 80, zoom = 2, gap = 4;
    Picture all(static_cast<int>(pictures.size()) * (side * zoom + gap) - gap, side * zoom);
    std::fill(all.pixels.begin(), all.pixels.end(), std::uint8_t{255});
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const int start = static_cast<int>(i) * (side * zoom + gap);
        for (int y = 0; y < side * zoom; ++y) {
            for (int x = 0; x < side * zoom; ++x) {
                const std::uint8_t* pixel = pictures[i]->at(left + x / zoom, top + y / zoom);
                std::copy(pixel, pixel + 3, all.at(start + x, y));
            }
        }
    }
    write_png(path, all);
}

/// The largest difference from what Keras made of the tile in the middle, in a .npy file of float32.
double difference_from_keras(upscale::Model& model, const Picture& small) {
    const std::vector<float> ours = upscale_tile(model, small, tile, tile);
    const Bytes file = read_file("cat/keras_tile.npy");
    const std::size_t bytes = ours.size() * sizeof(float);
    const std::string header(file.begin(), file.end() - std::min(bytes, file.size()));
    if (header.find("'<f4'") == std::string::npos || header.find("(128, 128, 3)") == std::string::npos) {
        throw std::runtime_error("cat/keras_tile.npy does not hold one tile");
    }
    std::vector<float> theirs(ours.size());
    std::memcpy(theirs.data(), file.data() + file.size() - bytes, bytes);
    double largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const double difference = std::abs(double{ours[i]} - theirs[i]);
        // A NaN compares as neither more nor less: without care it would pass for agreement.
        largest = std::max(largest, std::isfinite(difference) ? difference : HUGE_VAL);
    }
    return largest;
}

int check() {
    upscale::Model model;
    const Picture small = read_png("cat/small.png"), original = read_png("cat/original.png");
    const auto start = std::chrono::steady_clock::now();
    const Picture network = upscale_picture(model, small);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    const Picture bicubic = bicubic_picture(small);
    write_png("build/bicubic.png", bicubic);
    write_png("build/network.png", network);
    write_side_by_side("build/side_by_side.png", {&bicubic, &network, &original}, 88, 58);

    const double with_network = psnr(network, original), with_bicubic = psnr(bicubic, original);
    const double difference = difference_from_keras(model, small);
    std::printf("picture            %dx%d pixels to %dx%d, in %.1f ms\n", small.width, small.height, network.width,
                network.height, time.count());
    std::printf("bicubic            %.2f dB\n", with_bicubic);
    std::printf("network            %.2f dB\n", with_network);
    std::printf("same as Keras      to within %.1e\n", difference);
    std::printf("written            build/bicubic.png, build/network.png, build/side_by_side.png\n");
    if (with_network > with_bicubic && difference < largest_difference) return 0;
    std::fprintf(stderr, "upscale: expected more than bicubic, and Keras's pixels to within %.0e\n",
                 largest_difference);
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 2 && std::string(argv[1]) == "--check") return check();
        if (argc == 3) {
            upscale::Model model;
            write_png(argv[2], upscale_picture(model, read_png(argv[1])));
            return 0;
        }
        std::fprintf(stderr,
                     "usage: upscale IN.png OUT.png\n       upscale --check   (in the folder that holds cat/)\n");
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "upscale: %s\n", error.what());
        return 1;
    }
}
