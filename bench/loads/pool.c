/* Loads of the pools: activations of n images, c channels, hw x hw; window k, stride, pad. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"
#include "bench/layout.h"

/* src and dst are the gradients of the same names in a backward pass. */
struct inputs {
    struct sgeo_layout in, out;
    struct sgeo_pool_window window;
    size_t in_elems, out_elems;
    float *src, *dst;
    uint8_t *where;
    uint16_t *bf16_src, *bf16_dst; /* instead of the floats */
};

static enum sgeo_status read_window(struct sgeo_pool_window *window, size_t side,
                                    const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size(&window->kernel, args, "k");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->stride, args, "stride", 1);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->pad, args, "pad", (window->kernel - 1) / 2);
    if (status != SGEO_OK)
        return status;
    bool fits = window->kernel >= 1 && window->kernel <= SGEO_POOL_MAX_KERNEL &&
                window->stride >= 1 && window->pad < window->kernel && side >= window->kernel;
    return fits ? SGEO_OK
                : sgeo_fail(SGEO_USAGE, "pad < k <= hw, k <= 16, stride >= 1",
                            "%s: no pool of k=%zu stride=%zu pad=%zu over hw=%zu",
                            sgeo_bench_args_place(args), window->kernel, window->stride,
                            window->pad, side);
}

static enum sgeo_status read_shape(struct inputs *inputs, const struct sgeo_bench_args *args)
{
    struct sgeo_pool_window *window = &inputs->window;
    enum sgeo_status status = sgeo_bench_layout(&inputs->in, args);
    if (status == SGEO_OK)
        status = read_window(window, inputs->in.height, args);
    if (status != SGEO_OK)
        return status;
    size_t side = (inputs->in.height + 2 * window->pad - window->kernel) / window->stride + 1;
    inputs->out = sgeo_bench_layout_of_side(&inputs->in, side);
    inputs->in_elems = sgeo_bench_layout_elems(&inputs->in);
    inputs->out_elems = sgeo_bench_layout_elems(&inputs->out);
    return SGEO_OK;
}

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    sgeo_free(own->src);
    sgeo_free(own->dst);
    sgeo_free(own->where);
    sgeo_free(own->bf16_src);
    sgeo_free(own->bf16_dst);
    sgeo_free(own);
}

/* The winners of the forward pass over the source, by the reference. */
static enum sgeo_status fill_winners(struct inputs *own)
{
    struct sgeo_kernels ref;
    own->where = sgeo_calloc(own->out_elems, sizeof *own->where);
    if (!own->where)
        return sgeo_fail_memory("the buffers of a bench case");
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    if (own->src)
        ref.f32_maxpool(own->dst, own->where, own->src, &own->window, &own->in, &own->out);
    else
        ref.bf16_maxpool(own->bf16_dst, own->where, own->bf16_src, &own->window, &own->in,
                         &own->out);
    return SGEO_OK;
}

static enum sgeo_status fill_f32(struct inputs *own, uint64_t seed)
{
    enum sgeo_status status = sgeo_bench_floats(&own->src, own->in_elems, seed, 0);
    if (status == SGEO_OK)
        status = sgeo_bench_floats(&own->dst, own->out_elems, seed, 1);
    return status == SGEO_OK ? fill_winners(own) : status;
}

static enum sgeo_status fill_bf16(struct inputs *own, uint64_t seed)
{
    enum sgeo_status status = sgeo_bench_halves(&own->bf16_src, own->in_elems, seed, 0);
    if (status == SGEO_OK)
        status = sgeo_bench_halves(&own->bf16_dst, own->out_elems, seed, 1);
    return status == SGEO_OK ? fill_winners(own) : status;
}

static enum sgeo_status create(struct inputs **inputs, const struct sgeo_bench_args *args,
                               uint64_t seed,
                               enum sgeo_status (*fill)(struct inputs *own, uint64_t seed))
{
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status = read_shape(own, args);
    if (status == SGEO_OK)
        status = fill(own, seed);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    *inputs = own;
    return SGEO_OK;
}

