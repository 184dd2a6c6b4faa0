// Halide names features; its code generator picks a CPU model by them and may use all that such a CPU has. So each name
// stands for the whole level, as every real CPU of that level offers it.
#include "backend/cpu_features.h"

#include <map>

#include "cpu.h"

namespace halcyon {

namespace {

constexpr std::uint32_t level1 = HALCYON_CPU_SSE41;
constexpr std::uint32_t level2 = level1 | HALCYON_CPU_AVX;
constexpr std::uint32_t level3 = level2 | HALCYON_CPU_F16C | HALCYON_CPU_FMA | HALCYON_CPU_AVX2;
constexpr std::uint32_t level4 = level3 | HALCYON_CPU_AVX512;
constexpr std::uint32_t skylake = level4 | HALCYON_CPU_AVX512_SKYLAKE;
constexpr std::uint32_t cannonlake = skylake | HALCYON_CPU_AVX512_CANNONLAKE;
constexpr std::uint32_t zen4 = cannonlake | HALCYON_CPU_AVX512_ZEN4;
constexpr std::uint32_t sapphire_rapids = zen4 | HALCYON_CPU_AVX512_SAPPHIRERAPIDS;

const std::map<std::string_view, std::uint32_t> levels{
    {"sse41", level1},
    {"avx", level2},
    {"f16c", level2 | HALCYON_CPU_F16C},
    {"fma", level2 | HALCYON_CPU_FMA},
    {"fma4", level2 | HALCYON_CPU_FMA4},
    {"avx2", level3},
    {"avx512", level4},
    {"avx512_knl", level4 | HALCYON_CPU_AVX512_KNL},
    {"avx512_skylake", skylake},
    {"avx512_cannonlake", cannonlake},
    {"avx512_zen4", zen4},
    {"avx512_zen5", zen4},
    {"avx512_sapphirerapids", sapphire_rapids},
    {"avxvnni", sapphire_rapids},
};

}  // namespace

std::uint32_t needed_cpu_features(std::string_view halide_target) {
    if (!halide_target.starts_with("x86-64-")) return 0;
    std::uint32_t needed = 0;
    while (!halide_target.empty()) {
        const std::size_t end = halide_target.find('-');
        const auto level = levels.find(halide_target.substr(0, end));
        if (level != levels.end()) needed |= level->second;
        halide_target = end == std::string_view::npos ? "" : halide_target.substr(end + 1);
    }
    return needed;
}

}  // namespace halcyon
