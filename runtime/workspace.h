// How the caller's workspace is divided: the program's buffers, then one part per worker, each a `halcyon_worker` with
// its arena behind it. The first worker is the calling thread; its arena is larger, since it also holds what kernels
// allocate outside of parallel loops.
#ifndef HALCYON_WORKSPACE_H
#define HALCYON_WORKSPACE_H

#include "halcyon/interface.h"

// Of the workspace, of every buffer and of every block in an arena; also the size of a block's header.
enum { HALCYON_ALIGNMENT = 64 };

typedef struct halcyon_block {
    struct halcyon_block* below;
    uint32_t freed;
} halcyon_block;

// What kernels get as their user context.
typedef struct halcyon_worker {
    union {
        struct {
            uint8_t* next;  // where the arena's free part begins
            uint8_t* end;
            halcyon_block* top;  // the last block, null in an empty arena
            struct halcyon_worker* first;
            // Of the first worker only. The executor is null where loops run serially: without one, and inside of
            // tasks.
            const halcyon_executor* executor;
            uint32_t first_bytes, further_bytes;  // of a worker's part, in units of HALCYON_ALIGNMENT
            int32_t error;
        };
        uint8_t size[HALCYON_ALIGNMENT];
    };
} halcyon_worker;

// Multiples of HALCYON_ALIGNMENT, known when a library is made.
typedef struct halcyon_needs {
    uint64_t buffer_bytes;
    uint64_t scratch_bytes;
    uint64_t worker_scratch_bytes;
    uint32_t parallel;  // whether workers beyond the first have a part
    uint32_t cpu;       // HALCYON_CPU_...
} halcyon_needs;

// Checks the arguments that every run has and sets up the workers' parts. Returns HALCYON_OK or an error.
int halcyon_begin(const halcyon_needs* needs, void* workspace, size_t workspace_bytes,
                  const halcyon_executor* executor);

// What a run answers, given what its last kernel answered: the error that a parallel loop met comes first.
int halcyon_end(const halcyon_worker* first, int status);

// The part of a worker, given the first one's.
static inline halcyon_worker* halcyon_worker_at(halcyon_worker* first, int worker) {
    if (worker == 0) return first;
    const size_t units = first->first_bytes + (size_t)first->further_bytes * (size_t)(worker - 1);
    return (halcyon_worker*)((uint8_t*)first + units * HALCYON_ALIGNMENT);
}

#endif
