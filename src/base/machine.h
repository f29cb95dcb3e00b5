/* Facts about the machine and the build, for provenance, --doctor and the benchmarks. */
#ifndef SGEO_BASE_MACHINE_H
#define SGEO_BASE_MACHINE_H

#include <stddef.h>

struct sgeo_machine {
    char cpu[128]; /* model name as the system gives it; "unknown" */
    char slug[64]; /* the same in lower case, for folder names: results/reference/SLUG */
    size_t cores;  /* physical, in this machine */
    size_t threads, numa_nodes; /* hardware threads of all cores, NUMA nodes; 0 when unknown */
    size_t l1_bytes, l2_bytes, l3_bytes;     /* data caches of core 0; 0 when unknown */
    char system[128];                        /* kernel name, release, architecture */
    const char *compiler, *flags, *revision; /* static strings of the build */
};

void sgeo_machine_describe(struct sgeo_machine *machine);

#endif
