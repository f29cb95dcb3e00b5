/* Loads of the optimiser steps over n dense parameters. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

/* state: the velocity or the accumulator; NULL for plain SGD. */
struct inputs {
    float *theta, *state, *grad;
    size_t n;
    struct sgeo_sgd sgd;
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    sgeo_free(own->theta);
    sgeo_free(own->state);
    sgeo_free(own->grad);
    sgeo_free(own);
}

static enum sgeo_status fill(struct inputs *own, bool with_state, uint64_t seed)
{
    enum sgeo_status status = sgeo_bench_floats(&own->theta, own->n, seed, 0);
    if (status == SGEO_OK)
        status = sgeo_bench_floats(&own->grad, own->n, seed, 1);
    if (status != SGEO_OK || !with_state)
        return status;
    own->state = sgeo_calloc(own->n, sizeof *own->state); /* both optimisers start at zero */
    return own->state ? SGEO_OK : sgeo_fail_memory("the buffers of a bench case");
}

static enum sgeo_status create(struct inputs **inputs, bool with_state,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t n;
    enum sgeo_status status = sgeo_bench_size(&n, args, "n");
    if (status != SGEO_OK)
        return status;
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    own->n = n;
    status = fill(own, with_state, seed);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    *inputs = own;
    return SGEO_OK;
}

/* momentum=1: with velocity, decay and Nesterov's step; 0, the default: theta -= lr * grad. */
static enum sgeo_status create_sgd(void **inputs, struct sgeo_work *work,
                                   const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t momentum;
    struct inputs *own = NULL;
    enum sgeo_status status = sgeo_bench_size_or(&momentum, args, "momentum", 0);
    if (status == SGEO_OK && momentum > 1)
        status = sgeo_fail(SGEO_USAGE, NULL, "%s: momentum is 0 or 1", sgeo_bench_args_place(args));
    if (status == SGEO_OK)
        status = create(&own, momentum == 1, args, seed);
    if (status != SGEO_OK)
        return status;
    own->sgd = momentum == 1 ? (struct sgeo_sgd){1e-3f, 0.9f, 5e-4f, 1}
                             : (struct sgeo_sgd){1e-3f, 0.0f, 0.0f, 0};
    *work = sgeo_bench_stream_work((momentum == 1 ? 8.0 : 2.0) * (double)own->n,
                                   (momentum == 1 ? 5.0 : 3.0) * (double)own->n, SGEO_ROOF_UPDATE);
    *inputs = own;
    return SGEO_OK;
}

static void run_sgd(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_sgd_step(own->theta, own->state, own->grad, &own->sgd, own->n);
}

static enum sgeo_status create_adagrad(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, true, args, seed);
    if (status != SGEO_OK)
        return status;
    *work = sgeo_bench_stream_work(7.0 * (double)own->n, 5.0 * (double)own->n, SGEO_ROOF_UPDATE);
    *inputs = own;
    return SGEO_OK;
}

static void run_adagrad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_adagrad_step(own->theta, own->state, own->grad, 1e-2f, 1e-2f, own->n);
}

const struct sgeo_load sgeo_load_f32_sgd_step = {create_sgd, run_sgd, destroy};
const struct sgeo_load sgeo_load_f32_adagrad_step = {create_adagrad, run_adagrad, destroy};
