// A pool for low latency: threads spin for some microseconds after a loop, since networks are one short loop after
// another, then sleep on a condition variable. Iterations are claimed from a counter: many at once as long as many are left,
// since a claim costs as much as a short iteration and neighbours share cache lines, single ones in the end.

#include "halcyon/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { spin_rounds = 2000 };

// What is left of the current loop: its number in the upper half, iterations not yet claimed in the lower. In one word,
// so that a thread that comes late cannot claim an iteration of the next loop with the first one's data.
typedef uint64_t ticket;

struct halcyon_pool {
    int workers;
    pthread_t* threads;
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
    _Alignas(64) _Atomic ticket left;
    _Alignas(64) atomic_int finished;
};

struct start {
    halcyon_pool* pool;
    int worker;
};

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void run_iterations(halcyon_pool* pool, int worker) {
    ticket seen = atomic_load_explicit(&pool->left, memory_order_acquire);
    const int share = 2 * pool->workers;
    while ((uint32_t)seen != 0) {
        const int left = (int)(uint32_t)seen;
        const int claimed = left > share ? left / share : 1;
        if (!atomic_compare_exchange_weak_explicit(&pool->left, &seen, seen - (ticket)claimed, memory_order_acq_rel,
                                                   memory_order_acquire)) {
            continue;
        }
        // The loop cannot end before these iterations do, so its data stays as it is.
        const int count = pool->count;
        for (int i = 0; i < claimed; ++i) pool->task(pool->task_context, count - left + i, worker);
        if (atomic_fetch_add(&pool->finished, claimed) + claimed == count && atomic_load(&pool->caller_sleeps)) {
            pthread_mutex_lock(&pool->lock);
            pthread_cond_signal(&pool->done);
            pthread_mutex_unlock(&pool->lock);
        }
        seen = atomic_load_explicit(&pool->left, memory_order_acquire);
    }
}

static int has_news(halcyon_pool* pool) {
    return (uint32_t)atomic_load(&pool->left) != 0 || atomic_load(&pool->stopping);
}

static void wait_for_work(halcyon_pool* pool) {
    for (int i = 0; i < spin_rounds; ++i) {
        if (has_news(pool)) return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!has_news(pool)) pthread_cond_wait(&pool->work, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void* thread_main(void* argument) {
    const struct start start = *(struct start*)argument;
    free(argument);
    while (!atomic_load(&start.pool->stopping)) {
        run_iterations(start.pool, start.worker);
        wait_for_work(start.pool);
    }
    return NULL;
}

static void wait_until_finished(halcyon_pool* pool, int count) {
    for (int i = 0; i < spin_rounds; ++i) {
        if (atomic_load(&pool->finished) == count) return;
        pause_briefly();
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
    const ticket number = (atomic_load(&pool->left) >> 32) + 1;
    atomic_store(&pool->left, number << 32 | (uint32_t)count);
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

static void stop(halcyon_pool* pool, int threads) {
    atomic_store(&pool->stopping, 1);
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < threads; ++i) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

halcyon_pool* halcyon_pool_create(int workers) {
    if (workers < 1) return NULL;
    halcyon_pool* pool = aligned_alloc(64, (sizeof *pool + 63) / 64 * 64);
    if (!pool) return NULL;
    *pool = (halcyon_pool){.workers = workers, .busy = ATOMIC_FLAG_INIT};
    pool->threads = calloc((size_t)workers, sizeof *pool->threads);
    if (!pool->threads) {
        free(pool);
        return NULL;
    }
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
