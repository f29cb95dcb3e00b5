/*
 * Whole channels in f32: the layouts, import and export, concatenation, the mean over
 * pixels.
 *   planar (N,C,H,W) and rows (N,C) have no padding; x (N,C,H,W) lies as its layout says.
 */
#include <assert.h>

#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

static struct sgeo_layout blocked_layout(size_t n, size_t channels, size_t height, size_t width)
{
    size_t lanes = sgeo_onednn_lanes();
    size_t groups = (channels + lanes - 1) / lanes;
    size_t group = height * width * lanes;
    return (struct sgeo_layout){.n = n,
                                .groups = groups,
                                .lanes = lanes,
                                .height = height,
                                .width = width,
                                .image = groups * group,
                                .group = group,
                                .pitch = lanes};
}

/* The largest divisor of `channels` that the executor can hold as the lanes of one group. */
static size_t widest_lanes(size_t channels)
{
    size_t lanes = channels < SGEO_ONEDNN_MAX_LANES ? channels : SGEO_ONEDNN_MAX_LANES;
    while (lanes > 1 && channels % lanes != 0) {
        lanes--;
    }
    return lanes;
}

static struct sgeo_layout channels_last_layout(size_t n, size_t channels, size_t height,
                                               size_t width)
{
    size_t lanes = widest_lanes(channels);
    return (struct sgeo_layout){.n = n,
                                .groups = channels / lanes,
                                .lanes = lanes,
                                .height = height,
                                .width = width,
                                .image = height * width * channels,
                                .group = lanes,
                                .pitch = channels};
}

struct sgeo_layout sgeo_onednn_layout(bool channels_last, size_t n, size_t channels, size_t height,
                                      size_t width)
{
    return channels_last ? channels_last_layout(n, channels, height, width)
                         : blocked_layout(n, channels, height, width);
}

static struct sgeo_layout layout(const struct sgeo_backend *backend, size_t n, size_t channels,
                                 size_t height, size_t width)
{
    return sgeo_onednn_layout(((const struct sgeo_onednn *)backend)->channels_last, n, channels,
                              height, width);
}

/* Offset of pixel 0 of channel c of image n. */
static size_t plane(const struct sgeo_layout *layout, size_t n, size_t c)
{
    return n * layout->image + c / layout->lanes * layout->group + c % layout->lanes;
}

/* Channels of the group that starts at channel `first` which are real, not padding. */
static size_t real_lanes(const struct sgeo_layout *layout, size_t first, size_t channels)
{
    size_t left = channels > first ? channels - first : 0;
    return left < layout->lanes ? left : layout->lanes;
}

static void activation_import(struct sgeo_backend *backend, void *dst, const double *planar,
                              size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    float *y = dst;
    size_t pixels = sgeo_onednn_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < layout->groups * layout->lanes; c++) {
            float *channel = y + plane(layout, n, c);
            const double *image = planar + (n * channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) {
                channel[p * layout->pitch] = c < channels ? (float)image[p] : 0.0f;
            }
        }
    }
}

static void activation_export(struct sgeo_backend *backend, double *planar, const void *src,
                              size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    const float *x = src;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            const float *channel = x + plane(layout, n, c);
            for (size_t p = 0; p < sgeo_onednn_pixels(layout); p++) {
                *planar++ = (double)channel[p * layout->pitch];
            }
        }
    }
}

/* mean[lane] of one image's channel group, summed in double. */
static void mean_of_group(float *mean, const float *x, size_t lanes,
                          const struct sgeo_layout *layout)
{
    double sum[SGEO_ONEDNN_MAX_LANES] = {0};
    size_t pixels = sgeo_onednn_pixels(layout);
    for (size_t p = 0; p < pixels; p++) {
        for (size_t l = 0; l < lanes; l++) {
            sum[l] += (double)x[p * layout->pitch + l];
        }
    }
    for (size_t l = 0; l < lanes; l++) {
        mean[l] = (float)(sum[l] / (double)pixels);
    }
}

static void global_mean(struct sgeo_backend *backend, void *dst, const void *src, size_t channels,
                        const struct sgeo_layout *layout)
{
    (void)backend;
    assert(layout->lanes <= SGEO_ONEDNN_MAX_LANES);
    float *mean = dst;
    const float *x = src;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c += layout->lanes) {
            mean_of_group(mean + n * channels + c, x + plane(layout, n, c),
                          real_lanes(layout, c, channels), layout);
        }
    }
}

/* Every pixel of one image's channel group becomes `value` (lanes). */
static void fill_group(float *x, const float *value, const struct sgeo_layout *layout)
{
    for (size_t p = 0; p < sgeo_onednn_pixels(layout); p++) {
        for (size_t l = 0; l < layout->lanes; l++) {
            x[p * layout->pitch + l] = value[l];
        }
    }
}

static void global_mean_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                             size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    assert(layout->lanes <= SGEO_ONEDNN_MAX_LANES);
    float *dx = dsrc;
    const float *dmean = ddst;
    float pixels = (float)sgeo_onednn_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t g = 0; g < layout->groups; g++) {
            float value[SGEO_ONEDNN_MAX_LANES] = {0};
            size_t first = g * layout->lanes;
            for (size_t l = 0; l < real_lanes(layout, first, channels); l++) {
                value[l] = dmean[n * channels + first + l] / pixels;
            }
            fill_group(dx + plane(layout, n, first), value, layout);
        }
    }
}

/* --- channels side by side, by the kernels --- */

static void concat(struct sgeo_backend *backend, void *dst,
                   const struct sgeo_channel_source *sources, size_t n_sources,
                   const struct sgeo_layout *layout)
{
    (void)backend;
    struct sgeo_concat_part parts[SGEO_CONCAT_MAX_PARTS];
    assert(n_sources <= SGEO_CONCAT_MAX_PARTS);
    for (size_t i = 0; i < n_sources; i++) {
        parts[i] = (struct sgeo_concat_part){sources[i].src, sources[i].layout, sources[i].first,
                                             sources[i].channels};
    }
    sgeo_kernels_get()->f32_concat(dst, parts, n_sources, layout);
}

static void split(struct sgeo_backend *backend, const struct sgeo_channel_target *targets,
                  size_t n_targets, const void *src, const struct sgeo_layout *layout)
{
    (void)backend;
    struct sgeo_split_part parts[SGEO_CONCAT_MAX_PARTS];
    assert(n_targets <= SGEO_CONCAT_MAX_PARTS);
    for (size_t i = 0; i < n_targets; i++) {
        parts[i] = (struct sgeo_split_part){targets[i].dst, targets[i].layout, targets[i].channels};
    }
    sgeo_kernels_get()->f32_split(parts, n_targets, src, layout, false);
}

void sgeo_onednn_fill_channels(struct sgeo_backend_table *table)
{
    table->layout = layout;
    table->activation_import = activation_import;
    table->activation_export = activation_export;
    table->global_mean = global_mean;
    table->global_mean_grad = global_mean_grad;
    table->concat = concat;
    table->split = split;
}
