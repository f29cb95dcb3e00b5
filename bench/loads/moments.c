/* Load of the gradient moments: k gradients of n coordinates; theta=1: with the parameters. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

struct inputs {
    float *g[SGEO_MOMENTS_MAX_BATCHES], *theta; /* theta may be NULL */
    size_t k, n;
    struct sgeo_moments moments;
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    for (size_t b = 0; b < SGEO_MOMENTS_MAX_BATCHES; b++)
        sgeo_free(own->g[b]);
    sgeo_free(own->theta);
    sgeo_free(own);
}

static enum sgeo_status read_shape(size_t *k, size_t *n, size_t *theta,
                                   const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size(k, args, "k");
    if (status == SGEO_OK)
        status = sgeo_bench_size(n, args, "n");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(theta, args, "theta", 0);
    if (status == SGEO_OK && (*k == 0 || *k > SGEO_MOMENTS_MAX_BATCHES || *theta > 1))
        return sgeo_fail(SGEO_USAGE, NULL, "%s: k is in 1..%zu, theta 0 or 1",
                         sgeo_bench_args_place(args), SGEO_MOMENTS_MAX_BATCHES);
    return status;
}

static enum sgeo_status fill(struct inputs *own, bool with_theta, uint64_t seed)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; b < own->k && status == SGEO_OK; b++)
        status = sgeo_bench_floats(&own->g[b], own->n, seed, b);
    return status == SGEO_OK && with_theta
               ? sgeo_bench_floats(&own->theta, own->n, seed, SGEO_MOMENTS_MAX_BATCHES)
               : status;
}

static enum sgeo_status create(void **inputs, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t k, n, theta;
    enum sgeo_status status = read_shape(&k, &n, &theta, args);
    if (status != SGEO_OK)
        return status;
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    own->k = k;
    own->n = n;
    status = fill(own, theta == 1, seed);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    /* a value: mean, absolute mean, deviation and its square; a coordinate: root and ratio */
    double flops = 7.0 * (double)k + 2.0 + (theta == 1 ? 2.0 : 0.0);
    *work =
        sgeo_bench_stream_work(flops * (double)n, (double)(k + theta) * (double)n, SGEO_ROOF_READ);
    *inputs = own;
    return SGEO_OK;
}

static void run(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    for (size_t b = 0; b < own->k; b++)
        g[b] = own->g[b];
    kernels->f32_grad_moments(&own->moments, g, own->k, own->theta, own->n);
}

const struct sgeo_load sgeo_load_f32_grad_moments = {create, run, destroy};
