/*
 * Every stride-th pixel of both directions, from pixel (first, first) on:
 *   src (N,C,H,W) -> dst (N,C,Ho,Wo), dst[y][x] = src[first + stride y][first + stride x]
 * With it a strided 1x1 convolution that starts at any pixel is a dense one on the pixels it reads.
 */
#include <string.h>

#include "graph/network_ops.h"

/* Where a row of picked pixels begins, in bytes: in the map of all pixels, in that of the picked
 * ones. */
struct row {
    size_t all, picked;
};

/* Row y (of Ho) of channel group g in image i. */
static struct row row_at(const struct sgeo_network *net, size_t n, size_t i, size_t g, size_t y)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_layout *in = &net->layouts[sgeo_plan_source(net->plan, n, 0)],
                             *out = &net->layouts[n];
    size_t first = (node->first_pixel + y * node->window.stride) * in->width + node->first_pixel;
    size_t bytes = net->backend->ops->maps.bytes;
    return (struct row){.all = (i * in->image + g * in->group + first * in->pitch) * bytes,
                        .picked = (i * out->image + g * out->group + y * out->width * out->pitch) *
                                  bytes};
}

/* `count` runs of `bytes` bytes, each a step behind the one before. */
static void copy_runs(unsigned char *dst, size_t dst_step, const unsigned char *src,
                      size_t src_step, size_t count, size_t bytes)
{
    for (size_t x = 0; x < count; x++) {
        memcpy(dst + x * dst_step, src + x * src_step, bytes);
    }
}

/* The picked pixels out of src, or back onto their places in dst. */
static void copy_pixels(const struct sgeo_network *net, size_t n, unsigned char *dst,
                        const unsigned char *src, bool back)
{
    const struct sgeo_layout *in = &net->layouts[sgeo_plan_source(net->plan, n, 0)],
                             *out = &net->layouts[n];
    size_t bytes = net->backend->ops->maps.bytes, run = out->lanes * bytes;
    size_t all_step = net->graph->nodes[n].window.stride * in->pitch * bytes;
    size_t picked_step = out->pitch * bytes;
    for (size_t i = 0; i < out->n; i++) {
        for (size_t g = 0; g < out->groups; g++) {
            for (size_t y = 0; y < out->height; y++) {
                struct row row = row_at(net, n, i, g, y);
                if (back) {
                    copy_runs(dst + row.all, all_step, src + row.picked, picked_step, out->width,
                              run);
                } else {
                    copy_runs(dst + row.picked, picked_step, src + row.all, all_step, out->width,
                              run);
                }
            }
        }
    }
}

static void pick(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    copy_pixels(net, n, dst, src, false);
}

static void put_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_layout *in = &net->layouts[sgeo_plan_source(net->plan, n, 0)];
    memset(dsrc, 0, sgeo_layout_elems(in) * net->backend->ops->maps.bytes);
    copy_pixels(net, n, dsrc, ddst, true);
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, pick);
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, pick);
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, put_back);
}

const struct sgeo_op_functions sgeo_op_subsample = {forward, tangent, backward, NULL};
