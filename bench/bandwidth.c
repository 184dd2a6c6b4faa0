/* Prints the GB/s at which one thread reads memory that no cache holds: the best of a few passes over 256 MiB. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PASSES = 8 };

int main(void) {
    const size_t bytes = (size_t)256 << 20;
    uint64_t* memory = aligned_alloc(64, bytes);
    if (!memory) return 1;
    memset(memory, 1, bytes);
    double best = 0.0;
    uint64_t sum = 0;
    for (int pass = 0; pass < PASSES; ++pass) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (size_t i = 0; i < bytes / sizeof *memory; ++i) sum += memory[i];
        clock_gettime(CLOCK_MONOTONIC, &end);
        const double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
        const double rate = (double)bytes / seconds * 1e-9;
        if (rate > best) best = rate;
    }
    printf("%.2f\n", sum ? best : 0.0);
    free(memory);
    return 0;
}
