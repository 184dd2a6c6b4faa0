/* A pool of threads, created once and shared by all models of a program. Link libhalcyon_pool.a and the threads
 * library. */
#ifndef HALCYON_POOL_H
#define HALCYON_POOL_H

#include "halcyon/interface.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct halcyon_pool halcyon_pool;

/* `workers` counts the calling thread: 4 starts three threads. NULL if the threads cannot be had or workers < 1. */
halcyon_pool* halcyon_pool_create(int workers);

/* Joins the threads. No call may be running on the pool. NULL is fine. */
void halcyon_pool_destroy(halcyon_pool* pool);

/* What a model's run takes; valid as long as the pool. Calls from several threads at once are fine: while the pool is
 * busy with one, the others run on their own threads. */
halcyon_executor halcyon_pool_executor(halcyon_pool* pool);

#ifdef __cplusplus
}
#endif

#endif
