// Which instructions the kernels need, as bits, shared by the compiler, which knows the target, and the library, which
// asks the CPU.
#ifndef HALCYON_CPU_H
#define HALCYON_CPU_H

#include <stdint.h>

enum {
    HALCYON_CPU_SSE41 = 1 << 0,
    HALCYON_CPU_AVX = 1 << 1,  // with what every CPU that has it also has: SSE4.2, POPCNT
    HALCYON_CPU_F16C = 1 << 2,
    HALCYON_CPU_FMA = 1 << 3,
    HALCYON_CPU_FMA4 = 1 << 4,
    HALCYON_CPU_AVX2 = 1 << 5,                    // with BMI1, BMI2, LZCNT, MOVBE
    HALCYON_CPU_AVX512 = 1 << 6,                  // F, CD
    HALCYON_CPU_AVX512_SKYLAKE = 1 << 7,          // VL, BW, DQ
    HALCYON_CPU_AVX512_CANNONLAKE = 1 << 8,       // IFMA, VBMI
    HALCYON_CPU_AVX512_ZEN4 = 1 << 9,             // BF16, VNNI, BITALG, VBMI2, VPOPCNTDQ
    HALCYON_CPU_AVX512_SAPPHIRERAPIDS = 1 << 10,  // AVX-VNNI, FP16
    HALCYON_CPU_AVX512_KNL = 1 << 11,             // PF, ER
    HALCYON_CPU_KNOWN = 1 << 30
};

// Whether this CPU, and its operating system, which must save the registers, has all of `needed`. Asks once: CPUID
// leaves the virtual machine where there is one, and takes microseconds then.
int halcyon_cpu_has(uint32_t needed);

#endif
