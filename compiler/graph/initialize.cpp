// Keras's initializers (keras/src/initializers/random_initializers.py), with numbers of our own: the same on every
// machine, hence neither the standard library's distributions nor the C library's logarithm.
#include <algorithm>
#include <bit>
#include <cmath>

#include "graph/evaluate.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// SplitMix64 (Steele, Lea and Flood, 2014).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// In [0, 1), 53 bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

    /// Mean 0, deviation 1: Marsaglia's polar method, which gives two at a time.
    double normal();

private:
    std::uint64_t state_;
    double spare_ = 0.0;
    bool has_spare_ = false;
};

// log of a positive normal number: exponent apart, the rest by log(m) = 2 artanh((m - 1) / (m + 1)), |.| <= 0.1716.
double portable_log(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++exponent;
    }
    const double t = (m - 1.0) / (m + 1.0);
    const double t2 = t * t;
    constexpr double inverse_odd[] = {1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0};
    double sum = 1.0 / 19;
    for (double coefficient : inverse_odd) sum = sum * t2 + coefficient;
    return exponent * 0.69314718055994531 + 2.0 * t * sum;
}

double Random::normal() {
    if (has_spare_) {
        has_spare_ = false;
        return spare_;
    }
    while (true) {
        const double u = 2.0 * uniform() - 1.0;
        const double v = 2.0 * uniform() - 1.0;
        const double square = u * u + v * v;
        if (square >= 1.0 || square == 0.0) continue;
        const double factor = std::sqrt(-2.0 * portable_log(square) / square);
        spare_ = v * factor;
        has_spare_ = true;
        return u * factor;
    }
}

/// FNV-1a over the seed and the text.
std::uint64_t mix(std::uint64_t seed, std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325u ^ (seed * 0x9e3779b97f4a7c15u);
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

struct Fans {
    double in = 1.0, out = 1.0;
};

Fans fans_of(const Shape& shape) {
    const std::size_t rank = shape.size();
    if (rank == 0) return {};
    if (rank == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    double receptive = 1.0;
    for (std::size_t i = 0; i + 2 < rank; ++i) receptive *= static_cast<double>(shape[i]);
    return {static_cast<double>(shape[rank - 2]) * receptive, static_cast<double>(shape[rank - 1]) * receptive};
}

template <typename Draw>
void fill(Array& array, Draw draw) {
    for (double& value : array.values()) value = static_cast<float>(draw());
}

void fill_uniform(Array& array, Random& random, double low, double high) {
    fill(array, [&] { return low + random.uniform() * (high - low); });
}

void fill_normal(Array& array, Random& random, double mean, double deviation) {
    fill(array, [&] { return mean + deviation * random.normal(); });
}

// What falls outside two deviations is drawn again.
void fill_truncated(Array& array, Random& random, double mean, double deviation) {
    fill(array, [&] {
        double number = random.normal();
        while (std::abs(number) > 2.0) number = random.normal();
        return mean + deviation * number;
    });
}

struct Scaling {
    std::string_view name;
    double scale;
    std::string_view mode;
    std::string_view distribution;
};

constexpr Scaling scalings[] = {
    {"GlorotUniform", 1.0, "fan_avg", "uniform"}, {"GlorotNormal", 1.0, "fan_avg", "truncated_normal"},
    {"HeUniform", 2.0, "fan_in", "uniform"},      {"HeNormal", 2.0, "fan_in", "truncated_normal"},
    {"LecunUniform", 1.0, "fan_in", "uniform"},   {"LecunNormal", 1.0, "fan_in", "truncated_normal"},
};

void fill_scaled(Array& array, Random& random, const Scaling& scaling) {
    const Fans fans = fans_of(array.shape());
    const double fan = scaling.mode == "fan_in"    ? fans.in
                       : scaling.mode == "fan_out" ? fans.out
                                                   : (fans.in + fans.out) / 2.0;
    const double variance = scaling.scale / std::max(1.0, fan);
    if (scaling.distribution == "uniform") {
        const double limit = std::sqrt(3.0 * variance);
        fill_uniform(array, random, -limit, limit);
    } else if (scaling.distribution == "truncated_normal") {
        // The deviation of a standard normal truncated at two: divided out, the variance is as asked.
        constexpr double truncated_deviation = 0.87962566103423978;
        fill_truncated(array, random, 0.0, std::sqrt(variance) / truncated_deviation);
    } else {
        fill_normal(array, random, 0.0, std::sqrt(variance));
    }
}

}  // namespace

// As in Keras, an initializer with a seed of its own gives every weight of one shape the same numbers.
Array initialize(const Weight& weight, std::uint64_t seed) {
    const Value::Object* initializer = weight.initializer.object();
    CHECK_INTERNAL(initializer != nullptr);
    const std::string& name = initializer->class_name;
    const auto argument = [&](const char* which) -> const Value& { return initializer->arguments.at(which); };
    const auto number = [&](const char* which) { return *argument(which).real(); };

    Array array(weight.shape);
    if (name == "Zeros") return array;
    if (name == "Ones") return Array(weight.shape, 1.0);
    if (name == "Constant") return Array(weight.shape, static_cast<float>(number("value")));

    const std::int64_t* own_seed = argument("seed").integer();
    Random random(own_seed != nullptr ? mix(static_cast<std::uint64_t>(*own_seed), "") : mix(seed, weight.name));
    if (name == "RandomUniform") {
        fill_uniform(array, random, number("minval"), number("maxval"));
    } else if (name == "RandomNormal") {
        fill_normal(array, random, number("mean"), number("stddev"));
    } else if (name == "TruncatedNormal") {
        fill_truncated(array, random, number("mean"), number("stddev"));
    } else if (name == "VarianceScaling") {
        fill_scaled(array, random,
                    {name, number("scale"), *argument("mode").string(), *argument("distribution").string()});
    } else {
        const auto known =
            std::find_if(std::begin(scalings), std::end(scalings), [&](const Scaling& s) { return s.name == name; });
        CHECK_INTERNAL(known != std::end(scalings));
        fill_scaled(array, random, *known);
    }
    return array;
}

}  // namespace halcyon
