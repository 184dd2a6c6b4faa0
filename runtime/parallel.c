// Kernels' parallel loops, handed to the caller's executor. A loop inside of a task runs serially, in its worker's
// arena.

#include "workspace.h"

typedef int (*halide_task)(void* user_context, int index, uint8_t* closure);

int halide_do_par_for(void* user_context, halide_task task, int first, int count, uint8_t* closure);

struct loop {
    halide_task task;
    uint8_t* closure;
    int first;
    int count;
    int workers;
    halcyon_worker* caller;
};

static void fail(halcyon_worker* worker, int error) {
    __atomic_store_n(&worker->first->error, error, __ATOMIC_RELAXED);
}

static void run_iteration(void* context, int index, int worker) {
    const struct loop* loop = context;
    // A wrong worker would write into memory that is not there, or is another's.
    if (worker < 0 || worker >= loop->workers || index < 0 || index >= loop->count) {
        fail(loop->caller, HALCYON_ERROR_EXECUTOR);
        return;
    }
    halcyon_worker* own = halcyon_worker_at(loop->caller, worker);
    if (loop->task(own, loop->first + index, loop->closure)) fail(own, HALCYON_ERROR_KERNEL);
}

int halide_do_par_for(void* user_context, halide_task task, int first, int count, uint8_t* closure) {
    halcyon_worker* caller = user_context;
    const halcyon_executor* executor = caller->executor;
    if (!executor || count <= 1) {
        for (int i = first; i < first + count; ++i) {
            if (task(user_context, i, closure)) fail(caller, HALCYON_ERROR_KERNEL);
        }
        return caller->first->error;
    }
    struct loop loop = {task, closure, first, count, executor->worker_count, caller};
    caller->executor = 0;
    executor->parallel_for(executor->context, run_iteration, &loop, count);
    caller->executor = executor;
    return caller->error;
}
