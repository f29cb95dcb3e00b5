/*
 * Convolution in double: one matrix product per image and group.
 *   src (N,Ci,H,W), wei (Co,Ci/g,k,k), dst (N,Co,Ho,Wo), all planar
 *   columns (Ci/g*k*k, Ho*Wo): the source pixel under every weight for every output pixel
 *   forward           dst = wei columns
 *   backward weights  dwei = sum over images of ddst columns^T
 *   backward data     columns = wei^T ddst, folded back onto the pixels
 * A dense 1x1 convolution with stride 1 is its own columns.
 */
#include <string.h>

#include "backend/reference_parts.h"
#include "base/memory.h"

struct sgeo_conv {
    struct sgeo_conv_geometry geometry;
    size_t out_height, out_width;
    size_t filters;    /* output channels of a group: Co/g */
    size_t filter;     /* weights of an output channel: Ci/g*k*k */
    size_t src_pixels; /* H*W */
    size_t dst_pixels; /* Ho*Wo */
    bool is_pointwise; /* the source is its own columns */
    struct sgeo_conv *next;
};

static struct sgeo_reference *reference_of(struct sgeo_backend *backend)
{
    return (struct sgeo_reference *)backend;
}

/* --- creation --- */

static bool same_geometry(const struct sgeo_conv_geometry *a, const struct sgeo_conv_geometry *b)
{
    return a->n == b->n && a->in_channels == b->in_channels && a->out_channels == b->out_channels &&
           a->height == b->height && a->width == b->width && a->kernel == b->kernel &&
           a->stride == b->stride && a->pad == b->pad && a->dilation == b->dilation &&
           a->groups == b->groups && a->image_source == b->image_source;
}

/* Pixels that a kernel spans along one axis. */
static size_t extent_of(const struct sgeo_conv_geometry *g)
{
    return (g->kernel - 1) * g->dilation + 1;
}

static bool is_valid(const struct sgeo_conv_geometry *g)
{
    return g->in_channels > 0 && g->out_channels > 0 && g->kernel > 0 && g->stride > 0 &&
           g->dilation > 0 && g->groups > 0 && g->in_channels % g->groups == 0 &&
           g->out_channels % g->groups == 0 && extent_of(g) <= g->height + 2 * g->pad &&
           extent_of(g) <= g->width + 2 * g->pad;
}

static enum sgeo_status refuse(enum sgeo_status status, const char *hint,
                               const struct sgeo_conv_geometry *g)
{
    return sgeo_fail(status, hint,
                     "reference-f64: no convolution %zu->%zu channels, %zux%zu pixels, kernel %zu, "
                     "stride %zu, pad %zu, "
                     "dilation %zu, groups %zu",
                     g->in_channels, g->out_channels, g->height, g->width, g->kernel, g->stride,
                     g->pad, g->dilation, g->groups);
}

static struct sgeo_conv derive_sizes(const struct sgeo_conv_geometry *g)
{
    struct sgeo_conv conv = {.geometry = *g};
    conv.out_height = (g->height + 2 * g->pad - extent_of(g)) / g->stride + 1;
    conv.out_width = (g->width + 2 * g->pad - extent_of(g)) / g->stride + 1;
    conv.filters = g->out_channels / g->groups;
    conv.filter = g->in_channels / g->groups * g->kernel * g->kernel;
    conv.src_pixels = g->height * g->width;
    conv.dst_pixels = conv.out_height * conv.out_width;
    conv.is_pointwise = g->kernel == 1 && g->stride == 1 && g->pad == 0;
    return conv;
}

static bool fits_blas(const struct sgeo_conv *conv)
{
    return sgeo_reference_fits_blas(conv->filters) && sgeo_reference_fits_blas(conv->filter) &&
           sgeo_reference_fits_blas(conv->dst_pixels);
}

/* Make room for the columns of one image and group, so that the operations need no memory. */
static enum sgeo_status reserve_columns(struct sgeo_reference *self, const struct sgeo_conv *conv)
{
    size_t needed;
    if (!sgeo_size_mul(conv->filter, conv->dst_pixels, &needed)) {
        return sgeo_fail_memory("im2col columns");
    }
    if (conv->is_pointwise || needed <= self->n_columns) {
        return SGEO_OK;
    }
    double *columns = sgeo_calloc(needed, sizeof *columns);
    if (columns == NULL) {
        return sgeo_fail_memory("im2col columns");
    }
    sgeo_free(self->columns);
    self->columns = columns;
    self->n_columns = needed;
    return SGEO_OK;
}

static struct sgeo_conv *find_cached(const struct sgeo_reference *self,
                                     const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_conv *conv = self->convs;
    while (conv != NULL && !same_geometry(&conv->geometry, geometry)) {
        conv = conv->next;
    }
    return conv;
}

