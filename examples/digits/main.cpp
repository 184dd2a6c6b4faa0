// Reads handwritten digits with nothing but digits.h and libdigits.a: first nine pictures, drawn in the terminal, then
// every held-out scan, compared with its label and with what Keras computed. Exits non-zero if the library disagrees.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "digits.h"
#include "readers.h"

namespace {

constexpr int side = 8;
constexpr int pixels = DIGITS_IMAGE_SIZE;
constexpr int classes = DIGITS_SCORES_SIZE;
static_assert(pixels == side * side && classes == 10);

constexpr double least_accuracy = 0.97;
constexpr double largest_difference = 1e-5;

struct Answer {
    float scores[classes];

    int digit() const { return static_cast<int>(std::max_element(scores, scores + classes) - scores); }
    double probability() const { return scores[digit()]; }
};

Answer read_digit(digits::Model& model, const std::uint8_t* image) {
    Answer answer{};
    if (const int error = model(image, answer.scores)) {
        throw std::runtime_error("digits_run answered with error code " + std::to_string(error));
    }
    return answer;
}

/// One row of a scan, two characters a pixel, since a character is twice as high as it is wide.
std::string draw_row(const std::uint8_t* row) {
    static const char* const shades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
    std::string text;
    for (int x = 0; x < side; ++x) text += shades[(row[x] * 4 + 127) / 255];
    return text;
}

/// Draws the pictures three abreast, what the library reads in them beside each.
void show_pictures(digits::Model& model, const std::vector<std::filesystem::path>& files) {
    constexpr std::size_t abreast = 3;
    for (std::size_t first = 0; first < files.size(); first += abreast) {
        std::vector<Picture> pictures;
        std::vector<std::vector<std::string>> captions;
        for (std::size_t i = first; i < std::min(first + abreast, files.size()); ++i) {
            pictures.push_back(read_png(files[i].string()));
            if (pictures.back().width != side || pictures.back().height != side) {
                throw std::runtime_error(files[i].string() + " is not a picture of 8x8 pixels");
            }
            const Answer answer = read_digit(model, pictures.back().pixels.data());
            char percent[16];
            std::snprintf(percent, sizeof percent, "%.1f %%", 100 * answer.probability());
            captions.push_back({files[i].stem().string(), "", "reads " + std::to_string(answer.digit()), percent});
        }
        for (int y = 0; y < side; ++y) {
            std::string line;
            for (std::size_t i = 0; i < pictures.size(); ++i) {
                const bool beside = y >= 2 && y - 2 < static_cast<int>(captions[i].size());
                std::string caption = beside ? captions[i][y - 2] : "";
                caption.resize(9, ' ');
                line += draw_row(&pictures[i].pixels[y * side]) + " " + caption;
            }
            std::printf("%s\n", line.c_str());
        }
        std::printf("\n");
    }
}

/// What the library and Keras make of the scans that training never saw.
struct Comparison {
    int scans = 0;
    int correct = 0;        // the library reads what the label says
    int agreeing = 0;       // the library reads what Keras reads
    double difference = 0;  // the largest between a probability here and the same probability in Keras
};

Comparison compare(digits::Model& model, const std::string& folder) {
    const auto images = read_npy<std::uint8_t>(folder + "/images.npy");
    const auto labels = read_npy<std::uint8_t>(folder + "/labels.npy");
    const auto keras = read_npy<float>(folder + "/probabilities.npy");

    Comparison result;
    result.scans = static_cast<int>(labels.size());
    if (result.scans == 0 || images.size() != labels.size() * pixels || keras.size() != labels.size() * classes) {
        throw std::runtime_error("the files in " + folder + " do not belong together");
    }
    for (int i = 0; i < result.scans; ++i) {
        const Answer answer = read_digit(model, &images[i * pixels]);
        const float* expected = &keras[i * classes];
        result.correct += answer.digit() == labels[i];
        result.agreeing += answer.digit() == std::max_element(expected, expected + classes) - expected;
        for (int c = 0; c < classes; ++c) {
            const double difference = std::abs(double{answer.scores[c]} - double{expected[c]});
            // A NaN compares as neither more nor less: without care it would pass for agreement.
            result.difference = std::max(result.difference, std::isfinite(difference) ? difference : HUGE_VAL);
        }
    }
    return result;
}

/// Microseconds of one call, the least of many.
double time_of_one_call(digits::Model& model, const std::string& folder) {
    const auto images = read_npy<std::uint8_t>(folder + "/images.npy");
    double least = 1e9;
    for (int repetition = 0; repetition < 20; ++repetition) {
        for (std::size_t i = 0; i + pixels <= images.size(); i += pixels) {
            const auto start = std::chrono::steady_clock::now();
            read_digit(model, &images[i]);
            const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
            least = std::min(least, time.count());
        }
    }
    return least;
}

int run(const std::string& library) {
    digits::Model model;

    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator("scans")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    show_pictures(model, files);

    const Comparison c = compare(model, "held_out");
    const double accuracy = double(c.correct) / c.scans;
    std::printf("accuracy          %.2f %%  (%d of %d held-out scans)\n", 100 * accuracy, c.correct, c.scans);
    std::printf("same as Keras     %d of %d  (largest difference in probability %.1e)\n", c.agreeing, c.scans,
                c.difference);
    std::printf("library           %ju bytes\n", static_cast<std::uintmax_t>(std::filesystem::file_size(library)));
    std::printf("time per picture  %.1f us\n", time_of_one_call(model, "held_out"));

    const bool good = accuracy >= least_accuracy && c.agreeing == c.scans && c.difference < largest_difference;
    if (!good) {
        std::fprintf(stderr, "digits: expected %.0f %% accuracy, and Keras's predictions to within %.0e\n",
                     100 * least_accuracy, largest_difference);
    }
    return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: demo libdigits.a   (in the folder that holds scans/ and held_out/)\n");
        return 2;
    }
    try {
        return run(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "digits: %s\n", error.what());
        return 1;
    }
}
