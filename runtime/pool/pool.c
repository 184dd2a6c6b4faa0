// A pool for low latency: threads spin for some time after a loop, since networks are one short loop after another, then
// sleep on a condition variable. Each worker has its own share of a loop's iterations, the same part of it every time: what
// it wrote in one loop lies in its own cache when it reads it in the next. Who has no more of its own takes from the others.

#include "halcyon/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { spin_rounds = 10000 };

// The iterations of a worker's share that nobody has claimed: the first in the upper half, the one after the last in the
// lower. Its worker takes from the front, the others from the back. Whoever has changed it has what he took, whichever loop
// it is that runs by then.
typedef struct {
    _Alignas(64) _Atomic uint64_t unclaimed;
} share;

struct halcyon_pool {
    int workers;
    pthread_t* threads;
    share* shares;
    pthread_mutex_t lock;  // of both conditions
    pthread_cond_t work, done;
    atomic_int sleepers;       // threads that wait for `work`
    atomic_int caller_sleeps;  // whether the caller waits for `done`
    atomic_int stopping;
    atomic_flag busy;  // a loop is running

    // Written by the caller while no iteration is left to claim.
    void (*task)(void*, int, int);
    void* task_context;
    int count;
    _Alignas(64) atomic_uint loops;  // begun so far
    _Alignas(64) atomic_int finished;
};

struct start {
    halcyon_pool* pool;
    int worker;
};

// One round of spinning. Where there are more threads than cores, who spins longer than the usual gap between two loops may be
// in the way of the one that he waits for.
static void pause_briefly(int round) {
    if (round % 64 == 63) sched_yield();
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Runs what is left of a share, from its back if it is another worker's: much at once as long as much is left, since a claim
// costs as much as a short iteration, single iterations in the end. Gives how many it ran.
static int run_share(halcyon_pool* pool, share* share, int from_back, int worker) {
    int ran = 0;
    uint64_t seen = atomic_load_explicit(&share->unclaimed, memory_order_acquire);
    for (;;) {
        const uint32_t begin = (uint32_t)(seen >> 32), end = (uint32_t)seen;
        if (begin == end) return ran;
        const uint32_t claimed = (end - begin + 7) / 8;
        const uint64_t rest = from_back ? seen - claimed : seen + ((uint64_t)claimed << 32);
        if (!atomic_compare_exchange_weak_explicit(&share->unclaimed, &seen, rest, memory_order_acq_rel,
                                                   memory_order_acquire)) {
            continue;
        }
        // The loop cannot end before these iterations do, so its data stays as it is.
        const uint32_t first = from_back ? end - claimed : begin;
        for (uint32_t i = 0; i < claimed; ++i) pool->task(pool->task_context, (int)(first + i), worker);
        ran += (int)claimed;
        seen = atomic_load_explicit(&share->unclaimed, memory_order_acquire);
    }
}

static void run_iterations(halcyon_pool* pool, int worker) {
    int ran = run_share(pool, &pool->shares[worker], 0, worker);
    for (int i = 1; i < pool->workers; ++i)
        ran += run_share(pool, &pool->shares[(worker + i) % pool->workers], 1, worker);
    if (ran == 0) return;
    const int count = pool->count;
    if (atomic_fetch_add(&pool->finished, ran) + ran == count && atomic_load(&pool->caller_sleeps)) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->lock);
    }
}

static int has_news(halcyon_pool* pool, unsigned seen_loops) {
    return atomic_load(&pool->loops) != seen_loops || atomic_load(&pool->stopping);
}

static void wait_for_work(halcyon_pool* pool, unsigned seen_loops) {
    for (int i = 0; i < spin_rounds; ++i) {
        if (has_news(pool, seen_loops)) return;
        pause_briefly(i);
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!has_news(pool, seen_loops)) pthread_cond_wait(&pool->work, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void* thread_main(void* argument) {
    const struct start start = *(struct start*)argument;
    free(argument);
    unsigned seen_loops = 0;
    while (!atomic_load(&start.pool->stopping)) {
        wait_for_work(start.pool, seen_loops);
        seen_loops = atomic_load(&start.pool->loops);
        run_iterations(start.pool, start.worker);
    }
    return NULL;
}

static void wait_until_finished(halcyon_pool* pool, int count) {
    for (int i = 0; i < spin_rounds; ++i) {
        if (atomic_load(&pool->finished) == count) return;
        pause_briefly(i);
    }
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->caller_sleeps, 1);
    while (atomic_load(&pool->finished) != count) pthread_cond_wait(&pool->done, &pool->lock);
    atomic_store(&pool->caller_sleeps, 0);
    pthread_mutex_unlock(&pool->lock);
}

static void parallel_for(void* context, void (*task)(void*, int, int), void* task_context, int count) {
    halcyon_pool* pool = context;
    if (count < 2 || pool->workers < 2 || atomic_flag_test_and_set(&pool->busy)) {
        for (int i = 0; i < count; ++i) task(task_context, i, 0);
        return;
    }
    pool->task = task;
    pool->task_context = task_context;
    pool->count = count;
    atomic_store(&pool->finished, 0);
    for (int worker = 0; worker < pool->workers; ++worker) {
        const uint64_t begin = (uint64_t)count * (uint64_t)worker / (uint64_t)pool->workers;
        const uint64_t end = (uint64_t)count * (uint64_t)(worker + 1) / (uint64_t)pool->workers;
        atomic_store_explicit(&pool->shares[worker].unclaimed, begin << 32 | end, memory_order_release);
    }
    atomic_fetch_add(&pool->loops, 1);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->work);
        pthread_mutex_unlock(&pool->lock);
    }
    run_iterations(pool, 0);
    wait_until_finished(pool, count);
    atomic_flag_clear(&pool->busy);
}

static int start_thread(halcyon_pool* pool, int worker) {
    struct start* start = malloc(sizeof *start);
    if (!start) return 0;
    *start = (struct start){pool, worker};
    if (pthread_create(&pool->threads[worker - 1], NULL, thread_main, start) == 0) return 1;
    free(start);
    return 0;
}

static void release(halcyon_pool* pool) {
    free(pool->threads);
    free(pool->shares);
    free(pool);
}

static void stop(halcyon_pool* pool, int threads) {
    atomic_store(&pool->stopping, 1);
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < threads; ++i) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    release(pool);
}

halcyon_pool* halcyon_pool_create(int workers) {
    if (workers < 1) return NULL;
    halcyon_pool* pool = aligned_alloc(64, (sizeof *pool + 63) / 64 * 64);
    if (!pool) return NULL;
    *pool = (halcyon_pool){.workers = workers, .busy = ATOMIC_FLAG_INIT};
    pool->threads = calloc((size_t)workers, sizeof *pool->threads);
    pool->shares = aligned_alloc(64, (size_t)workers * sizeof *pool->shares);
    if (!pool->threads || !pool->shares) {
        release(pool);
        return NULL;
    }
    for (int worker = 0; worker < workers; ++worker) atomic_init(&pool->shares[worker].unclaimed, 0);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    for (int worker = 1; worker < workers; ++worker) {
        if (!start_thread(pool, worker)) {
            stop(pool, worker - 1);
            return NULL;
        }
    }
    return pool;
}

void halcyon_pool_destroy(halcyon_pool* pool) {
    if (pool) stop(pool, pool->workers - 1);
}

halcyon_executor halcyon_pool_executor(halcyon_pool* pool) {
    const halcyon_executor executor = {.context = pool, .worker_count = pool->workers, .parallel_for = parallel_for};
    return executor;
}
