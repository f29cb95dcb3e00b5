/*
 * Whole channels in double: import and export, concatenation, the mean over pixels.
 *   planar (N,C,H,W) and rows (N,C) have no padding; x (N,C,H,W) lies as its layout says.
 */
#include "backend/reference_parts.h"

static void fill_plane(double *dst, double value, const struct sgeo_layout *layout, size_t n,
                       size_t c)
{
    size_t first = sgeo_reference_plane(layout, n, c);
    for (size_t p = 0; p < sgeo_reference_pixels(layout); p++) {
        dst[first + p * layout->pitch] = value;
    }
}

/* Zero the channels from `channels` on, which only fill up the last group. */
static void clear_padding(double *dst, size_t channels, const struct sgeo_layout *layout, size_t n)
{
    for (size_t c = channels; c < sgeo_reference_channels(layout); c++) {
        fill_plane(dst, 0.0, layout, n, c);
    }
}

static void activation_import(struct sgeo_backend *backend, void *dst, const double *planar,
                              size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    double *y = dst;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            size_t first = sgeo_reference_plane(layout, n, c);
            for (size_t p = 0; p < sgeo_reference_pixels(layout); p++) {
                y[first + p * layout->pitch] = *planar++;
            }
        }
        clear_padding(y, channels, layout, n);
    }
}

static void activation_export(struct sgeo_backend *backend, double *planar, const void *src,
                              size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    const double *x = src;
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            size_t first = sgeo_reference_plane(layout, n, c);
            for (size_t p = 0; p < sgeo_reference_pixels(layout); p++) {
                *planar++ = x[first + p * layout->pitch];
            }
        }
    }
}

static void global_mean(struct sgeo_backend *backend, void *dst, const void *src, size_t channels,
                        const struct sgeo_layout *layout)
{
    (void)backend;
    double *mean = dst;
    const double *x = src;
    size_t pixels = sgeo_reference_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            size_t first = sgeo_reference_plane(layout, n, c);
            double sum = 0.0;
            for (size_t p = 0; p < pixels; p++) {
                sum += x[first + p * layout->pitch];
            }
            mean[n * channels + c] = sum / (double)pixels;
        }
    }
}

static void global_mean_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                             size_t channels, const struct sgeo_layout *layout)
{
    (void)backend;
    const double *dmean = ddst;
    double pixels = (double)sgeo_reference_pixels(layout);
    for (size_t n = 0; n < layout->n; n++) {
        for (size_t c = 0; c < channels; c++) {
            fill_plane(dsrc, dmean[n * channels + c] / pixels, layout, n, c);
        }
        clear_padding(dsrc, channels, layout, n);
    }
}

/* --- channels side by side --- */

/* dst = src, pixels `pitch` apart. */
static void copy_plane(double *dst, size_t dst_pitch, const double *src, size_t src_pitch,
                       size_t pixels)
{
    for (size_t p = 0; p < pixels; p++) {
        dst[p * dst_pitch] = src[p * src_pitch];
    }
}

/* The source's channels of image n become those of dst from `first` on. */
static void put_source(double *dst, size_t first, const struct sgeo_layout *layout,
                       const struct sgeo_channel_source *source, size_t n)
{
    const double *x = source->src;
    for (size_t c = 0; c < source->channels; c++) {
        if (x == NULL) {
            fill_plane(dst, 0.0, layout, n, first + c);
        } else {
            copy_plane(dst + sgeo_reference_plane(layout, n, first + c), layout->pitch,
                       x + sgeo_reference_plane(source->layout, n, source->first + c),
                       source->layout->pitch, sgeo_reference_pixels(layout));
        }
    }
}

static void concat(struct sgeo_backend *backend, void *dst,
                   const struct sgeo_channel_source *sources, size_t n_sources,
                   const struct sgeo_layout *layout)
{
    (void)backend;
    for (size_t n = 0; n < layout->n; n++) {
        size_t first = 0;
        for (size_t i = 0; i < n_sources; first += sources[i++].channels) {
            put_source(dst, first, layout, &sources[i], n);
        }
        clear_padding(dst, first, layout, n);
    }
}

/* Each target is the concatenation of one part of src. */
static void split(struct sgeo_backend *backend, const struct sgeo_channel_target *targets,
                  size_t n_targets, const void *src, const struct sgeo_layout *layout)
{
    struct sgeo_channel_source source = {.src = src, .layout = layout};
    for (size_t i = 0; i < n_targets; i++) {
        source.channels = targets[i].channels;
        if (targets[i].dst != NULL) {
            concat(backend, targets[i].dst, &source, 1, targets[i].layout);
        }
        source.first += source.channels;
    }
}

void sgeo_reference_fill_channels(struct sgeo_backend_table *table)
{
    table->activation_import = activation_import;
    table->activation_export = activation_export;
    table->global_mean = global_mean;
    table->global_mean_grad = global_mean_grad;
    table->plain.concat = table->maps.concat = concat;
    table->plain.split = table->maps.split = split;
}