/* A window an output: additions and the division, or comparisons. */
static struct sgeo_work work_of(const struct inputs *own, double flops_a_window)
{
    return sgeo_bench_stream_work(flops_a_window * (double)own->out_elems,
                                  (double)(own->in_elems + own->out_elems), SGEO_ROOF_TRIAD);
}

static double taps(const struct inputs *own)
{
    return (double)(own->window.kernel * own->window.kernel);
}

static enum sgeo_status create_avgpool(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, args, seed, fill_f32);
    if (status != SGEO_OK)
        return status;
    *work = work_of(own, taps(own) + 1.0);
    *inputs = own;
    return SGEO_OK;
}

static enum sgeo_status create_bf16_avgpool(void **inputs, struct sgeo_work *work,
                                            const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, args, seed, fill_bf16);
    if (status != SGEO_OK)
        return status;
    *work = work_of(own, taps(own) + 1.0);
    work->bytes /= 2.0;
    work->line_bytes = work->bytes;
    *inputs = own;
    return SGEO_OK;
}

static enum sgeo_status create_maxpool(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, args, seed, fill_f32);
    if (status != SGEO_OK)
        return status;
    *work = work_of(own, taps(own));
    work->bytes += (double)own->out_elems; /* the winners, a byte each */
    work->line_bytes = work->bytes;
    *inputs = own;
    return SGEO_OK;
}

static enum sgeo_status create_bf16_maxpool(void **inputs, struct sgeo_work *work,
                                            const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, args, seed, fill_bf16);
    if (status != SGEO_OK)
        return status;
    *work = work_of(own, taps(own));
    work->bytes = work->bytes / 2.0 + (double)own->out_elems;
    work->line_bytes = work->bytes;
    *inputs = own;
    return SGEO_OK;
}

static void run_avgpool(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_avgpool(own->dst, own->src, &own->window, &own->in, &own->out);
}

static void run_avgpool_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_avgpool_grad(own->src, own->dst, &own->window, &own->in, &own->out);
}

static void run_bf16_avgpool(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_avgpool(own->bf16_dst, own->bf16_src, &own->window, &own->in, &own->out);
}

static void run_bf16_avgpool_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_avgpool_grad(own->bf16_src, own->bf16_dst, &own->window, &own->in, &own->out);
}

static void run_maxpool(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_maxpool(own->dst, own->where, own->src, &own->window, &own->in, &own->out);
}

static void run_maxpool_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_maxpool_grad(own->src, own->dst, own->where, &own->window, &own->in, &own->out);
}

static void run_bf16_maxpool(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_maxpool(own->bf16_dst, own->where, own->bf16_src, &own->window, &own->in,
                          &own->out);
}

static void run_bf16_maxpool_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_maxpool_grad(own->bf16_src, own->bf16_dst, own->where, &own->window, &own->in,
                               &own->out);
}

const struct sgeo_load sgeo_load_f32_avgpool = {create_avgpool, run_avgpool, destroy};
const struct sgeo_load sgeo_load_f32_avgpool_grad = {create_avgpool, run_avgpool_grad, destroy};
const struct sgeo_load sgeo_load_f32_maxpool = {create_maxpool, run_maxpool, destroy};
const struct sgeo_load sgeo_load_f32_maxpool_grad = {create_maxpool, run_maxpool_grad, destroy};
const struct sgeo_load sgeo_load_bf16_avgpool = {create_bf16_avgpool, run_bf16_avgpool, destroy};
const struct sgeo_load sgeo_load_bf16_avgpool_grad = {create_bf16_avgpool, run_bf16_avgpool_grad,
                                                      destroy};
const struct sgeo_load sgeo_load_bf16_maxpool = {create_bf16_maxpool, run_bf16_maxpool, destroy};
const struct sgeo_load sgeo_load_bf16_maxpool_grad = {create_bf16_maxpool, run_bf16_maxpool_grad,
                                                      destroy};
