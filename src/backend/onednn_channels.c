/*
 * Whole channels: the layouts, import and export, concatenation, the mean over pixels.
 *   planar (N,C,H,W) and rows (N,C) have no padding; x (N,C,H,W), in f32 or bf16, lies as its
 *   layout says.
 */
#include <assert.h>
#include <string.h>

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

static bool is_bf16(const struct sgeo_backend *backend)
{
    return backend->ops->maps.bytes == sizeof(uint16_t);
}

/* `count` elements of a map from `at` on: as they lie, or out of bf16 in `room`. */
static const float *elements(float *room, const struct sgeo_backend *backend, const void *map,
                             size_t at, size_t count)
{
    if (!is_bf16(backend)) {
        return (const float *)map + at;
    }
    sgeo_kernels_get()->bf16_to_f32(room, (const uint16_t *)map + at, count);
    return room;
}

static void set_element(const struct sgeo_backend *backend, void *map, size_t at, float value)
{
    if (is_bf16(backend)) {
        sgeo_kernels_get()->f32_to_bf16((uint16_t *)map + at, &value, 1);
    } else {
        ((float *)map)[at] = value;
    }
}

static void activation_import(struct sgeo_backend *backend, void *dst, const double *planar,
                              size_t channels, const struct sgeo_layout *layout)
{
    size_t pixels = sgeo_onednn_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < layout->groups * layout->lanes; c++) {
            const double *image = planar + (n * channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) {
                set_element(backend, dst, plane(layout, n, c) + p * layout->pitch,
                            c < channels ? (float)image[p] : 0.0f);
            }
        }
    }
}

static void activation_export(struct sgeo_backend *backend, double *planar, const void *src,
                              size_t channels, const struct sgeo_layout *layout)
{
    float room;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            for (size_t p = 0; p < sgeo_onednn_pixels(layout); p++) {
                size_t at = plane(layout, n, c) + p * layout->pitch;
                *planar++ = (double)*elements(&room, backend, src, at, 1);
            }
        }
    }
}

/* mean[lane] of one image's channel group, which starts at element `first`, summed in double. */
static void mean_of_group(float *mean, const struct sgeo_backend *backend, const void *map,
                          size_t first, size_t lanes, const struct sgeo_layout *layout)
{
    double sum[SGEO_ONEDNN_MAX_LANES] = {0};
    float room[SGEO_ONEDNN_MAX_LANES];
    size_t pixels = sgeo_onednn_pixels(layout);
    for (size_t p = 0; p < pixels; p++) {
        const float *x = elements(room, backend, map, first + p * layout->pitch, lanes);
        for (size_t l = 0; l < lanes; l++) {
            sum[l] += (double)x[l];
        }
    }
    for (size_t l = 0; l < lanes; l++) {
        mean[l] = (float)(sum[l] / (double)pixels);
    }
}

static void global_mean(struct sgeo_backend *backend, void *dst, const void *src, size_t channels,
                        const struct sgeo_layout *layout)
{
    assert(layout->lanes <= SGEO_ONEDNN_MAX_LANES);
    float *mean = dst;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c += layout->lanes) {
            mean_of_group(mean + n * channels + c, backend, src, plane(layout, n, c),
                          real_lanes(layout, c, channels), layout);
        }
    }
}

/* Every pixel of one image's channel group, which starts at element `first`, becomes `value`
 * (lanes). */
static void fill_group(const struct sgeo_backend *backend, void *map, size_t first,
                       const float *value, const struct sgeo_layout *layout)
{
    size_t bytes = backend->ops->maps.bytes;
    uint16_t narrow[SGEO_ONEDNN_MAX_LANES];
    sgeo_kernels_get()->f32_to_bf16(narrow, value, layout->lanes);
    for (size_t p = 0; p < sgeo_onednn_pixels(layout); p++) {
        memcpy((unsigned char *)map + (first + p * layout->pitch) * bytes,
               is_bf16(backend) ? (const void *)narrow : value, layout->lanes * bytes);
    }
}

