/*
 * A kernel at work: the inputs of one bench case, what a call of it does, and the call itself.
 * Each row of kernels.inc has one load, in bench/loads/<family>.c; the shapes that it is timed on
 * are lines of bench/shapes/<family>.txt.
 */
#ifndef SGEO_BENCH_LOAD_H
#define SGEO_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "kernels/dispatch/dispatch.h"

/* The measured limit that a call is compared with. */
enum sgeo_roof {
    SGEO_ROOF_READ,   /* sequential read of memory */
    SGEO_ROOF_TRIAD,  /* two streams read, one written */
    SGEO_ROOF_UPDATE, /* two streams read, the first written back */
    SGEO_ROOF_GATHER, /* random rows read */
    SGEO_ROOF_FMA     /* multiply-adds of the widest registers of the selected bundle */
};

/* One case: a line `op name=value name=value ...` of a shape file. Borrowed; loads only look up. */
struct sgeo_bench_args;

/* The whole number called `name`; SGEO_USAGE when the line lacks it or it is none. */
enum sgeo_status sgeo_bench_size(size_t *value, const struct sgeo_bench_args *args,
                                 const char *name);

/* The same, `otherwise` when the line lacks it. */
enum sgeo_status sgeo_bench_size_or(size_t *value, const struct sgeo_bench_args *args,
                                    const char *name, size_t otherwise);

/*
 * n indices below `rows`, drawn as the line's `idx` says: `uniform` (the default) or `zipf:S` (rank
 * r with probability proportional to r^-S; ranks are scattered over the rows). SGEO_USAGE for
 * another word.
 */
enum sgeo_status sgeo_bench_indices(int64_t *indices, size_t n, size_t rows,
                                    const struct sgeo_bench_args *args, uint64_t seed);

/* n floats, uniform in -1..1, from the stream (seed, "load", stream). */
void sgeo_bench_fill(float *values, size_t n, uint64_t seed, uint64_t stream);

/* What one call does, whatever its bundle. */
struct sgeo_work {
    double flops;      /* floating-point operations that the result needs */
    double bytes;      /* bytes read and written that the result needs, each once */
    double line_bytes; /* the same in whole cache lines of 64 bytes; equal for streams */
    enum sgeo_roof roof;
};

/*
 * create: allocate and fill the inputs of a case (owned by the caller until destroy) and say what a
 * call does; on an error nothing stays allocated. A cold bench creates several and takes turns.
 * run: one call of the kernel in `kernels`; repeatable, results may pile up but stay finite.
 */
struct sgeo_load {
    enum sgeo_status (*create)(void **inputs, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed);
    void (*run)(void *inputs, const struct sgeo_kernels *kernels);
    void (*destroy)(void *inputs); /* NULL is fine */
};

/* sgeo_load_<op>: the load of each kernel. */
#define SGEO_KERNEL(op, ...) extern const struct sgeo_load sgeo_load_##op;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

#endif
