#include "backend/cpu_features.h"

#include <doctest/doctest.h>

#include "cpu.h"

using halcyon::needed_cpu_features;

TEST_CASE("a feature asks for the whole level of CPUs that have it") {
    CHECK(needed_cpu_features("x86-64-linux") == 0);
    CHECK(needed_cpu_features("x86-64-linux-sse41") == HALCYON_CPU_SSE41);
    CHECK(needed_cpu_features("x86-64-linux-avx-sse41") == (HALCYON_CPU_SSE41 | HALCYON_CPU_AVX));
    CHECK(needed_cpu_features("x86-64-linux-avx2") ==
          (HALCYON_CPU_SSE41 | HALCYON_CPU_AVX | HALCYON_CPU_F16C | HALCYON_CPU_FMA | HALCYON_CPU_AVX2));
    CHECK((needed_cpu_features("x86-64-linux-avx512_skylake") & HALCYON_CPU_AVX512_SKYLAKE) != 0);
}

TEST_CASE("other architectures are taken as they are") {
    CHECK(needed_cpu_features("arm-64-linux-arm_dot_prod") == 0);
    CHECK(needed_cpu_features("wasm-32-wasmrt-wasm_simd128") == 0);
}
