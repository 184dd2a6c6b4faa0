/* What the programs that call the library of mixed.hcn have in common: an input, outputs, memory with guards round it.
 * */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mixed.h"

enum { guard = 4096, canary = 0xa5 };

/* Memory between two guards, its end as near to the second as its alignment allows. */
typedef struct guarded {
    unsigned char *all, *begin;
    size_t bytes, all_bytes;
} guarded;

static inline guarded make_guarded(size_t bytes, size_t alignment) {
    guarded g;
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    g.bytes = bytes;
    g.all_bytes = guard + rounded + guard;
    g.all = aligned_alloc(4096, (g.all_bytes + 4095) / 4096 * 4096);
    g.begin = g.all + guard;
    memset(g.all, canary, g.all_bytes);
    return g;
}

static inline int is_intact(guarded g) {
    for (unsigned char* p = g.all; p < g.all + g.all_bytes; ++p) {
        if ((p < g.begin || p >= g.begin + g.bytes) && *p != canary) return 0;
    }
    return 1;
}

static inline void fill_image(float* image) {
    unsigned state = 1;
    for (int i = 0; i < MIXED_IMAGE_SIZE; ++i) {
        state = state * 1664525u + 1013904223u;
        image[i] = (float)(state >> 8) / (float)(1 << 24) - 0.5f;
    }
}

/* A distribution over classes, and not the same for every input. */
static inline int is_plausible(const float* scores) {
    float sum = 0, most = 0;
    for (int i = 0; i < MIXED_SCORES_SIZE; ++i) {
        sum += scores[i];
        if (scores[i] > most) most = scores[i];
        if (!(scores[i] > 0)) return 0;
    }
    return sum > 0.999f && sum < 1.001f && most < 0.999f;
}

#define REQUIRE(condition)                                                 \
    do {                                                                   \
        if (!(condition)) {                                                \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                       \
        }                                                                  \
    } while (0)
