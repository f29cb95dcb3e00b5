/* Depthwise convolutions at work: layouts, images and windows of the networks that have them. */
#include "base/memory.h"
#include "bench/load.h"

/* src (N,C,H,W), dst (N,C,OH,OW) and wei (C,k,k); each kernel overwrites one of them. */
struct inputs {
    struct sgeo_layout in, out;
    struct sgeo_depthwise_window window;
    float *src, *dst, *wei;
    size_t src_elems, dst_elems, wei_elems;
};

/* lanes=L: blocks of L channels (C is a multiple); without it channels-last. */
static struct sgeo_layout layout_of(size_t n, size_t channels, size_t lanes, size_t size)
{
    bool blocked = lanes < channels;
    return (struct sgeo_layout){.n = n,
                                .groups = channels / lanes,
                                .lanes = lanes,
                                .height = size,
                                .width = size,
                                .image = channels * size * size,
                                .group = blocked ? size * size * lanes : lanes,
                                .pitch = lanes};
}

static enum sgeo_status read_window(struct sgeo_depthwise_window *window,
                                    const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size(&window->kernel, args, "k");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->stride, args, "stride", 1);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&window->dilation, args, "dilation", 1);
    if (status == SGEO_OK)
        window->pad = (window->kernel - 1) / 2 * window->dilation;
    return status;
}

static enum sgeo_status check(const struct sgeo_depthwise_window *w, size_t n, size_t channels,
                              size_t lanes, size_t size)
{
    bool known = w->kernel >= 1 && w->kernel <= SGEO_DEPTHWISE_MAX_KERNEL && w->stride >= 1 &&
                 w->stride <= SGEO_DEPTHWISE_MAX_STRIDE && w->dilation >= 1 &&
                 (w->kernel - 1) * w->dilation < SGEO_DEPTHWISE_MAX_REACH;
    if (known && n > 0 && size >= w->kernel && lanes > 0 && channels > 0 && channels % lanes == 0)
        return SGEO_OK;
    return sgeo_fail(SGEO_USAGE, "n, c, hw, k are positive, lanes divides c, k <= hw",
                     "no depthwise convolution of %zu x %zu x %zu x %zu in lanes of %zu by k %zu",
                     n, channels, size, size, lanes, w->kernel);
}

/* The shape of a case: n, c, hw, k and lanes, stride, dilation where they are not C, 1, 1. */
static enum sgeo_status read_shape(struct inputs *inputs, const struct sgeo_bench_args *args)
{
    size_t n, channels, size, lanes;
    struct sgeo_depthwise_window *window = &inputs->window;
    enum sgeo_status status = sgeo_bench_size(&n, args, "n");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&channels, args, "c");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&size, args, "hw");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&lanes, args, "lanes", channels);
    if (status == SGEO_OK)
        status = read_window(window, args);
    if (status == SGEO_OK)
        status = check(window, n, channels, lanes, size);
    if (status != SGEO_OK)
        return status;
    size_t reach = (window->kernel - 1) * window->dilation + 1;
    size_t out_size = (size + 2 * window->pad - reach) / window->stride + 1;
    inputs->in = layout_of(n, channels, lanes, size);
    inputs->out = layout_of(n, channels, lanes, out_size);
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
    inputs->src_elems = inputs->in.n * inputs->in.image;
    inputs->dst_elems = inputs->out.n * inputs->out.image;
    inputs->wei_elems =
        inputs->window.kernel * inputs->window.kernel * inputs->in.groups * inputs->in.lanes;
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
