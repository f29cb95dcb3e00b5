/* Loads of the running gradient moments of n coordinates, after some batches; theta=1: with the
 * parameters. */
#include <math.h>

#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

struct inputs {
    float *first, *mean, *norm, *size, *g, *theta; /* theta may be NULL */
    size_t n;
    struct sgeo_moments moments;
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    sgeo_free(own->first);
    sgeo_free(own->mean);
    sgeo_free(own->norm);
    sgeo_free(own->size);
    sgeo_free(own->g);
    sgeo_free(own->theta);
    sgeo_free(own);
}

static enum sgeo_status fill(struct inputs *own, bool with_theta, uint64_t seed)
{
    float **const buffers[] = {&own->first, &own->mean, &own->norm,
                               &own->size,  &own->g,    &own->theta};
    size_t n_buffers = sizeof buffers / sizeof *buffers - (with_theta ? 0 : 1);
    enum sgeo_status status = SGEO_OK;
    for (size_t v = 0; v < n_buffers && status == SGEO_OK; v++)
        status = sgeo_bench_floats(buffers[v], own->n, seed, v);
    for (size_t i = 0; i < own->n && status == SGEO_OK; i++) {
        own->norm[i] = fabsf(own->norm[i]);
        own->size[i] = fabsf(own->size[i]);
    }
    return status;
}

static enum sgeo_status create(struct inputs **inputs, size_t theta,
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
    status = fill(own, theta == 1, seed);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    *inputs = own;
    return SGEO_OK;
}

static struct sgeo_moment_stream stream_of(const struct inputs *own)
{
    return (struct sgeo_moment_stream){own->first, own->mean, own->norm, own->size, 0.0, 4};
}

/* Two differences, the mean, the norm and its two powers, the size; five read, three written. */
static enum sgeo_status create_add(void **inputs, struct sgeo_work *work,
                                   const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t theta;
    struct inputs *own = NULL;
    enum sgeo_status status = sgeo_bench_size_or(&theta, args, "theta", 0);
    if (status == SGEO_OK && theta > 1)
        status = sgeo_fail(SGEO_USAGE, NULL, "%s: theta is 0 or 1", sgeo_bench_args_place(args));
    if (status == SGEO_OK)
        status = create(&own, theta, args, seed);
    if (status != SGEO_OK)
        return status;
    double n = (double)own->n, with = (double)theta;
    *work = sgeo_bench_stream_work((13.0 + 2.0 * with) * n, (8.0 + with) * n, SGEO_ROOF_TRIAD);
    *inputs = own;
    return SGEO_OK;
}

/* Every call is the fifth batch: the stream's own count stays. */
static void run_add(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_moment_stream stream = stream_of(own);
    kernels->f32_moments_add(&stream, own->g, own->theta, own->n);
}

static enum sgeo_status create_finish(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, 0, args, seed);
    if (status != SGEO_OK)
        return status;
    *work = sgeo_bench_stream_work(2.0 * (double)own->n, 2.0 * (double)own->n, SGEO_ROOF_READ);
    *inputs = own;
    return SGEO_OK;
}

static void run_finish(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_moment_stream stream = stream_of(own);
    kernels->f32_moments_finish(&own->moments, &stream, own->n);
}

const struct sgeo_load sgeo_load_f32_moments_add = {create_add, run_add, destroy};
const struct sgeo_load sgeo_load_f32_moments_finish = {create_finish, run_finish, destroy};
