/*
 * Dense 3x3 convolutions by the project's Winograd kernels: src (n,C,H,W), wei (K,C,3,3) row-major,
 * dst (n,K,H,W). A quarter of the products of the direct way, at the price of its rounding errors
 * (kernels/contract/winograd.h): only when asked for.
 */
#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

/* Both sides fill whole lanes of every layout, so that no padding channel enters the sums. */
#define CHANNEL_MULTIPLE ((size_t)16)

bool sgeo_onednn_winograd_fits(const struct sgeo_conv_geometry *g)
{
    return g->kernel == 3 && g->stride == 1 && g->pad == 1 && g->dilation == 1 && g->groups == 1 &&
           !g->image_source && g->in_channels % CHANNEL_MULTIPLE == 0 &&
           g->out_channels % CHANNEL_MULTIPLE == 0;
}

struct sgeo_onednn_winograd sgeo_onednn_winograd_of(const struct sgeo_conv_geometry *g,
                                                    bool channels_last)
{
    return (struct sgeo_onednn_winograd){
        .in_channels = g->in_channels,
        .out_channels = g->out_channels,
        .in = sgeo_onednn_layout(channels_last, g->n, g->in_channels, g->height, g->width),
        .out = sgeo_onednn_layout(channels_last, g->n, g->out_channels, g->height, g->width)};
}

/* Floats of a pass that goes from `from` to `to` channels: transformed weights, then tiles. */
static size_t pass_floats(size_t from, size_t to)
{
    return sgeo_winograd_weights_floats(to, from) +
           sgeo_winograd_room_floats(from, sgeo_winograd_block(from));
}

size_t sgeo_onednn_winograd_room(const struct sgeo_onednn_winograd *w)
{
    size_t forward = pass_floats(w->in_channels, w->out_channels);
    size_t backward = pass_floats(w->out_channels, w->in_channels);
    size_t gradient = sgeo_winograd_grad_room_floats(w->out_channels, w->in_channels,
                                                     sgeo_winograd_block(w->in_channels));
    size_t most = forward > backward ? forward : backward;
    return most > gradient ? most : gradient;
}

/* dst = src * wei, from one side of the convolution to the other. */
static void convolve(const struct sgeo_onednn_winograd *w, float *room, float *dst,
                     const float *src, const float *wei, bool transposed)
{
    const struct sgeo_kernels *kernels = sgeo_kernels_get();
    const struct sgeo_layout *in = transposed ? &w->out : &w->in;
    const struct sgeo_layout *out = transposed ? &w->in : &w->out;
    size_t from = transposed ? w->out_channels : w->in_channels;
    size_t to = transposed ? w->in_channels : w->out_channels;
    float *tiles = room + sgeo_winograd_weights_floats(to, from);
    kernels->f32_winograd_weights(room, wei, w->out_channels, w->in_channels, transposed);
    kernels->f32_winograd_conv(dst, src, room, tiles, sgeo_winograd_block(from), in, out);
}

void sgeo_onednn_winograd_run(const struct sgeo_onednn_winograd *w,
                              enum sgeo_onednn_direction direction, float *room,
                              float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    float *src = tensors[SGEO_ONEDNN_SRC], *wei = tensors[SGEO_ONEDNN_WEI];
    float *dst = tensors[SGEO_ONEDNN_DST];
    switch (direction) {
    case SGEO_ONEDNN_FORWARD:
        convolve(w, room, dst, src, wei, false);
        break;
    case SGEO_ONEDNN_BACKWARD_DATA:
        convolve(w, room, src, dst, wei, true);
        break;
    case SGEO_ONEDNN_BACKWARD_WEIGHTS:
        sgeo_kernels_get()->f32_winograd_weight_grad(
            wei, src, dst, room, sgeo_winograd_block(w->in_channels), &w->in, &w->out);
        break;
    case SGEO_ONEDNN_N_DIRECTIONS:
        break;
    }
}

const char *sgeo_onednn_winograd_name(void)
{
    static const char *const names[SGEO_ISA_COUNT] = {[SGEO_ISA_REF] = "sgeo_winograd:ref",
                                                      [SGEO_ISA_SCALAR] = "sgeo_winograd:scalar",
                                                      [SGEO_ISA_AVX2] = "sgeo_winograd:avx2",
                                                      [SGEO_ISA_AVX512] = "sgeo_winograd:avx512",
                                                      [SGEO_ISA_AVX512BF16] =
                                                          "sgeo_winograd:avx512bf16",
                                                      [SGEO_ISA_NEON] = "sgeo_winograd:neon"};
    return names[sgeo_kernels_isa()];
}
