/* Loads of the 3x3 convolutions by F(4x4,3x3): n images of c channels, hw x hw, to k channels. */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/layout.h"

struct inputs {
    struct sgeo_layout in, out;
    size_t in_channels, out_channels, block;
    size_t src_elems, dst_elems, wei_elems, u_elems, room_elems;
    float *src, *dst, *wei, *u, *room;
};

/* Channels beyond this are no layer's, and their products would overflow. */
#define MAX_CHANNELS ((size_t)1 << 14)

/* The shape of a case: n, hw, c, and k (c), lanes (8) where given. */
static enum sgeo_status read_shape(struct inputs *inputs, const struct sgeo_bench_args *args)
{
    size_t n = 0, side = 0, lanes = 0, in = 0, out = 0;
    enum sgeo_status status = sgeo_bench_size(&n, args, "n");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&side, args, "hw");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&in, args, "c");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&out, args, "k", in);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&lanes, args, "lanes", 8);
    if (status == SGEO_OK && (lanes % 8 != 0 || in > MAX_CHANNELS || out > MAX_CHANNELS))
        status = sgeo_fail(SGEO_USAGE, "lanes is a multiple of 8",
                           "%s: no Winograd convolution of %zu to %zu channels in lanes of %zu",
                           sgeo_bench_args_place(args), in, out, lanes);
    if (status == SGEO_OK)
        status = sgeo_bench_layout_of(&inputs->in, n, in, lanes, side, args);
    if (status == SGEO_OK)
        status = sgeo_bench_layout_of(&inputs->out, n, out, lanes, side, args);
    if (status != SGEO_OK)
        return status;
    inputs->in_channels = in;
    inputs->out_channels = out;
    inputs->block = sgeo_winograd_block(in);
    return SGEO_OK;
}

static void count_elements(struct inputs *inputs)
{
    size_t in = inputs->in_channels, out = inputs->out_channels;
    inputs->src_elems = sgeo_bench_layout_elems(&inputs->in);
    inputs->dst_elems = sgeo_bench_layout_elems(&inputs->out);
    inputs->wei_elems = out * in * 9;
    inputs->u_elems = sgeo_winograd_weights_floats(out, in);
    inputs->room_elems = sgeo_winograd_grad_room_floats(out, in, inputs->block);
}

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    sgeo_free(own->src);
    sgeo_free(own->dst);
    sgeo_free(own->wei);
    sgeo_free(own->u);
    sgeo_free(own->room);
    sgeo_free(own);
}

/* *buffer = n floats of the stream; false without memory. */
static bool fill_buffer(float **buffer, size_t n, uint64_t seed, uint64_t stream)
{
    *buffer = sgeo_calloc(n, sizeof **buffer);
    if (*buffer)
        sgeo_bench_fill(*buffer, n, seed, stream);
    return *buffer != NULL;
}

static bool fill_buffers(struct inputs *own, uint64_t seed)
{
    return fill_buffer(&own->src, own->src_elems, seed, 0) &&
           fill_buffer(&own->dst, own->dst_elems, seed, 1) &&
           fill_buffer(&own->wei, own->wei_elems, seed, 2) &&
           fill_buffer(&own->u, own->u_elems, seed, 3) &&
           fill_buffer(&own->room, own->room_elems, seed, 4);
}

static enum sgeo_status create(struct inputs **inputs, const struct sgeo_bench_args *args,
                               uint64_t seed)
{
    struct inputs shape = {0};
    enum sgeo_status status = read_shape(&shape, args);
    if (status != SGEO_OK)
        return status;
    count_elements(&shape);
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    *own = shape;
    if (!fill_buffers(own, seed)) {
        destroy(own);
        return sgeo_fail_memory("the buffers of a bench case");
    }
    *inputs = own;
    return SGEO_OK;
}

/* Work of a kernel that reads and writes these buffers in full. */
static struct sgeo_work work_of(double flops, size_t elems)
{
    double bytes = (double)elems * (double)sizeof(float);
    return (struct sgeo_work){
        .flops = flops, .bytes = bytes, .line_bytes = bytes, .roof = SGEO_ROOF_FMA};
}

/* G w G': 9 lines of 6 multiply-adds for each filter. */
static enum sgeo_status create_weights(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own;
    enum sgeo_status status = create(&own, args, seed);
    if (status != SGEO_OK)
        return status;
    *work = work_of((double)(own->wei_elems / 9) * 9 * 12, own->wei_elems + own->u_elems);
    *inputs = own;
    return SGEO_OK;
}

/* The direct convolution's operations: rates above the machine's are what the algebra saves. */
static enum sgeo_status create_direct(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own;
    enum sgeo_status status = create(&own, args, seed);
    if (status != SGEO_OK)
        return status;
    double pixels = (double)(own->in.n * own->in.height * own->in.width);
    *work = work_of(2.0 * pixels * (double)own->wei_elems,
                    own->src_elems + own->dst_elems + own->wei_elems);
    *inputs = own;
    return SGEO_OK;
}

static void run_weights(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_winograd_weights(own->u, own->wei, own->out_channels, own->in_channels, false);
}

/* With the transform of the weights, as a step of training needs it. */
static void run_conv(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    run_weights(own, kernels);
    kernels->f32_winograd_conv(own->dst, own->src, own->u, own->room, own->block, &own->in,
                               &own->out);
}

static void run_weight_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_winograd_weight_grad(own->wei, own->src, own->dst, own->room, own->block, &own->in,
                                      &own->out);
}

const struct sgeo_load sgeo_load_f32_winograd_weights = {create_weights, run_weights, destroy};
const struct sgeo_load sgeo_load_f32_winograd_conv = {create_direct, run_conv, destroy};
const struct sgeo_load sgeo_load_f32_winograd_weight_grad = {create_direct, run_weight_grad,
                                                             destroy};
