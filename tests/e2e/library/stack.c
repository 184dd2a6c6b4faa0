/* Paints a thread's stack, runs the model on it, and says how much of it the call has touched. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include HEADER

enum { stack_bytes = 1 << 20, paint = 0xa5, margin = 4096, limit = 64 << 10, most_doors = 8, door_bytes = 16 << 20 };

static unsigned char* stack;
static void* workspace;
static union {
    TENSORS named;
    void* all[most_doors];
} tensors;
static int error;
static long touched;

static void* call(void* unused) {
    unsigned char mark;
    unsigned char* top = (unsigned char*)((uintptr_t)&mark & ~(uintptr_t)63);
    memset(stack, paint, (size_t)(top - margin - stack));
    error = RUN(&tensors.named, workspace, BYTES, NULL);
    unsigned char* deepest = stack;
    while (deepest < top && *deepest == paint) ++deepest;
    touched = top - deepest;
    return unused;
}

int main(void) {
    _Static_assert(sizeof(TENSORS) <= sizeof tensors.all, "doors");
    for (size_t i = 0; i < sizeof(TENSORS) / sizeof(void*); ++i) tensors.all[i] = calloc(door_bytes, 1);
    stack = aligned_alloc(4096, stack_bytes);
    workspace = aligned_alloc(64, (BYTES + 63) / 64 * 64);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, stack_bytes);
    if (pthread_create(&thread, &attributes, call, NULL)) return 2;
    pthread_join(thread, NULL);
    printf("%s: error %d, %ld bytes of stack\n", HEADER, error, touched);
    return error != HALCYON_OK || touched >= limit;
}