static void global_mean_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                             size_t channels, const struct sgeo_layout *layout)
{
    assert(layout->lanes <= SGEO_ONEDNN_MAX_LANES);
    const float *dmean = ddst;
    float pixels = (float)sgeo_onednn_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t g = 0; g < layout->groups; g++) {
            float value[SGEO_ONEDNN_MAX_LANES] = {0};
            size_t first = g * layout->lanes;
            for (size_t l = 0; l < real_lanes(layout, first, channels); l++) {
                value[l] = dmean[n * channels + first + l] / pixels;
            }
            fill_group(backend, dsrc, plane(layout, n, first), value, layout);
        }
    }
}

/* --- channels side by side: by the kernels, and in bf16 by loops, since few networks need it ---
 */

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

/* Of at most `count` channels from c on, those that lie side by side in one group. */
static size_t side_by_side(const struct sgeo_layout *layout, size_t c, size_t count)
{
    size_t rest = layout->lanes - c % layout->lanes;
    return count < rest ? count : rest;
}

/* The pixels of `channels` channels side by side; from NULL: zeros. */
static void copy_plane(uint16_t *to, const struct sgeo_layout *dst, const uint16_t *from,
                       const struct sgeo_layout *src, size_t channels)
{
    size_t bytes = channels * sizeof *to;
    for (size_t p = 0; p < sgeo_onednn_pixels(dst); p++) {
        if (from == NULL) {
            memset(to + p * dst->pitch, 0, bytes);
        } else {
            memcpy(to + p * dst->pitch, from + p * src->pitch, bytes);
        }
    }
}

/* `count` channels of dst from dst_first on = those of src from src->first on; src->src NULL:
 * zeros. */
static void copy_channels(const struct sgeo_channel_target *dst, size_t dst_first,
                          const struct sgeo_channel_source *src, size_t count)
{
    const uint16_t *from = src->src;
    for (size_t c = 0; c < count;) {
        size_t channels = side_by_side(dst->layout, dst_first + c, count - c);
        if (from != NULL) {
            channels = side_by_side(src->layout, src->first + c, channels);
        }
        for (size_t n = 0; n < dst->layout->n; n++) {
            uint16_t *to = (uint16_t *)dst->dst + plane(dst->layout, n, dst_first + c);
            copy_plane(to, dst->layout,
                       from == NULL ? NULL : from + plane(src->layout, n, src->first + c),
                       src->layout, channels);
        }
        c += channels;
    }
}

static void concat_bf16(struct sgeo_backend *backend, void *dst,
                        const struct sgeo_channel_source *sources, size_t n_sources,
                        const struct sgeo_layout *layout)
{
    (void)backend;
    const struct sgeo_channel_target target = {dst, layout, layout->groups * layout->lanes};
    const struct sgeo_channel_source zeros = {0};
    size_t done = 0;
    for (size_t i = 0; i < n_sources; i++) {
        copy_channels(&target, done, &sources[i], sources[i].channels);
        done += sources[i].channels;
    }
    copy_channels(&target, done, &zeros, target.channels - done);
}

static void split_bf16(struct sgeo_backend *backend, const struct sgeo_channel_target *targets,
                       size_t n_targets, const void *src, const struct sgeo_layout *layout)
{
    (void)backend;
    const struct sgeo_channel_source zeros = {0};
    struct sgeo_channel_source part = {.src = src, .layout = layout};
    for (size_t i = 0; i < n_targets; i++) {
        const struct sgeo_layout *to = targets[i].layout;
        size_t channels = targets[i].channels;
        if (targets[i].dst != NULL) {
            copy_channels(&targets[i], 0, &part, channels);
            copy_channels(&targets[i], channels, &zeros, to->groups * to->lanes - channels);
        }
        part.first += channels;
    }
}

void sgeo_onednn_fill_channels(struct sgeo_backend_table *table, bool bf16_maps)
{
    table->layout = layout;
    table->activation_import = activation_import;
    table->activation_export = activation_export;
    table->global_mean = global_mean;
    table->global_mean_grad = global_mean_grad;
    table->plain.concat = concat;
    table->plain.split = split;
    table->maps.concat = bf16_maps ? concat_bf16 : concat;
    table->maps.split = bf16_maps ? split_bf16 : split;
}
