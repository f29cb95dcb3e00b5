/*
 * Step benches: the whole pass that zico needs, forward, backward and moments over k = 4 batches of
 * 64, for representative cells of NAS-Bench-201 on CIFAR-10 shapes (C = 16, N = 5), one thread.
 */
#ifndef SGEO_BENCH_STEPS_H
#define SGEO_BENCH_STEPS_H

#include "bench/report.h"

struct sgeo_bench_steps;

/* One cell; `step_zico/ISA/hot/cell:WORD`. */
struct sgeo_bench_step {
    struct sgeo_bench_steps *steps;
    const char *cell; /* its text */
    char name[64], shape[32];
    struct sgeo_bench_row row;
};

/* List the steps; the network is made when one runs. Kernels are those selected for the process. */
enum sgeo_status sgeo_bench_steps_create(struct sgeo_bench_steps **steps,
                                         const struct sgeo_roofs *roofs);
void sgeo_bench_steps_destroy(struct sgeo_bench_steps *steps);

size_t sgeo_bench_steps_count(const struct sgeo_bench_steps *steps);
struct sgeo_bench_step *sgeo_bench_steps_at(struct sgeo_bench_steps *steps, size_t index);

/*
 * Build the cell's network and measure it once, so that primitives exist; fill row.work and
 * row.limit. On an error row.failure says why.
 */
enum sgeo_status sgeo_bench_step_prepare(struct sgeo_bench_step *step);

/* Measure the prepared cell `calls` times; an error stays in row.failure. */
void sgeo_bench_step_run(struct sgeo_bench_step *step, size_t calls);

#endif
