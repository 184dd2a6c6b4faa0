#include "workspace.h"

#include "cpu.h"

static void set_up(halcyon_worker* worker, halcyon_worker* first, uint64_t arena_bytes) {
    worker->next = (uint8_t*)worker + sizeof(halcyon_worker);
    worker->end = worker->next + arena_bytes;
    worker->top = 0;
    worker->first = first;
    worker->executor = 0;
    worker->error = HALCYON_OK;
}

int halcyon_begin(const halcyon_needs* needs, void* workspace, size_t workspace_bytes,
                  const halcyon_executor* executor) {
    if (executor && (executor->worker_count < 1 || (executor->worker_count > 1 && !executor->parallel_for)))
        return HALCYON_ERROR_EXECUTOR;
    const int workers = executor && needs->parallel ? executor->worker_count : 1;
    const uint64_t first_bytes = sizeof(halcyon_worker) + needs->scratch_bytes;
    const uint64_t further_bytes = sizeof(halcyon_worker) + needs->worker_scratch_bytes;

    if (!workspace) return HALCYON_ERROR_NULL;
    if ((uintptr_t)workspace % HALCYON_ALIGNMENT != 0) return HALCYON_ERROR_WORKSPACE_ALIGNMENT;
    if (workspace_bytes < needs->buffer_bytes + first_bytes) return HALCYON_ERROR_WORKSPACE_SIZE;
    // By division, since a product could overflow.
    const uint64_t rest = workspace_bytes - (needs->buffer_bytes + first_bytes);
    if (rest / further_bytes < (uint64_t)(workers - 1)) return HALCYON_ERROR_WORKSPACE_SIZE;
    if (!halcyon_cpu_has(needs->cpu)) return HALCYON_ERROR_CPU;

    halcyon_worker* first = (halcyon_worker*)((uint8_t*)workspace + needs->buffer_bytes);
    set_up(first, first, needs->scratch_bytes);
    first->executor = workers > 1 ? executor : 0;
    first->first_bytes = (uint32_t)(first_bytes / HALCYON_ALIGNMENT);
    first->further_bytes = (uint32_t)(further_bytes / HALCYON_ALIGNMENT);
    for (int i = 1; i < workers; ++i) set_up(halcyon_worker_at(first, i), first, needs->worker_scratch_bytes);
    return HALCYON_OK;
}

int halcyon_end(const halcyon_worker* first, int status) {
    if (first->error) return first->error;
    return status ? HALCYON_ERROR_KERNEL : HALCYON_OK;
}
