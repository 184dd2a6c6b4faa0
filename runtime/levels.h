// A library for several levels of one architecture: which of them runs.
#ifndef HALCYON_LEVELS_H
#define HALCYON_LEVELS_H

#include <stdint.h>

// Longer names than of any level are never compared.
enum { HALCYON_LEVEL_NAME = 12 };

typedef struct halcyon_level {
    char name[HALCYON_LEVEL_NAME];  // with zeros behind it
    uint32_t cpu;                   // HALCYON_CPU_...
} halcyon_level;

// The place among `levels`, which stand best first, of the one to run: what halcyon_use_level chose, else the first that
// this CPU has; the last where it has none, as that one's own check says so.
uint32_t halcyon_level_in_use(const halcyon_level* levels, uint32_t count);

// For all calls that begin later, on any thread. Null: the best again. Returns HALCYON_OK, HALCYON_ERROR_TARGET or
// HALCYON_ERROR_CPU, and after an error changes nothing.
int halcyon_use_level(const halcyon_level* levels, uint32_t count, const char* name);

#endif
