/* What the module halcyon_mpi, which alone is linked with MPI, gives to `halcyon tune`. Built only where MPI is there, and
 * loaded only by programs that mpirun has started, so that Halcyon itself runs without. */
#ifndef HALCYON_RANKS_MODULE_H
#define HALCYON_RANKS_MODULE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To be used by one thread. */
typedef struct halcyon_ranks {
    int rank, count;
    void (*send)(int to, const void* bytes, size_t size);
    /* Whether a message is there to be received; does not wait. */
    int (*has_arrived)(int* from, size_t* size);
    void (*receive)(int from, void* bytes, size_t size);
    /* Waits until all ranks have called it; the last call of all. */
    void (*finish)(void);
} halcyon_ranks;

/* Null where MPI does not start. */
const halcyon_ranks* halcyon_start_ranks(void);
#define HALCYON_START_RANKS "halcyon_start_ranks"

#ifdef __cplusplus
}
#endif

#endif
