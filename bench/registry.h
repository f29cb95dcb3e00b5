/* The kernels of the registry with their loads, by index. */
#ifndef SGEO_BENCH_REGISTRY_H
#define SGEO_BENCH_REGISTRY_H

#include "bench/load.h"

struct sgeo_bench_kernel {
    const char *op;
    const struct sgeo_load *load;
};

size_t sgeo_bench_kernel_count(void);
const struct sgeo_bench_kernel *sgeo_bench_kernel_at(size_t index);

/* By name; SGEO_USAGE that names the nearest one when there is none. */
enum sgeo_status sgeo_bench_kernel_find(const struct sgeo_bench_kernel **kernel, const char *op);

#endif
