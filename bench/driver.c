/* Runs one compiled model as its user's program would: through its header, on the calling thread or a pool. The
 * compiler's command line names the model: HEADER, TENSORS (the struct), RUN, WORKSPACE_BYTES, INPUT_SIZE, OUTPUT_SIZE.
 *
 *     driver INPUT THREADS
 *
 * INPUT holds the input's float32. Prints "ready", the bytes of memory before the first call, and the seconds from the start of
 * the process, its loading included, to the end of that call; then answers each line of standard input with one line: "run SECONDS" with the nanoseconds of each call, "cold SECONDS" the same with weights
 * from beyond the second cache, "output FILE" (written there), "memory" with the largest number of bytes that the process has
 * held. */
#define _GNU_SOURCE
#include HEADER

#include <halcyon/pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FEWEST_CALLS = 3, MOST_CALLS = 100000 };

/* Aligned as TVM's code wants them. */
static _Alignas(64) float input[INPUT_SIZE];
static _Alignas(64) float output[OUTPUT_SIZE];

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* "VmRSS" or "VmHWM" of this process, in bytes. */
static long long memory(const char* what) {
    char line[256];
    long long kilobytes = 0;
    FILE* status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, what, strlen(what)) == 0) kilobytes = atoll(line + strlen(what) + 1);
    }
    if (status) fclose(status);
    return kilobytes * 1024;
}

static void fail(const char* why) {
    fprintf(stderr, "driver: %s\n", why);
    exit(1);
}

/* As in a network: other memory has passed through the second cache since the last call, and the layer before has just
 * written the input. */
static void cool_down(void) {
    static char* others;
    static float* written;
    static size_t bytes;
    if (!others) {
        const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
        bytes = 4 * (cache > 0 ? (size_t)cache : (size_t)1 << 20);
        others = calloc(bytes, 1);
        written = malloc(sizeof input);
        if (!others || !written) fail("no memory");
        memset(others, 1, bytes);
        memcpy(written, input, sizeof input);
    }
    static volatile char sink;
    for (size_t i = 0; i < bytes; i += 64) sink = others[i];
    (void)sink;
    memcpy(input, written, sizeof input);
}

/* Starts this program again, which is then told when that was. */
static void start_over(char** words) {
    char start[32];
    snprintf(start, sizeof start, "%lld", now());
    execl("/proc/self/exe", words[0], words[1], words[2], start, (char*)NULL);
    fail("cannot start itself");
}

int main(int count, char** words) {
    if (count == 3) start_over(words);
    if (count != 4) fail("usage: driver INPUT THREADS");
    const long long before = memory("VmRSS");
    FILE* file = fopen(words[1], "rb");
    if (!file || fread(input, sizeof(float), INPUT_SIZE, file) != INPUT_SIZE) fail("cannot read the input");
    fclose(file);

    const int threads = atoi(words[2]);
    halcyon_pool* pool = threads > 1 ? halcyon_pool_create(threads) : NULL;
    const halcyon_executor executor = pool ? halcyon_pool_executor(pool) : (halcyon_executor){0};
    const size_t bytes = WORKSPACE_BYTES(threads);
    void* workspace = aligned_alloc(64, (bytes + 63) / 64 * 64);
    const TENSORS tensors = {input, output};
    if (!workspace || RUN(&tensors, workspace, bytes, pool ? &executor : NULL) != HALCYON_OK) fail("the model fails");
    printf("ready %lld %.6f\n", before, 1e-9 * (double)(now() - atoll(words[3])));
    fflush(stdout);

    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        const int is_cold = strncmp(line, "cold ", 5) == 0;
        if (is_cold || strncmp(line, "run ", 4) == 0) {
            const long long end = now() + (long long)(atof(strchr(line, ' ')) * 1e9);
            for (int calls = 0; calls < MOST_CALLS && (calls < FEWEST_CALLS || now() < end); ++calls) {
                if (is_cold) cool_down();
                const long long start = now();
                RUN(&tensors, workspace, bytes, pool ? &executor : NULL);
                printf("%lld ", now() - start);
            }
            printf("\n");
        } else if (strncmp(line, "output ", 7) == 0) {
            FILE* result = fopen(line + 7, "wb");
            if (!result || fwrite(output, sizeof(float), OUTPUT_SIZE, result) != OUTPUT_SIZE || fclose(result) != 0)
                fail("cannot write the output");
            printf("done\n");
        } else {
            printf("%lld\n", memory("VmHWM"));
        }
        fflush(stdout);
    }
    halcyon_pool_destroy(pool);
    free(workspace);
    return 0;
}
