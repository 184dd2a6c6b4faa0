// The file of weights beside a library: this header, then the packed constants as the kernels read them. Little-endian,
// as are all targets.
#ifndef HALCYON_WEIGHTS_H
#define HALCYON_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

enum { HALCYON_WEIGHTS_ALIGNMENT = 64, HALCYON_WEIGHTS_VERSION = 1 };
#define HALCYON_WEIGHTS_MAGIC "HALCYONW"

typedef struct halcyon_weights_header {
    uint8_t magic[8];
    uint32_t version;
    uint32_t header_bytes;  // of this struct: 64
    uint64_t layout;        // a hash of what lies where and how it is packed
    uint64_t payload_bytes;
    uint64_t payload_hash;  // halcyon_hash of the payload
    uint8_t zeros[24];
} halcyon_weights_header;

// XXH64 with seed 0, by its specification.
uint64_t halcyon_hash(const void* bytes, size_t size);

// What every run can afford: pointer, size, magic, version and layout. Returns HALCYON_OK or an error.
int halcyon_weights_fit(const void* weights, size_t weights_bytes, uint64_t layout, uint64_t payload_bytes);

// The same, and the hash of all bytes.
int halcyon_weights_whole(const void* weights, size_t weights_bytes, uint64_t layout, uint64_t payload_bytes);

#endif
