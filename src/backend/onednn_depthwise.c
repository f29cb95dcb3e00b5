/*
 * Depthwise convolutions by the project's kernels: src (n,C,H,W), wei (C,1,k,k), dst (n,C,H',W').
 */
#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

bool sgeo_onednn_depthwise_fits(const struct sgeo_conv_geometry *g)
{
    size_t reach = (g->kernel - 1) * g->dilation + 1;
    return g->groups > 1 && g->in_channels == g->groups && g->out_channels == g->groups &&
           g->kernel <= SGEO_DEPTHWISE_MAX_KERNEL && reach <= SGEO_DEPTHWISE_MAX_REACH &&
           g->stride <= SGEO_DEPTHWISE_MAX_STRIDE && g->pad < reach;
}

/* Pixels of the result along an axis of `size` pixels. */
static size_t out_size(const struct sgeo_conv_geometry *g, size_t size)
{
    return (size + 2 * g->pad - (g->kernel - 1) * g->dilation - 1) / g->stride + 1;
}

/* Blocks of the executor's lanes, or one group of all channels. */
static struct sgeo_layout layout_of(const struct sgeo_conv_geometry *g, size_t height, size_t width,
                                    bool channels_last)
{
    size_t lanes = channels_last ? g->groups : sgeo_onednn_lanes();
    size_t groups = (g->groups + lanes - 1) / lanes, group = height * width * lanes;
    return (struct sgeo_layout){.n = g->n,
                                .groups = groups,
                                .lanes = lanes,
                                .height = height,
                                .width = width,
                                .image = groups * group,
                                .group = group,
                                .pitch = lanes};
}

struct sgeo_onednn_depthwise sgeo_onednn_depthwise_of(const struct sgeo_conv_geometry *g,
                                                      bool channels_last)
{
    return (struct sgeo_onednn_depthwise){
        .in = layout_of(g, g->height, g->width, channels_last),
        .out = layout_of(g, out_size(g, g->height), out_size(g, g->width), channels_last),
        .window = {g->kernel, g->stride, g->pad, g->dilation}};
}

void sgeo_onednn_depthwise_run(const struct sgeo_onednn_depthwise *depthwise,
                               enum sgeo_onednn_direction direction,
                               float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    const struct sgeo_kernels *kernels = sgeo_kernels_get();
    const struct sgeo_depthwise_window *window = &depthwise->window;
    float *src = tensors[SGEO_ONEDNN_SRC], *wei = tensors[SGEO_ONEDNN_WEI];
    float *dst = tensors[SGEO_ONEDNN_DST];
    switch (direction) {
    case SGEO_ONEDNN_FORWARD:
        kernels->f32_depthwise(dst, src, wei, window, &depthwise->in, &depthwise->out);
        break;
    case SGEO_ONEDNN_BACKWARD_DATA:
        kernels->f32_depthwise_data_grad(src, dst, wei, window, &depthwise->in, &depthwise->out);
        break;
    case SGEO_ONEDNN_BACKWARD_WEIGHTS:
        kernels->f32_depthwise_weight_grad(wei, src, dst, window, &depthwise->in, &depthwise->out);
        break;
    case SGEO_ONEDNN_N_DIRECTIONS:
        break;
    }
}

const char *sgeo_onednn_depthwise_name(void)
{
    static const char *const names[SGEO_ISA_COUNT] = {[SGEO_ISA_REF] = "sgeo:ref",
                                                      [SGEO_ISA_SCALAR] = "sgeo:scalar",
                                                      [SGEO_ISA_AVX2] = "sgeo:avx2",
                                                      [SGEO_ISA_AVX512] = "sgeo:avx512",
                                                      [SGEO_ISA_AVX512BF16] = "sgeo:avx512bf16",
                                                      [SGEO_ISA_NEON] = "sgeo:neon"};
    return names[sgeo_kernels_isa()];
}
