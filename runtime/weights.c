#include "weights.h"

#include "halcyon/interface.h"

static const uint64_t prime1 = UINT64_C(0x9E3779B185EBCA87);
static const uint64_t prime2 = UINT64_C(0xC2B2AE3D27D4EB4F);
static const uint64_t prime3 = UINT64_C(0x165667B19E3779F9);
static const uint64_t prime4 = UINT64_C(0x85EBCA77C2B2AE63);
static const uint64_t prime5 = UINT64_C(0x27D4EB2F165667C5);

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static uint64_t read64(const uint8_t* p) {
    uint64_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
}

static uint32_t read32(const uint8_t* p) {
    uint32_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
}

static uint64_t mix(uint64_t lane, uint64_t value) {
    return rotate(lane + value * prime2, 31) * prime1;
}

uint64_t halcyon_hash(const void* bytes, size_t size) {
    const uint8_t* p = bytes;
    size_t left = size;
    uint64_t hash = prime5;
    if (size >= 32) {
        uint64_t lanes[4] = {prime1 + prime2, prime2, 0, 0 - prime1};
        for (; left >= 32; left -= 32, p += 32) {
            for (int i = 0; i < 4; ++i) lanes[i] = mix(lanes[i], read64(p + 8 * i));
        }
        hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
        for (int i = 0; i < 4; ++i) hash = (hash ^ mix(0, lanes[i])) * prime1 + prime4;
    }
    hash += size;
    for (; left >= 8; left -= 8, p += 8) hash = rotate(hash ^ mix(0, read64(p)), 27) * prime1 + prime4;
    if (left >= 4) {
        hash = rotate(hash ^ read32(p) * prime1, 23) * prime2 + prime3;
        left -= 4;
        p += 4;
    }
    for (; left > 0; --left, ++p) hash = rotate(hash ^ *p * prime5, 11) * prime1;
    hash = (hash ^ hash >> 33) * prime2;
    hash = (hash ^ hash >> 29) * prime3;
    return hash ^ hash >> 32;
}

int halcyon_weights_fit(const void* weights, size_t weights_bytes, uint64_t layout, uint64_t payload_bytes) {
    static const uint8_t magic[] = HALCYON_WEIGHTS_MAGIC;
    const halcyon_weights_header* header = weights;
    if (!weights) return HALCYON_ERROR_NULL;
    if ((uintptr_t)weights % HALCYON_WEIGHTS_ALIGNMENT != 0) return HALCYON_ERROR_WEIGHTS_ALIGNMENT;
    if (weights_bytes < sizeof *header || weights_bytes - sizeof *header != payload_bytes) return HALCYON_ERROR_WEIGHTS;
    if (read64(header->magic) != read64(magic)) return HALCYON_ERROR_WEIGHTS;
    if (header->version != HALCYON_WEIGHTS_VERSION || header->header_bytes != sizeof *header)
        return HALCYON_ERROR_WEIGHTS;
    if (header->layout != layout || header->payload_bytes != payload_bytes) return HALCYON_ERROR_WEIGHTS;
    return HALCYON_OK;
}

int halcyon_weights_whole(const void* weights, size_t weights_bytes, uint64_t layout, uint64_t payload_bytes) {
    const halcyon_weights_header* header = weights;
    const int error = halcyon_weights_fit(weights, weights_bytes, layout, payload_bytes);
    if (error) return error;
    return halcyon_hash(header + 1, (size_t)payload_bytes) == header->payload_hash ? HALCYON_OK : HALCYON_ERROR_WEIGHTS;
}
