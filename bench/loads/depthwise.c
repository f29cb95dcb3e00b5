/* Depthwise convolutions at work: layouts, images and windows of the networks that have them. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/layout.h"

/* src (N,C,H,W), dst (N,C,OH,OW) and wei (C,k,k); each kernel overwrites one of them. */
struct inputs {
    struct sgeo_layout in, out;
    struct sgeo_depthwise_window window;
    float *src, *dst, *wei;
    size_t src_elems, dst_elems, wei_elems;
};

/* Pixels that a filter spans. */
static size_t reach_of(const struct sgeo_depthwise_window *window)
{
    return (window->kernel - 1) * window->dilation + 1;
}

/* k, and stride and dilation where they are not 1, over images of side x side pixels. */
static enum sgeo_status read_window(struct sgeo_depthwise_window *window, size_t side,
                                    const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size(&window->kernel, args, "k");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->stride, args, "stride", 1);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->dilation, args, "dilation", 1);
    if (status != SGEO_OK)
        return status;
    window->pad = (window->kernel - 1) / 2 * window->dilation;
    bool fits = window->kernel >= 1 && window->kernel <= SGEO_DEPTHWISE_MAX_KERNEL &&
                window->stride >= 1 && window->stride <= SGEO_DEPTHWISE_MAX_STRIDE &&
                window->dilation >= 1 && window->dilation <= SGEO_DEPTHWISE_MAX_REACH &&
                reach_of(window) <= SGEO_DEPTHWISE_MAX_REACH &&
                side + 2 * window->pad >= reach_of(window);
    return fits ? SGEO_OK
                : sgeo_fail(SGEO_USAGE, "k is at most 7, stride 8, (k-1) dilation 31",
                            "%s: no depthwise convolution of k=%zu stride=%zu dilation=%zu over "
                            "hw=%zu",
                            sgeo_bench_args_place(args), window->kernel, window->stride,
                            window->dilation, side);
}

static enum sgeo_status read_shape(struct inputs *inputs, const struct sgeo_bench_args *args)
{
    struct sgeo_depthwise_window *window = &inputs->window;
    enum sgeo_status status = sgeo_bench_layout(&inputs->in, args);
    if (status == SGEO_OK)
        status = read_window(window, inputs->in.height, args);
    if (status != SGEO_OK)
        return status;
    size_t side = (inputs->in.height + 2 * window->pad - reach_of(window)) / window->stride + 1;
    inputs->out = sgeo_bench_layout_of_side(&inputs->in, side);
    return SGEO_OK;
}

static void destroy(void *data)
{
    struct inputs *inputs = data;
    if (!inputs)
        return;
    sgeo_free(inputs->src);
    sgeo_free(inputs->dst);
    sgeo_free(inputs->wei);
    sgeo_free(inputs);
}

static enum sgeo_status allocate(struct inputs *inputs, uint64_t seed)
{
    inputs->src_elems = sgeo_bench_layout_elems(&inputs->in);
    inputs->dst_elems = sgeo_bench_layout_elems(&inputs->out);
    inputs->wei_elems =
        inputs->window.kernel * inputs->window.kernel * sgeo_bench_layout_channels(&inputs->in);
    inputs->src = sgeo_calloc(inputs->src_elems, sizeof(float));
    inputs->dst = sgeo_calloc(inputs->dst_elems, sizeof(float));
    inputs->wei = sgeo_calloc(inputs->wei_elems, sizeof(float));
    if (!inputs->src || !inputs->dst || !inputs->wei)
        return sgeo_fail_memory("a depthwise convolution's inputs");
    sgeo_bench_fill(inputs->src, inputs->src_elems, seed, 0);
    sgeo_bench_fill(inputs->dst, inputs->dst_elems, seed, 1);
    sgeo_bench_fill(inputs->wei, inputs->wei_elems, seed, 2);
    return SGEO_OK;
}

/* Multiply-adds with padding count as well, as in the FLOPs of networks. */
static void fill_work(struct sgeo_work *work, const struct inputs *inputs)
{
    double taps = (double)(inputs->window.kernel * inputs->window.kernel);
    work->flops = 2.0 * taps * (double)inputs->dst_elems;
    work->bytes =
        (double)sizeof(float) * (double)(inputs->src_elems + inputs->dst_elems + inputs->wei_elems);
    work->line_bytes = work->bytes;
    work->roof = SGEO_ROOF_TRIAD;
}

static enum sgeo_status create(void **created, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *inputs = sgeo_calloc(1, sizeof *inputs);
    if (!inputs)
        return sgeo_fail_memory("a depthwise convolution's inputs");
    enum sgeo_status status = read_shape(inputs, args);
    if (status == SGEO_OK)
        status = allocate(inputs, seed);
    if (status != SGEO_OK) {
        destroy(inputs);
        return status;
    }
    fill_work(work, inputs);
    *created = inputs;
    return SGEO_OK;
}

/* Only read: two streams in, a few sums out. */
static enum sgeo_status create_reading(void **created, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create(created, work, args, seed);
    if (status == SGEO_OK)
        work->roof = SGEO_ROOF_READ;
    return status;
}

static void run_forward(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->f32_depthwise(inputs->dst, inputs->src, inputs->wei, &inputs->window, &inputs->in,
                           &inputs->out);
}

static void run_data_grad(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->f32_depthwise_data_grad(inputs->src, inputs->dst, inputs->wei, &inputs->window,
                                     &inputs->in, &inputs->out);
}

static void run_weight_grad(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    kernels->f32_depthwise_weight_grad(inputs->wei, inputs->src, inputs->dst, &inputs->window,
                                       &inputs->in, &inputs->out);
}

const struct sgeo_load sgeo_load_f32_depthwise = {create, run_forward, destroy};
const struct sgeo_load sgeo_load_f32_depthwise_data_grad = {create, run_data_grad, destroy};
const struct sgeo_load sgeo_load_f32_depthwise_weight_grad = {create_reading, run_weight_grad,
                                                              destroy};
