/*
 * Step benches, one thread: what a search or a training is made of, forward, backward and what is
 * done with the gradients.
 *
 *   step_zico   cell=WORD                    ZiCo of a cell of NAS-Bench-201, 4 mini-batches of 64
 *   step_train  model=MODEL rows=R batch=N   four training steps of a click-through model: forward,
 *               [path=PATH] [steps=K] [hot=] backward, clipping, Adagrad; and what a training pays
 *                                            besides: once a call, opening network, gradient and
 *                                            row buffer, and a copy of each mini-batch into that
 *   step_sigeo  model=MODEL tables=WORD      SiGeo of a click-through model over all parameters,
 *               rows=R batch=N [path=PATH]   4 mini-batches; with tables=frozen the network's alone
 *               [hot=]
 *
 * MODEL: dlrm, dcnv2, nasrec (a stand-alone network) or, step_train alone, supernet
 * (NASRec-Small's). PATH of the last two: the name of a published architecture; of the supernet
 * also full, all of it. R: rows of each of 26 tables. A row of the data looks up one in each, with
 * hot=mlperf sums of as many as in MLPerf's multi-hot data set, 214 in all. Numbers and data are
 * the golden vectors' formulas, which other programs can follow; cells are filled at random.
 */
#ifndef SGEO_BENCH_STEPS_H
#define SGEO_BENCH_STEPS_H

#include "bench/report.h"
#include "bench/step.h"

struct sgeo_bench_steps;

/* One of them; `OP/ISA/hot/NAME:VALUE/...`. */
struct sgeo_bench_step {
    struct sgeo_bench_steps *steps;
    const struct sgeo_step_load *load;
    struct sgeo_bench_args *args;
    char *name;
    struct sgeo_step_work work; /* once prepared */
    struct sgeo_bench_row row;
};

/*
 * List the steps: those that come with the program, or the one of a line (NULL: none) alone; inputs
 * are made when one runs. Kernels are those selected for the process. roofs (NULL: none) must
 * outlive them. SGEO_USAGE for a line that is none.
 */
enum sgeo_status sgeo_bench_steps_create(struct sgeo_bench_steps **steps,
                                         const struct sgeo_roofs *roofs, const char *line);
void sgeo_bench_steps_destroy(struct sgeo_bench_steps *steps);

size_t sgeo_bench_steps_count(const struct sgeo_bench_steps *steps);
struct sgeo_bench_step *sgeo_bench_steps_at(struct sgeo_bench_steps *steps, size_t index);

/*
 * Make a step's inputs, in the place of the last one's, and call it once, so that primitives exist;
 * fill row.work, row.limit, row.value and row.terms. Nothing when they are there. On an error
 * row.failure says why.
 */
enum sgeo_status sgeo_bench_step_prepare(struct sgeo_bench_step *step);

/* Call the prepared step `calls` times; an error stays in row.failure. */
void sgeo_bench_step_run(struct sgeo_bench_step *step, size_t calls);

#endif