static enum sgeo_status add_to_cache(struct sgeo_reference *self, const struct sgeo_conv *sizes)
{
    enum sgeo_status status = reserve_columns(self, sizes);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_conv *conv = sgeo_calloc(1, sizeof *conv);
    if (conv == NULL) {
        return sgeo_fail_memory("convolution");
    }
    *conv = *sizes;
    conv->next = self->convs;
    self->convs = conv;
    return SGEO_OK;
}

static enum sgeo_status conv_create(struct sgeo_backend *backend, struct sgeo_conv **conv,
                                    const struct sgeo_conv_geometry *geometry)
{
    struct sgeo_reference *self = reference_of(backend);
    struct sgeo_conv *cached = find_cached(self, geometry);
    if (cached == NULL) {
        if (!is_valid(geometry)) {
            return refuse(SGEO_USAGE,
                          "groups divide the channels and the kernel fits into the padded image",
                          geometry);
        }
        struct sgeo_conv sizes = derive_sizes(geometry);
        if (!fits_blas(&sizes)) {
            return refuse(SGEO_UNSUPPORTED, "a dimension exceeds the integers of this BLAS",
                          geometry);
        }
        enum sgeo_status status = add_to_cache(self, &sizes);
        if (status != SGEO_OK) {
            return status;
        }
        cached = self->convs;
    }
    *conv = cached;
    return SGEO_OK;
}

void sgeo_reference_free_convs(struct sgeo_conv *convs)
{
    while (convs != NULL) {
        struct sgeo_conv *next = convs->next;
        sgeo_free(convs);
        convs = next;
    }
}

/* --- weights: [out][in/groups][k][k] without padding, as the caller has them --- */

static size_t conv_weight_elems(const struct sgeo_conv *conv)
{
    return conv->geometry.out_channels * conv->filter;
}

static void conv_weight_import(struct sgeo_backend *backend, struct sgeo_conv *conv, void *wei,
                               const double *oihw)
{
    (void)backend;
    memcpy(wei, oihw, conv_weight_elems(conv) * sizeof *oihw);
}

static void conv_weight_export(struct sgeo_backend *backend, struct sgeo_conv *conv, double *oihw,
                               const void *wei)
{
    (void)backend;
    memcpy(oihw, wei, conv_weight_elems(conv) * sizeof *oihw);
}

/* --- columns --- */

/* The source pixel under weight `k` for output pixel `out` along one axis of `size`; `size` when
 * that is padding. */
static size_t source_pixel(const struct sgeo_conv_geometry *g, size_t out, size_t k, size_t size)
{
    size_t padded = out * g->stride + k * g->dilation;
    return padded >= g->pad && padded - g->pad < size ? padded - g->pad : size;
}

/* row (Ho,Wo) = the pixels of plane (H,W) under weight (ky, kx). */
static void unfold_row(double *row, const double *plane, const struct sgeo_conv *conv, size_t ky,
                       size_t kx)
{
    const struct sgeo_conv_geometry *g = &conv->geometry;
    for (size_t oy = 0; oy < conv->out_height; oy++) {
        size_t y = source_pixel(g, oy, ky, g->height);
        for (size_t ox = 0; ox < conv->out_width; ox++) {
            size_t x = source_pixel(g, ox, kx, g->width);
            bool is_padding = y == g->height || x == g->width;
            *row++ = is_padding ? 0.0 : plane[y * g->width + x];
        }
    }
}

/* The transpose of unfold_row: row (Ho,Wo) is added to the pixels of plane (H,W) under weight (ky,
 * kx). */
static void fold_row(double *plane, const double *row, const struct sgeo_conv *conv, size_t ky,
                     size_t kx)
{
    const struct sgeo_conv_geometry *g = &conv->geometry;
    for (size_t oy = 0; oy < conv->out_height; oy++) {
        size_t y = source_pixel(g, oy, ky, g->height);
        for (size_t ox = 0; ox < conv->out_width; ox++, row++) {
            size_t x = source_pixel(g, ox, kx, g->width);
            if (y < g->height && x < g->width) {
                plane[y * g->width + x] += *row;
            }
        }
    }
}

/* Where row r of the columns comes from: channel, then weight row, then weight column. */
struct tap {
    size_t channel, ky, kx;
};

static struct tap tap_of(const struct sgeo_conv_geometry *g, size_t r)
{
    return (struct tap){r / (g->kernel * g->kernel), r / g->kernel % g->kernel, r % g->kernel};
}

