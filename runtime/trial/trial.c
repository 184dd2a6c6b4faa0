// Checks and times the entrants of a trial_plan in turns, as compiler/tune/trial.cpp does where Halcyon itself runs, and
// prints one line of JSON: which CPU this is, and of each entrant the least time, its noise and its error.

#define _GNU_SOURCE

#include "trial.h"

#include <float.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "halcyon/pool.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

enum { alignment = 64, quarters = 4, most_blocks = 1 << 17 };
static const double least_block_seconds = 20e-6;
static const double most_runs = 10000.0;

typedef struct contestant {
    const trial_entrant* entrant;
    void** tensors;  // inputs, outputs, weights, their size
    void* workspace;
    unsigned char* weights;
    size_t stride;  // from one copy of the weights to the next
    size_t next;
    size_t runs;  // in a block
    double* blocks;
    size_t block_count;
    double error;
    int right;
} contestant;

// The last CPUs, as compiler/tune/pinning.h says why.
static void pin_to_cpus(int count) {
    cpu_set_t allowed;
    cpu_set_t chosen;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) <= count) return;
    CPU_ZERO(&chosen);
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && CPU_COUNT(&chosen) < count; --cpu)
        if (CPU_ISSET((size_t)cpu, &allowed)) CPU_SET((size_t)cpu, &chosen);
    sched_setaffinity(0, sizeof chosen, &chosen);
}

