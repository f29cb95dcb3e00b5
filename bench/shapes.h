/*
 * Shape files: the cases that kernels are timed on. A line is `op name=value name=value ...`;
 * empty lines and lines that start with # do not count.
 */
#ifndef SGEO_BENCH_SHAPES_H
#define SGEO_BENCH_SHAPES_H

#include "bench/args.h"
#include "bench/registry.h"

struct sgeo_bench_shape {
    const struct sgeo_bench_kernel *kernel;
    struct sgeo_bench_args *args; /* owned */
};

/* Starts zeroed; owns its array. */
struct sgeo_bench_shapes {
    struct sgeo_bench_shape *shapes;
    size_t n, capacity;
};

/*
 * Append the cases of a file. Unknown kernels, malformed arguments and a case that is there
 * already are SGEO_USAGE with FILE:LINE; an unreadable file is SGEO_IO. Cases read before the
 * error stay.
 */
enum sgeo_status sgeo_bench_shapes_read(struct sgeo_bench_shapes *shapes, const char *path);

/* Append the cases of every *.txt file of a folder, in the order of their names. */
enum sgeo_status sgeo_bench_shapes_read_folder(struct sgeo_bench_shapes *shapes,
                                               const char *folder);

void sgeo_bench_shapes_clear(struct sgeo_bench_shapes *shapes);

#endif
