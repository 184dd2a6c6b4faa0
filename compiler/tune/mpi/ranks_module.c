// The only file that knows MPI. Errors of MPI end the program: its default, and there is no going on without it.

#include "ranks_module.h"

#include <mpi.h>

enum { message_tag = 1 };

static void send(int to, const void* bytes, size_t size) {
    MPI_Send(bytes, (int)size, MPI_BYTE, to, message_tag, MPI_COMM_WORLD);
}

static int has_arrived(int* from, size_t* size) {
    int is_there = 0;
    int count = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, message_tag, MPI_COMM_WORLD, &is_there, &status);
    if (!is_there) return 0;
    MPI_Get_count(&status, MPI_BYTE, &count);
    *from = status.MPI_SOURCE;
    *size = (size_t)count;
    return 1;
}

static void receive(int from, void* bytes, size_t size) {
    MPI_Recv(bytes, (int)size, MPI_BYTE, from, message_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void finish(void) {
    MPI_Finalize();
}

const halcyon_ranks* halcyon_start_ranks(void) {
    static halcyon_ranks ranks = {0, 0, send, has_arrived, receive, finish};
    // Other threads compile, but only one of them speaks to other ranks.
    int provided = 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return NULL;
    if (provided < MPI_THREAD_FUNNELED) return NULL;
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
    return &ranks;
}
