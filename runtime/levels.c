#include "levels.h"

#include "cpu.h"
#include "halcyon/interface.h"

// The level that was asked for, counted from 1; 0: the best.
static uint32_t wanted;

static int is_called(const halcyon_level* level, const char* name) {
    for (int i = 0; i < HALCYON_LEVEL_NAME; ++i) {
        if (level->name[i] != name[i]) return 0;
        if (name[i] == 0) return 1;
    }
    return 0;
}

uint32_t halcyon_level_in_use(const halcyon_level* levels, uint32_t count) {
    const uint32_t chosen = __atomic_load_n(&wanted, __ATOMIC_RELAXED);
    if (chosen) return chosen - 1;
    uint32_t best = 0;
    while (best + 1 < count && !halcyon_cpu_has(levels[best].cpu)) ++best;
    return best;
}

int halcyon_use_level(const halcyon_level* levels, uint32_t count, const char* name) {
    uint32_t chosen = 0;
    if (name) {
        while (chosen < count && !is_called(&levels[chosen], name)) ++chosen;
        if (chosen == count) return HALCYON_ERROR_TARGET;
        if (!halcyon_cpu_has(levels[chosen].cpu)) return HALCYON_ERROR_CPU;
        ++chosen;
    }
    __atomic_store_n(&wanted, chosen, __ATOMIC_RELAXED);
    return HALCYON_OK;
}
