/* Loads of the conversions between f32 and bf16 of n numbers. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

struct inputs {
    size_t n;
    float *wide;
    uint16_t *narrow;
};

static void destroy(void *data)
{
    struct inputs *inputs = data;
    if (!inputs)
        return;
    sgeo_free(inputs->wide);
    sgeo_free(inputs->narrow);
    sgeo_free(inputs);
}

static enum sgeo_status fill(struct inputs *inputs, const struct sgeo_bench_args *args,
                             uint64_t seed)
{
    struct sgeo_kernels ref;
    enum sgeo_status status = sgeo_bench_size(&inputs->n, args, "n");
    if (status != SGEO_OK)
        return status;
    status = sgeo_bench_floats(&inputs->wide, inputs->n, seed, 0);
    if (status != SGEO_OK)
        return status;
    inputs->narrow = sgeo_calloc(inputs->n, sizeof *inputs->narrow);
    if (!inputs->narrow)
        return sgeo_fail_memory("a bench case");
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_to_bf16(inputs->narrow, inputs->wide, inputs->n);
    return SGEO_OK;
}

static enum sgeo_status create(void **created, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *inputs = sgeo_calloc(1, sizeof *inputs);
    if (!inputs)
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status = fill(inputs, args, seed);
    if (status != SGEO_OK) {
        destroy(inputs);
        return status;
    }
    *work = sgeo_bench_stream_work(0.0, 1.5 * (double)inputs->n, SGEO_ROOF_TRIAD);
    *created = inputs;
    return SGEO_OK;
}

static void run_narrow(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->f32_to_bf16(inputs->narrow, inputs->wide, inputs->n);
}

static void run_widen(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->bf16_to_f32(inputs->wide, inputs->narrow, inputs->n);
}

const struct sgeo_load sgeo_load_f32_to_bf16 = {create, run_narrow, destroy};
const struct sgeo_load sgeo_load_bf16_to_f32 = {create, run_widen, destroy};
