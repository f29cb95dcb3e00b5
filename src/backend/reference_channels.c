/*
 * Whole channels in double: import and export, copies between tensors, the mean over pixels.
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

/* Pixels `pitch` apart: dst = src, or dst += src. */
static void copy_plane(double *dst, size_t dst_pitch, const double *src, size_t src_pitch,
                       size_t pixels, bool accumulate)
{
    for (size_t p = 0; p < pixels; p++) {
        double value = src[p * src_pitch];
        dst[p * dst_pitch] = accumulate ? dst[p * dst_pitch] + value : value;
    }
}

static void channel_copy(struct sgeo_backend *backend, void *dst, size_t dst_first,
                         const struct sgeo_layout *dst_layout, const void *src, size_t src_first,
                         const struct sgeo_layout *src_layout, size_t count, bool accumulate)
{
    (void)backend;
    double *y = dst;
    const double *x = src;
    for (size_t n = 0; n < dst_layout->n; n++) {
        for (size_t c = 0; c < count; c++) {
            copy_plane(y + sgeo_reference_plane(dst_layout, n, dst_first + c), dst_layout->pitch,
                       x + sgeo_reference_plane(src_layout, n, src_first + c), src_layout->pitch,
                       sgeo_reference_pixels(dst_layout), accumulate);
        }
    }
}

void sgeo_reference_fill_channels(struct sgeo_backend_table *table)
{
    table->activation_import = activation_import;
    table->activation_export = activation_export;
    table->global_mean = global_mean;
    table->global_mean_grad = global_mean_grad;
    table->channel_copy = channel_copy;
}
