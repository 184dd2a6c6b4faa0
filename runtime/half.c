// Conversions of half precision, which LLVM calls where WebAssembly has no instruction for them.

#include <stdint.h>

#if defined(__wasm__)

float __extendhfsf2(uint16_t half);
uint16_t __truncsfhf2(float value);

// A half precision number as float, exactly.
float __extendhfsf2(uint16_t half) {
    const uint32_t exponent = half >> 10 & 31;
    const uint32_t fraction = half & 1023;
    uint32_t bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        __builtin_memcpy(&bits, &value, sizeof bits);
    } else {
        bits = (exponent == 31 ? UINT32_C(255) : exponent + 112) << 23 | fraction << 13;
    }
    bits |= (uint32_t)(half & 0x8000) << 16;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// The nearest half precision number, of two the even one.
uint16_t __truncsfhf2(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000;
    bits &= UINT32_C(0x7fffffff);
    if (bits > UINT32_C(0x7f800000)) return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 1023));
    if (bits >= UINT32_C(0x477ff000)) return (uint16_t)(sign | 0x7c00);
    if (bits < UINT32_C(0x38800000)) {
        // Beside one half a float has as many places as a subnormal number of half precision.
        const float rounded = __builtin_fabsf(value) + 0.5f;
        __builtin_memcpy(&bits, &rounded, sizeof bits);
        return (uint16_t)(sign | (bits - UINT32_C(0x3f000000)));
    }
    bits += 0xfff + (bits >> 13 & 1);
    return (uint16_t)(sign | (bits - (UINT32_C(112) << 23)) >> 13);
}

#endif
