#include "tune/pinning.h"

#include <sched.h>

namespace halcyon {

void pin_to_cpus(int count) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) <= count) return;
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && CPU_COUNT(&chosen) < count; --cpu)
        if (CPU_ISSET(cpu, &allowed)) CPU_SET(cpu, &chosen);
    sched_setaffinity(0, sizeof chosen, &chosen);
}

}  // namespace halcyon