// The CPU's own registers: /proc/cpuinfo is the host's under an emulator.
static void print_machine(void) {
#if defined(__x86_64__)
    unsigned words[12] = {0};
    unsigned most = __get_cpuid_max(0x80000000U, NULL);
    char name[sizeof words + 1] = "";
    if (most >= 0x80000004U) {
        for (unsigned part = 0; part < 3; ++part)
            __get_cpuid(0x80000002U + part, &words[4 * part], &words[4 * part + 1], &words[4 * part + 2],
                        &words[4 * part + 3]);
        memcpy(name, words, sizeof words);
    }
    for (char* at = name; *at != 0; ++at)
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\') *at = '?';
    printf("{\"architecture\":\"x86-64\",\"name\":\"%s\"}", name);
#elif defined(__aarch64__)
    unsigned long id = 0;
    const unsigned long registers_can_be_read = 1UL << 11;
    if ((getauxval(AT_HWCAP) & registers_can_be_read) != 0) __asm__("mrs %0, MIDR_EL1" : "=r"(id));
    printf("{\"architecture\":\"aarch64\",\"implementer\":%lu,\"part\":%lu}", id >> 24 & 0xff, id >> 4 & 0xfff);
#else
    printf("{\"architecture\":\"unknown\"}");
#endif
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void* memory(size_t size) {
    void* bytes = aligned_alloc(alignment, (size + alignment) / alignment * alignment);
    if (bytes == NULL) {
        fprintf(stderr, "no memory for %zu bytes\n", size);
        exit(1);
    }
    memset(bytes, 0xff, size);  // floats that are NaN: whoever reads what nobody wrote shows it
    return bytes;
}

static void set_up(contestant* one, void* const* inputs) {
    const trial_entrant* entrant = one->entrant;
    const size_t fields = trial.input_count + trial.output_count;
    one->tensors = memory((fields + 2) * sizeof(void*));
    memcpy(one->tensors, inputs, trial.input_count * sizeof(void*));
    for (size_t i = 0; i < trial.output_count; ++i) {
        unsigned char* output = memory(trial.outputs[i].size);
        one->tensors[trial.input_count + i] = output + trial.outputs[i].first;
    }
    one->stride = (entrant->weights_bytes + alignment - 1) / alignment * alignment;
    one->weights = memory(one->stride * entrant->copies);
    for (size_t copy = 0; copy < entrant->copies; ++copy) {
        unsigned char* to = one->weights + copy * one->stride;
        memcpy(to, entrant->weights, entrant->stored_bytes);
        const float number = 1e-3F;
        for (size_t at = entrant->stored_bytes; at + sizeof number <= entrant->weights_bytes; at += sizeof number)
            memcpy(to + at, &number, sizeof number);
    }
    one->tensors[fields + 1] = (void*)entrant->weights_bytes;
    one->workspace = memory(entrant->workspace_bytes);
    one->blocks = memory(most_blocks * sizeof(double));
}

// Ends the program where a run fails: with an answer, for it may be that the CPU is not the one that was thought.
static void run(contestant* one, const halcyon_executor* executor) {
    const trial_entrant* entrant = one->entrant;
    one->tensors[trial.input_count + trial.output_count] = one->weights + one->next * one->stride;
    if (++one->next == entrant->copies) one->next = 0;
    const int status = entrant->run(one->tensors, one->workspace, entrant->workspace_bytes, executor);
    if (status == 0) return;
    printf(",\"status\":%d}\n", status);
    exit(0);
}

static double error_of(const contestant* one) {
    double worst = 0.0;
    double largest = DBL_MIN;
    for (size_t i = 0; i < trial.output_count; ++i) {
        const trial_output* output = &trial.outputs[i];
        const unsigned char* found = (unsigned char*)one->tensors[trial.input_count + i] - output->first;
        for (size_t at = 0; output->expected != NULL && at < output->size; at += sizeof(float)) {
            uint32_t bits = 0;
            float wanted = 0.0F;
            float value = 0.0F;
            memcpy(&bits, output->expected + at, sizeof bits);
            memcpy(&wanted, output->expected + at, sizeof wanted);
            memcpy(&value, found + at, sizeof value);
            if (bits == UINT32_MAX) continue;
            const double difference = fabs((double)value - (double)wanted);
            if (fabs((double)wanted) > largest) largest = fabs((double)wanted);
            if (!(difference <= worst)) worst = isnan(difference) ? (double)INFINITY : difference;
        }
    }
    const double error = worst / largest;
    return error < DBL_MAX ? error : DBL_MAX;
}

static double timed_block(contestant* one, size_t runs, const halcyon_executor* executor) {
    const double start = now();
    for (size_t i = 0; i < runs; ++i) run(one, executor);
    return (now() - start) / (double)runs;
}

// Warms the code, unless that takes longer than the measurement itself.
static size_t runs_per_block(contestant* one, const halcyon_executor* executor) {
    const double start = now();
    size_t runs = 0;
    do {
        run(one, executor);
        ++runs;
    } while (runs < 3 && now() - start < trial.seconds);
    const double once = (now() - start) / (double)runs;
    const double wanted = ceil(least_block_seconds / (once > 1e-9 ? once : 1e-9));
    return (size_t)(wanted < 1.0 ? 1.0 : wanted > most_runs ? most_runs : wanted);
}

static void race(contestant* all, const halcyon_executor* executor) {
    size_t racing = 0;
    for (size_t i = 0; i < trial.entrant_count; ++i) {
        if (!all[i].right) continue;
        all[i].runs = runs_per_block(&all[i], executor);
        ++racing;
    }
    const double begin = now();
    const double whole = trial.seconds * (double)racing;
    for (size_t round = 0; racing > 0 && round < most_blocks; ++round) {
        if (round >= trial.least_blocks && now() - begin >= whole) break;
        for (size_t i = 0; i < trial.entrant_count; ++i)
            if (all[i].right) all[i].blocks[all[i].block_count++] = timed_block(&all[i], all[i].runs, executor);
    }
}

static double least(const double* seconds, size_t begin, size_t end) {
    double found = seconds[begin];
    for (size_t i = begin + 1; i < end; ++i)
        if (seconds[i] < found) found = seconds[i];
    return found;
}

// As compiler/tune/trial.h says of Timing.
static void print_timing(const contestant* one) {
    if (!one->right) {
        printf("{\"seconds\":0,\"noise\":0,\"error\":%.9g}", one->error);
        return;
    }
    const double seconds = least(one->blocks, 0, one->block_count);
    double slowest = seconds;
    for (size_t i = 0; i < quarters && one->block_count >= quarters; ++i) {
        const double part = least(one->blocks, one->block_count * i / quarters, one->block_count * (i + 1) / quarters);
        if (part > slowest) slowest = part;
    }
    printf("{\"seconds\":%.9g,\"noise\":%.9g,\"error\":%.9g}", seconds, slowest / seconds - 1.0, one->error);
}

int main(void) {
    pin_to_cpus(trial.threads);
    printf("{\"halcyon-trial\":1,\"machine\":");
    print_machine();
    halcyon_executor executor;
    halcyon_pool* pool = trial.threads > 1 ? halcyon_pool_create(trial.threads) : NULL;
    if (trial.threads > 1 && pool == NULL) {
        fprintf(stderr, "%d threads cannot be had\n", trial.threads);
        return 1;
    }
    if (pool != NULL) executor = halcyon_pool_executor(pool);
    const halcyon_executor* const workers = pool != NULL ? &executor : NULL;

    void** inputs = memory((trial.input_count + 1) * sizeof(void*));
    for (size_t i = 0; i < trial.input_count; ++i) {
        unsigned char* input = memory(trial.inputs[i].size);
        if (trial.inputs[i].bytes != NULL)
            memcpy(input, trial.inputs[i].bytes, trial.inputs[i].size);
        else
            memset(input, 0, trial.inputs[i].size);
        inputs[i] = input + trial.inputs[i].first;
    }
    contestant* all = memory((trial.entrant_count + 1) * sizeof(contestant));
    memset(all, 0, trial.entrant_count * sizeof(contestant));
    for (size_t i = 0; i < trial.entrant_count; ++i) {
        all[i].entrant = &trial.entrants[i];
        set_up(&all[i], inputs);
        run(&all[i], workers);
        all[i].error = error_of(&all[i]);
        all[i].right = all[i].error <= all[i].entrant->max_error;
    }
    race(all, workers);
    printf(",\"timings\":[");
    for (size_t i = 0; i < trial.entrant_count; ++i) {
        if (i > 0) putchar(',');
        print_timing(&all[i]);
    }
    printf("]}\n");
    return 0;
}
