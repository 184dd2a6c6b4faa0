#include "cpu.h"

#if defined(__x86_64__)

struct registers {
    uint32_t eax, ebx, ecx, edx;
};

static struct registers cpuid(uint32_t leaf, uint32_t subleaf) {
    struct registers r;
    __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

static uint32_t saved_registers(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int has(uint32_t value, uint32_t bits) {
    return (value & bits) == bits;
}

// Bit numbers from Intel's and AMD's manuals, instruction CPUID.
#define BIT(n) (UINT32_C(1) << (n))

static uint32_t ask(void) {
    uint32_t found = HALCYON_CPU_KNOWN;
    const uint32_t leaves = cpuid(0, 0).eax;
    const uint32_t extended_leaves = cpuid(UINT32_C(0x80000000), 0).eax;
    const struct registers none = {0, 0, 0, 0};
    const struct registers one = cpuid(1, 0);
    const struct registers seven = leaves >= 7 ? cpuid(7, 0) : none;
    const struct registers seven_one = leaves >= 7 && seven.eax >= 1 ? cpuid(7, 1) : none;
    const struct registers extended = extended_leaves >= UINT32_C(0x80000001) ? cpuid(UINT32_C(0x80000001), 0) : none;

    if (has(one.ecx, BIT(19) | BIT(9))) found |= HALCYON_CPU_SSE41;
    const uint32_t saved = has(one.ecx, BIT(27)) ? saved_registers() : 0;
    if (!has(saved, BIT(1) | BIT(2))) return found;

    if (!has(one.ecx, BIT(28) | BIT(23) | BIT(20))) return found;
    found |= HALCYON_CPU_AVX;
    if (has(one.ecx, BIT(29))) found |= HALCYON_CPU_F16C;
    if (has(one.ecx, BIT(12))) found |= HALCYON_CPU_FMA;
    if (has(extended.ecx, BIT(16))) found |= HALCYON_CPU_FMA4;
    if (has(seven.ebx, BIT(5) | BIT(3) | BIT(8)) && has(one.ecx, BIT(22)) && has(extended.ecx, BIT(5))) {
        found |= HALCYON_CPU_AVX2;
    }

    if (!has(saved, BIT(5) | BIT(6) | BIT(7))) return found;
    if (has(seven.ebx, BIT(16) | BIT(28))) found |= HALCYON_CPU_AVX512;
    if (has(seven.ebx, BIT(31) | BIT(30) | BIT(17))) found |= HALCYON_CPU_AVX512_SKYLAKE;
    if (has(seven.ebx, BIT(26) | BIT(27))) found |= HALCYON_CPU_AVX512_KNL;
    if (has(seven.ebx, BIT(21)) && has(seven.ecx, BIT(1))) found |= HALCYON_CPU_AVX512_CANNONLAKE;
    if (has(seven.ecx, BIT(11) | BIT(12) | BIT(6) | BIT(14)) && has(seven_one.eax, BIT(5))) {
        found |= HALCYON_CPU_AVX512_ZEN4;
    }
    if (has(seven_one.eax, BIT(4)) && has(seven.edx, BIT(23))) found |= HALCYON_CPU_AVX512_SAPPHIRERAPIDS;
    return found;
}

int halcyon_cpu_has(uint32_t needed) {
    // The one variable of a library: threads that race to set it store the same value.
    static uint32_t answer;
    uint32_t found = __atomic_load_n(&answer, __ATOMIC_RELAXED);
    if (found == 0) {
        found = ask();
        __atomic_store_n(&answer, found, __ATOMIC_RELAXED);
    }
    return has(found, needed);
}

#else

// The target's baseline is all that other architectures' kernels use.
int halcyon_cpu_has(uint32_t needed) {
    return needed == 0;
}

#endif
