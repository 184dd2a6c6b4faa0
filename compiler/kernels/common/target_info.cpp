#include "kernels/target_info.h"

#include <Halide.h>

#include <fmt/format.h>

#include <algorithm>

namespace halcyon {
namespace {

struct NamedLevel {
    NamedTarget named;
    std::string_view halide;
    std::string_view cpu_features;
};

constexpr std::string_view v2_features = "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16";
constexpr std::string_view v3_features =
    "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+avx,+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+movbe";
constexpr std::string_view v4_features =
    "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+avx,+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+movbe,"
    "+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl";

/// The levels of an architecture stand together, lowest first.
const std::vector<NamedLevel>& levels() {
    static const std::vector<NamedLevel> table{
        {{"x86-64-v2", "x86-64 with SSE4.1, as of 2009"}, "x86-64-linux-sse41", v2_features},
        {{"x86-64-v3", "x86-64 with AVX2 and FMA, as of 2013"}, "x86-64-linux-avx-avx2-f16c-fma-sse41", v3_features},
        {{"x86-64-v4", "x86-64 with AVX-512, as of 2017"},
         "x86-64-linux-avx-avx2-avx512-avx512_skylake-f16c-fma-sse41",
         v4_features},
        {{"arm-64-linux", "64-bit ARM with Neon"}, "arm-64-linux", ""},
        {{"wasm-32", "WebAssembly with 128-bit SIMD"}, "wasm-32-wasmrt-wasm_simd128", "+simd128"},
    };
    return table;
}

bool has(const Halide::Target& target, Halide::Target::Feature feature) {
    return target.has_feature(feature);
}

std::string triple_of(const Halide::Target& target) {
    if (target.arch == Halide::Target::WebAssembly) return "wasm32-unknown-unknown";
    if (target.arch == Halide::Target::ARM && target.bits == 64) return "aarch64-unknown-linux-gnu";
    return "x86_64-unknown-linux-gnu";
}

/// Register files and costs. Caches are those of a usual server or laptop of the kind; they steer choices, no more.
void describe_machine(const Halide::Target& target, TargetInfo& info) {
    info.vector_lanes = target.natural_vector_size<float>();
    info.wasm = target.arch == Halide::Target::WebAssembly;
    if (target.arch == Halide::Target::X86) {
        const bool avx512 = has(target, Halide::Target::AVX512);
        info.fetches_ahead = true;
        info.unrolled_steps = 4;
        info.l3_bytes_per_cycle = 12.0;
        info.memory_bytes_per_cycle = 4.5;
        info.vector_registers = avx512 ? 32 : 16;
        info.l2_bytes = avx512 ? 1 << 20 : 512 << 10;
        // Of those with 512-bit vectors some have one unit for them, some two.
        info.fma_per_cycle = avx512 ? 1.25 : has(target, Halide::Target::FMA) ? 2.0 : 1.0;
        info.l2_bytes_per_cycle = avx512 ? 48.0 : 32.0;
    } else if (target.arch == Halide::Target::ARM) {
        // Of 32: instructions read memory into registers only, and with 31 in use LLVM, which loads ahead, spills one.
        info.vector_registers = 30;
        info.fma_per_cycle = 2.0;
        info.l2_bytes_per_cycle = 16.0;
    } else {
        // WebAssembly has no registers; engines map its values to the sixteen of the machines they mostly run on.
        info.vector_registers = 16;
        info.fma_per_cycle = 0.5;
        info.l2_bytes_per_cycle = 16.0;
    }
}

std::optional<TargetInfo> describe(std::string name, const std::string& text, std::string_view cpu_features,
                                   std::string& why) {
    if (!Halide::Target::validate_target_string(text)) {
        why = fmt::format("'{}' is neither a named target nor a Halide target string", text);
        return std::nullopt;
    }
    const Halide::Target target(text);
    const bool x86 = target.arch == Halide::Target::X86 && target.bits == 64 && target.os == Halide::Target::Linux;
    const bool arm = target.arch == Halide::Target::ARM && target.bits == 64 && target.os == Halide::Target::Linux;
    const bool wasm = target.arch == Halide::Target::WebAssembly && target.bits == 32;
    if (!x86 && !arm && !wasm) {
        why = fmt::format("libraries are made for x86-64-linux, arm-64-linux and wasm-32 only, not for '{}'", text);
        return std::nullopt;
    }
    if (target.has_gpu_feature()) {
        why = fmt::format("kernels run on the CPU: '{}' asks for a graphics card", text);
        return std::nullopt;
    }
    if (!target.supported()) {
        why = fmt::format("the Halide library in use was built without a back end for '{}'", text);
        return std::nullopt;
    }
    TargetInfo info;
    info.name = std::move(name);
    info.halide = target.to_string();
    info.triple = triple_of(target);
    info.cpu_features = cpu_features;
    describe_machine(target, info);
    return info;
}

/// Whether this CPU executes everything that code for the target may use.
bool host_has(const Halide::Target& target) {
    const Halide::Target host = Halide::get_host_target();
    if (host.arch != target.arch || host.bits != target.bits || host.os != target.os) return false;
    for (const Halide::Target::Feature feature : {Halide::Target::SSE41,
                                                  Halide::Target::AVX,
                                                  Halide::Target::F16C,
                                                  Halide::Target::FMA,
                                                  Halide::Target::FMA4,
                                                  Halide::Target::AVX2,
                                                  Halide::Target::AVX512,
                                                  Halide::Target::AVX512_KNL,
                                                  Halide::Target::AVX512_Skylake,
                                                  Halide::Target::AVX512_Cannonlake,
                                                  Halide::Target::AVX512_SapphireRapids,
                                                  Halide::Target::AVX512_Zen4,
                                                  Halide::Target::AVX512_Zen5,
                                                  Halide::Target::AVX10_1,
                                                  Halide::Target::X86APX,
                                                  Halide::Target::ARMDotProd,
                                                  Halide::Target::ARMFp16,
                                                  Halide::Target::ARMv81a,
                                                  Halide::Target::SVE,
                                                  Halide::Target::SVE2}) {
        if (has(target, feature) && !has(host, feature)) return false;
    }
    return true;
}

}  // namespace

const std::vector<NamedTarget>& named_targets() {
    static const std::vector<NamedTarget> all = [] {
        std::vector<NamedTarget> rows{{"host", "the highest level below that this CPU has"},
                                      {"host-native", "everything that this CPU has"}};
        for (const NamedLevel& level : levels()) rows.push_back(level.named);
        return rows;
    }();
    return all;
}

std::optional<TargetInfo> find_target(std::string_view name, std::string& why) {
    if (name == "host") {
        const NamedLevel* highest = nullptr;
        for (const NamedLevel& level : levels()) {
            if (host_has(Halide::Target(std::string(level.halide)))) highest = &level;
        }
        if (highest == nullptr) {
            why = "this CPU has none of the named levels; try host-native";
            return std::nullopt;
        }
        return find_target(highest->named.name, why);
    }
    if (name == "host-native") {
        const std::string native = Halide::get_host_target().to_string();
        return describe(native, native, "", why);
    }
    for (const NamedLevel& level : levels()) {
        if (level.named.name == name) {
            return describe(std::string(name), std::string(level.halide), level.cpu_features, why);
        }
    }
    const std::string text(name);
    // Halide's own names for what it finds on this machine would make output depend on it unseen.
    if (text.starts_with("host")) {
        why = fmt::format("'{}' is neither a named target nor a Halide target string", text);
        return std::nullopt;
    }
    return describe(text, text, "", why);
}

std::optional<std::vector<std::string>> targets_of_library(std::vector<std::string> names, std::string& why) {
    if (names.size() == 1) return names;
    std::vector<std::string> best_first;
    for (auto level = levels().rbegin(); level != levels().rend(); ++level) {
        const auto count = std::count(names.begin(), names.end(), level->named.name);
        if (count == 0 || !level->named.name.starts_with("x86-64-")) continue;
        if (count > 1) {
            why = fmt::format("'{}' comes twice", level->named.name);
            return std::nullopt;
        }
        best_first.emplace_back(level->named.name);
    }
    if (best_first.size() != names.size()) {
        const auto stranger = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
            return std::find(best_first.begin(), best_first.end(), name) == best_first.end();
        });
        why = fmt::format("of several targets each must be a level of x86-64, such as x86-64-v3, and '{}' is none",
                          *stranger);
        return std::nullopt;
    }
    return best_first;
}

std::vector<TargetInfo> machines_of(const TargetInfo& target) {
    if (Halide::Target(target.halide).arch != Halide::Target::X86) return {target};
    // AMD's and Intel's servers differ most in what their last level of cache and their memory give one core (measured), and in
    // how many units they have for 512-bit vectors.
    const bool avx512 = target.vector_lanes == 16;
    TargetInfo amd = target, intel = target;
    amd.fma_per_cycle = avx512 ? 1.0 : target.fma_per_cycle;
    amd.l2_bytes_per_cycle = 32.0;
    amd.l3_bytes_per_cycle = 20.0;
    amd.memory_bytes_per_cycle = 6.5;
    intel.fma_per_cycle = avx512 ? 2.0 : target.fma_per_cycle;
    intel.l2_bytes_per_cycle = avx512 ? 48.0 : 32.0;
    intel.l3_bytes_per_cycle = 9.0;
    intel.memory_bytes_per_cycle = 3.5;
    return {amd, intel};
}

bool runs_here(const TargetInfo& target) {
    return host_has(Halide::Target(target.halide));
}

}  // namespace halcyon
