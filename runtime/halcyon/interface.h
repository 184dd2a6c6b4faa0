/* What all headers that Halcyon writes have in common. This text is part of each of them, under one guard, so that a
 * program can include any number of them in any order. */
#ifndef HALCYON_INTERFACE
#define HALCYON_INTERFACE 1

#include <stddef.h>
#include <stdint.h>

/* What a call answers. */
enum {
    HALCYON_OK = 0,
    HALCYON_ERROR_NULL = 1,                /* a pointer that must not be null is */
    HALCYON_ERROR_WORKSPACE_SIZE = 2,      /* fewer than NAME_WORKSPACE_BYTES(workers) */
    HALCYON_ERROR_WORKSPACE_ALIGNMENT = 3, /* not a multiple of NAME_WORKSPACE_ALIGNMENT */
    HALCYON_ERROR_CPU = 4,               /* this CPU or its operating system lacks instructions that the library uses */
    HALCYON_ERROR_WEIGHTS = 5,           /* not the weights of this library, or damaged */
    HALCYON_ERROR_WEIGHTS_ALIGNMENT = 6, /* weights do not begin at a multiple of 64 */
    HALCYON_ERROR_EXECUTOR = 7,          /* an executor without workers, or one that breaks its contract */
    HALCYON_ERROR_KERNEL = 8,            /* a defect in Halcyon: please report it */
    HALCYON_ERROR_TARGET = 9             /* the library was not compiled for a target of this name */
};

static inline const char* halcyon_error_text(int error) {
    switch (error) {
    case HALCYON_OK: return "no error";
    case HALCYON_ERROR_NULL: return "a pointer that must not be null is null";
    case HALCYON_ERROR_WORKSPACE_SIZE: return "the workspace is too small for this number of workers";
    case HALCYON_ERROR_WORKSPACE_ALIGNMENT: return "the workspace does not begin at a multiple of 64";
    case HALCYON_ERROR_CPU: return "this CPU lacks instructions that the library was compiled for";
    case HALCYON_ERROR_WEIGHTS: return "these are not this library's weights, or they are damaged";
    case HALCYON_ERROR_WEIGHTS_ALIGNMENT: return "the weights do not begin at a multiple of 64";
    case HALCYON_ERROR_EXECUTOR: return "the executor has no workers or broke its contract";
    case HALCYON_ERROR_KERNEL: return "a kernel failed, which is a defect in Halcyon";
    case HALCYON_ERROR_TARGET: return "the library was not compiled for this target";
    default: return "an unknown error";
    }
}

/* How a library runs on several threads. The library starts none itself: it hands independent tasks to the caller's
 * executor. Without one (NULL) everything runs on the calling thread, with the same bits as result.
 *
 * parallel_for calls task(task_context, index, worker) once for every index from 0 to count - 1, in any order and on
 * any threads, and returns when all calls have returned. `worker` is from 0 to worker_count - 1, and no two calls that
 * run at the same time have the same one. `context` is the executor's own and passed back to it. With a worker_count
 * of 1 it may be NULL: then the calling thread is the worker.
 *
 * on_kernel is optional: NULL, as in a struct whose first fields only are initialized, costs nothing. It is called on
 * the calling thread when a kernel begins and when it has ended, with `on_kernel_context`, the number of the kernel in
 * the order of execution (from 0), the name of the layer whose result it computes, and the kernel's own name, which is
 * the symbol that debuggers and profilers show. Several layers may share a kernel. The names live as long as the
 * library. */
enum { HALCYON_KERNEL_BEGINS = 0, HALCYON_KERNEL_ENDS = 1 };
typedef struct halcyon_executor {
    void* context;
    int worker_count;
    void (*parallel_for)(void* context, void (*task)(void* task_context, int index, int worker), void* task_context,
                         int count);
    void (*on_kernel)(void* on_kernel_context, int event, int index, const char* layer, const char* kernel);
    void* on_kernel_context;
} halcyon_executor;

#endif