/* The columns of src (Ci/g,H,W), one group of one image; src itself where that is the same. */
static const double *unfold(double *columns, const double *src, const struct sgeo_conv *conv)
{
    if (conv->is_pointwise) {
        return src;
    }
    for (size_t r = 0; r < conv->filter; r++) {
        struct tap tap = tap_of(&conv->geometry, r);
        unfold_row(columns + r * conv->dst_pixels, src + tap.channel * conv->src_pixels, conv,
                   tap.ky, tap.kx);
    }
    return columns;
}

/* dsrc (Ci/g,H,W) += columns, the transpose of unfold. */
static void fold(double *dsrc, const double *columns, const struct sgeo_conv *conv)
{
    for (size_t r = 0; r < conv->filter; r++) {
        struct tap tap = tap_of(&conv->geometry, r);
        fold_row(dsrc + tap.channel * conv->src_pixels, columns + r * conv->dst_pixels, conv,
                 tap.ky, tap.kx);
    }
}

/* --- operations: images and groups lie one behind the other, block b is group b % g of image b / g
 * --- */

static size_t n_blocks(const struct sgeo_conv *conv)
{
    return conv->geometry.n * conv->geometry.groups;
}

/* Where block b begins in the source, the destination, and its group in the weights. */
static size_t src_block(const struct sgeo_conv *conv, size_t b)
{
    return b * (conv->geometry.in_channels / conv->geometry.groups) * conv->src_pixels;
}

static size_t dst_block(const struct sgeo_conv *conv, size_t b)
{
    return b * conv->filters * conv->dst_pixels;
}

static size_t wei_block(const struct sgeo_conv *conv, size_t b)
{
    return b % conv->geometry.groups * conv->filters * conv->filter;
}

static void conv_forward(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dst,
                         const void *src, const void *wei)
{
    const double *x = src, *w = wei;
    double *y = dst;
    struct sgeo_product product = {.left = CblasNoTrans,
                                   .right = CblasNoTrans,
                                   .rows = conv->filters,
                                   .cols = conv->dst_pixels,
                                   .depth = conv->filter};
    for (size_t b = 0; b < n_blocks(conv); b++) {
        const double *columns =
            unfold(reference_of(backend)->columns, x + src_block(conv, b), conv);
        sgeo_reference_multiply(y + dst_block(conv, b), w + wei_block(conv, b), columns, &product);
    }
}

static void conv_backward_data(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dsrc,
                               const void *ddst, const void *wei)
{
    const double *dy = ddst, *w = wei;
    double *dx = dsrc, *columns = reference_of(backend)->columns;
    struct sgeo_product product = {.left = CblasTrans,
                                   .right = CblasNoTrans,
                                   .rows = conv->filter,
                                   .cols = conv->dst_pixels,
                                   .depth = conv->filters};
    memset(dx, 0, src_block(conv, n_blocks(conv)) * sizeof *dx);
    for (size_t b = 0; b < n_blocks(conv); b++) {
        double *block = dx + src_block(conv, b);
        sgeo_reference_multiply(conv->is_pointwise ? block : columns, w + wei_block(conv, b),
                                dy + dst_block(conv, b), &product);
        if (!conv->is_pointwise) {
            fold(block, columns, conv);
        }
    }
}

static void conv_backward_weights(struct sgeo_backend *backend, struct sgeo_conv *conv, void *dwei,
                                  const void *src, const void *ddst)
{
    const double *x = src, *dy = ddst;
    double *dw = dwei;
    struct sgeo_product product = {.left = CblasNoTrans,
                                   .right = CblasTrans,
                                   .rows = conv->filters,
                                   .cols = conv->filter,
                                   .depth = conv->dst_pixels,
                                   .keep = 1.0};
    memset(dw, 0, conv_weight_elems(conv) * sizeof *dw);
    for (size_t b = 0; b < n_blocks(conv); b++) {
        const double *columns =
            unfold(reference_of(backend)->columns, x + src_block(conv, b), conv);
        sgeo_reference_multiply(dw + wei_block(conv, b), dy + dst_block(conv, b), columns,
                                &product);
    }
}

static void conv_implementations(const struct sgeo_conv *conv, const char *names[3])
{
    names[0] = conv->is_pointwise ? "dgemm" : "im2col+dgemm";
    names[1] = conv->is_pointwise ? "dgemm" : "dgemm+col2im";
    names[2] = conv->is_pointwise ? "dgemm" : "im2col+dgemm";
}

void sgeo_reference_fill_conv(struct sgeo_backend_table *table)
{
    table->conv_create = conv_create;
    table->conv_weight_elems = conv_weight_elems;
    table->conv_weight_import = conv_weight_import;
    table->conv_weight_export = conv_weight_export;
    table->conv_forward = conv_forward;
    table->conv_backward_data = conv_backward_data;
    table->conv_backward_weights = conv_backward_weights;
    table->conv_implementations = conv_implementations;
}
