/*
 * A whole step at work, for a bench: its inputs, what a call of it does, and the call itself; what
 * load.h is for kernels. Each is named by a line `op name=value ...` like those of shape files.
 */
#ifndef SGEO_BENCH_STEP_H
#define SGEO_BENCH_STEP_H

#include "bench/args.h"

/* What a call of a step does. */
struct sgeo_step_work {
    struct sgeo_work work;
    const char *rate; /* what is counted beside the times: `amount` of it a second */
    double amount;
};

/*
 * create: make the inputs of a step (owned by the caller until destroy) and say what a call does;
 * on an error nothing stays allocated. run: one call; *value is what it computed, a loss or a
 * score, which from the first call after create depends on the arguments alone. terms: of the last
 * call, what its value hides (NULL: nothing), as `name=number` words in text, cut off at `size`.
 */
struct sgeo_step_load {
    const char *op;
    enum sgeo_status (*create)(void **step, struct sgeo_step_work *work,
                               const struct sgeo_bench_args *args);
    enum sgeo_status (*run)(void *step, double *value);
    enum sgeo_status (*terms)(const void *step, char *text, size_t size);
    void (*destroy)(void *step); /* NULL is fine */
};

extern const struct sgeo_step_load sgeo_step_zico, sgeo_step_train, sgeo_step_sigeo;

#endif
