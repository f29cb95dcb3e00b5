/*
 * Roofs: the limits of this machine, measured in the process that times the kernels (roof_meter.h):
 * multiply-adds of every tier; reading, copying, the STREAM triad and its form in place out of
 * every level of the memory, and sums of random rows.
 */
#ifndef SGEO_BENCH_ROOFS_H
#define SGEO_BENCH_ROOFS_H

#include "base/text.h"
#include "bench/load.h"

enum sgeo_level { SGEO_LEVEL_L1, SGEO_LEVEL_L2, SGEO_LEVEL_L3, SGEO_LEVEL_DRAM, SGEO_LEVELS };

#define SGEO_ROOF_ROWS ((size_t)4) /* rows of 64, 128, 256 and 512 bytes */

struct sgeo_roofs {
    enum sgeo_isa isa;          /* whose loops measured the memory: the best */
    double fma[SGEO_ISA_COUNT]; /* GFLOP/s of a bundle; 0: not here, also for ref */
    double bf16;                /* GFLOP/s of vdpbf16ps; 0: the CPU has none */
    double read[SGEO_LEVELS], copy[SGEO_LEVELS]; /* GB/s, bytes read and bytes written */
    double triad[SGEO_LEVELS], update[SGEO_LEVELS];
    double gather[SGEO_ROOF_ROWS][SGEO_LEVELS]; /* GB/s of whole rows */
    size_t cache_bytes[SGEO_LEVEL_DRAM];        /* of the levels that are caches */
    size_t measured_bytes[SGEO_LEVELS];         /* that the loops of a level went over */
};

const char *sgeo_level_name(enum sgeo_level level); /* "L1", "L2", "L3", "DRAM" */

/* Bytes of the rows of gather[index]. */
size_t sgeo_roof_row_bytes(size_t index);

/* The measured row for rows of so many bytes: the nearest that is not smaller, or the largest. */
size_t sgeo_roof_row_of(size_t row_bytes);

/* The level that holds a working set of so many bytes. */
enum sgeo_level sgeo_roofs_level(const struct sgeo_roofs *roofs, size_t bytes);

/* One limit, as it is compared with. */
struct sgeo_limit {
    char name[32]; /* "fma:avx2", "triad:L2", "gather64:DRAM"; "" when there is none */
    double value;  /* GFLOP/s or GB/s */
    bool is_flops;
};

/*
 * The limit of a kernel of bundle `isa`, its working set at `level`; row_bytes counts for
 * SGEO_ROOF_GATHER.
 */
struct sgeo_limit sgeo_roofs_limit(const struct sgeo_roofs *roofs, enum sgeo_roof roof,
                                   enum sgeo_isa isa, enum sgeo_level level, size_t row_bytes);

/* All limits, one after the other; false behind the last. */
bool sgeo_roofs_at(struct sgeo_limit *limit, const struct sgeo_roofs *roofs, size_t index);

/* A table for people. */
void sgeo_roofs_print(struct sgeo_text *text, const struct sgeo_roofs *roofs);

#endif
