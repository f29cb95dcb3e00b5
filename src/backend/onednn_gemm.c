/*
 * Convolutions as matrix products, where oneDNN has nothing but loops for them (its Arm builds
 * without the Compute Library). Channels-last:
 *   src (N,H,W,Ci) or the planar image (N,Ci,H,W), wei (k,k,Ci/g,Co), dst (N,Ho,Wo,Co)
 *   columns (pixels, k*k*Ci/g): the source pixel under every weight for some rows of output pixels
 *   forward           dst = columns wei
 *   backward weights  dwei = sum over strips of columns^T ddst
 *   backward data     columns = ddst wei^T, folded back onto the pixels
 * Strips are rows of one image whose columns stay in the second-level cache. They depend on the
 * geometry alone, and so does the order of every sum. A 1x1 convolution with stride 1 is its own
 * columns, one strip for all images.
 */
#include <cblas.h>
#include <limits.h>
#include <string.h>

#include "backend/onednn_parts.h"

/* Floats of columns: 256 KiB, half of the smallest second-level cache of an Arm server core. */
#define COLUMNS_TARGET ((size_t)65536)

/* Pixels that a kernel spans along one axis. */
static size_t reach_of(const struct sgeo_conv_geometry *g)
{
    return (g->kernel - 1) * g->dilation + 1;
}

struct sgeo_onednn_gemm sgeo_onednn_gemm_of(const struct sgeo_conv_geometry *g)
{
    struct sgeo_onednn_gemm gemm = {.geometry = *g,
                                    .rows = (g->height + 2 * g->pad - reach_of(g)) / g->stride + 1,
                                    .cols = (g->width + 2 * g->pad - reach_of(g)) / g->stride + 1,
                                    .depth = g->kernel * g->kernel * (g->in_channels / g->groups),
                                    .src_pixel = g->image_source ? 1 : g->in_channels,
                                    .src_channel = g->image_source ? g->height * g->width : 1,
                                    .is_pointwise = g->kernel == 1 && g->stride == 1 &&
                                                    g->pad == 0 && !g->image_source};
    size_t fitting = COLUMNS_TARGET / (gemm.cols * gemm.depth);
    gemm.strip = fitting < 1 ? 1 : fitting < gemm.rows ? fitting : gemm.rows;
    return gemm;
}

bool sgeo_onednn_gemm_fits(const struct sgeo_conv_geometry *g)
{
    struct sgeo_onednn_gemm gemm = sgeo_onednn_gemm_of(g);
    bool fits_blas = gemm.depth <= INT_MAX && g->out_channels <= INT_MAX &&
                     g->in_channels <= INT_MAX && g->n * gemm.rows * gemm.cols <= INT_MAX;
    return !SGEO_KERNELS_X86 && fits_blas; /* x86 has JIT code, with other layouts at worst */
}

size_t sgeo_onednn_gemm_columns(const struct sgeo_onednn_gemm *gemm)
{
    return gemm->is_pointwise ? 0 : gemm->strip * gemm->cols * gemm->depth;
}

const char *sgeo_onednn_gemm_name(const struct sgeo_onednn_gemm *gemm)
{
    return gemm->is_pointwise ? "sgeo:sgemm" : "sgeo:im2col+sgemm";
}

/* --- columns --- */

/* Some rows of output pixels of one group: what one product computes. */
struct strip {
    size_t image, group;
    size_t first, rows;
};

/* Where the source pixel under weight `k` of output pixel `out` lies along an axis; false: padding.
 */
static bool source_of(size_t *source, const struct sgeo_conv_geometry *g, size_t out, size_t k,
                      size_t size)
{
    size_t padded = out * g->stride + k * g->dilation;
    *source = padded - g->pad;
    return padded >= g->pad && *source < size;
}

/* Whether the weights of a kernel row lie on neighbouring pixels inside the image, whole. */
static bool is_run(const struct sgeo_onednn_gemm *gemm, size_t out_x)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    return g->dilation == 1 && g->groups == 1 && gemm->src_channel == 1 &&
           out_x * g->stride >= g->pad && out_x * g->stride - g->pad + g->kernel <= g->width;
}

/* to (k, Ci/g) = the pixels of source row `line` under a kernel row; NULL: padding. */
static void unfold_taps(float *to, const float *line, const struct sgeo_onednn_gemm *gemm,
                        size_t out_x)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t channels = g->in_channels / g->groups, x;
    if (line != NULL && is_run(gemm, out_x)) {
        memcpy(to, line + (out_x * g->stride - g->pad) * gemm->src_pixel,
               g->kernel * channels * sizeof *to);
        return;
    }
    for (size_t kx = 0; kx < g->kernel; kx++, to += channels) {
        bool inside = line != NULL && source_of(&x, g, out_x, kx, g->width);
        for (size_t c = 0; c < channels; c++) {
            to[c] = inside ? line[x * gemm->src_pixel + c * gemm->src_channel] : 0.0f;
        }
    }
}

/* The transpose of unfold_taps: from (k, Ci/g) is added to the pixels of `line`. */
static void fold_taps(float *line, const float *from, const struct sgeo_onednn_gemm *gemm,
                      size_t out_x)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t channels = g->in_channels / g->groups, x;
    for (size_t kx = 0; kx < g->kernel; kx++, from += channels) {
        if (source_of(&x, g, out_x, kx, g->width)) {
            for (size_t c = 0; c < channels; c++) {
                line[x * gemm->src_pixel + c * gemm->src_channel] += from[c];
            }
        }
    }
}

/* Where source row y of the strip's image and group begins. */
static size_t line_at(const struct sgeo_onednn_gemm *gemm, const struct strip *strip, size_t y)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    return strip->image * g->in_channels * g->height * g->width +
           strip->group * (g->in_channels / g->groups) * gemm->src_channel +
           y * g->width * gemm->src_pixel;
}

static void unfold(float *columns, const float *src, const struct sgeo_onednn_gemm *gemm,
                   const struct strip *strip)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t taps = gemm->depth / g->kernel, y;
    for (size_t r = 0; r < strip->rows; r++) {
        for (size_t ky = 0; ky < g->kernel; ky++) {
            bool inside = source_of(&y, g, strip->first + r, ky, g->height);
            const float *line = inside ? src + line_at(gemm, strip, y) : NULL;
            for (size_t x = 0; x < gemm->cols; x++) {
                unfold_taps(columns + (r * gemm->cols + x) * gemm->depth + ky * taps, line, gemm,
                            x);
            }
        }
    }
}

static void fold(float *dsrc, const float *columns, const struct sgeo_onednn_gemm *gemm,
                 const struct strip *strip)
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t taps = gemm->depth / g->kernel, y;
    for (size_t r = 0; r < strip->rows; r++) {
        for (size_t ky = 0; ky < g->kernel; ky++) {
            if (!source_of(&y, g, strip->first + r, ky, g->height)) {
                continue;
            }
            for (size_t x = 0; x < gemm->cols; x++) {
                fold_taps(dsrc + line_at(gemm, strip, y),
                          columns + (r * gemm->cols + x) * gemm->depth + ky * taps, gemm, x);
            }
        }
    }
}

/* --- products --- */

/* The operands of a strip's product: columns (pixels, depth) in rows `width` apart. */
struct block {
    float *columns, *wei, *dst;
    size_t pixels, width;
};

static struct block block_of(const struct sgeo_onednn_gemm *gemm, const struct strip *strip,
                             float *columns, float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t filters = strip->group * (g->out_channels / g->groups);
    size_t row = strip->image * gemm->rows + strip->first;
    struct block block = {.columns = columns,
                          .wei = tensors[SGEO_ONEDNN_WEI] + filters,
                          .dst = tensors[SGEO_ONEDNN_DST] + row * gemm->cols * g->out_channels +
                                 filters,
                          .pixels = strip->rows * gemm->cols,
                          .width = gemm->depth};
    if (gemm->is_pointwise) {
        block.columns = tensors[SGEO_ONEDNN_SRC] + line_at(gemm, strip, 0);
        block.pixels = g->n * gemm->rows * gemm->cols;
        block.width = g->in_channels;
    }
    return block;
}

static void multiply_forward(const struct sgeo_conv_geometry *g, const struct block *block,
                             size_t depth)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)block->pixels,
                (int)(g->out_channels / g->groups), (int)depth, 1.0f, block->columns,
                (int)block->width, block->wei, (int)g->out_channels, 0.0f, block->dst,
                (int)g->out_channels);
}

static void multiply_backward_data(const struct sgeo_conv_geometry *g, const struct block *block,
                                   size_t depth)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)block->pixels, (int)depth,
                (int)(g->out_channels / g->groups), 1.0f, block->dst, (int)g->out_channels,
                block->wei, (int)g->out_channels, 0.0f, block->columns, (int)block->width);
}

static void multiply_backward_weights(const struct sgeo_conv_geometry *g, const struct block *block,
                                      size_t depth)
{
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)depth,
                (int)(g->out_channels / g->groups), (int)block->pixels, 1.0f, block->columns,
                (int)block->width, block->dst, (int)g->out_channels, 1.0f, block->wei,
                (int)g->out_channels);
}

static void run_strip(const struct sgeo_onednn_gemm *gemm, const struct strip *strip,
                      enum sgeo_onednn_direction direction, float *columns,
                      float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    struct block block = block_of(gemm, strip, columns, tensors);
    bool folds = !gemm->is_pointwise;
    if (direction == SGEO_ONEDNN_BACKWARD_DATA) {
        multiply_backward_data(&gemm->geometry, &block, gemm->depth);
        if (folds) {
            fold(tensors[SGEO_ONEDNN_SRC], columns, gemm, strip);
        }
        return;
    }
    if (folds) {
        unfold(columns, tensors[SGEO_ONEDNN_SRC], gemm, strip);
    }
    if (direction == SGEO_ONEDNN_FORWARD) {
        multiply_forward(&gemm->geometry, &block, gemm->depth);
    } else {
        multiply_backward_weights(&gemm->geometry, &block, gemm->depth);
    }
}

/* Results that strips add to begin as zeros. */
static void clear_result(const struct sgeo_onednn_gemm *gemm, enum sgeo_onednn_direction direction,
                         float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    if (direction == SGEO_ONEDNN_BACKWARD_WEIGHTS) {
        memset(tensors[SGEO_ONEDNN_WEI], 0, gemm->depth * g->out_channels * sizeof(float));
    } else if (direction == SGEO_ONEDNN_BACKWARD_DATA && !gemm->is_pointwise) {
        memset(tensors[SGEO_ONEDNN_SRC], 0,
               g->n * g->in_channels * g->height * g->width * sizeof(float));
    }
}

void sgeo_onednn_gemm_run(const struct sgeo_onednn_gemm *gemm, enum sgeo_onednn_direction direction,
                          float *columns, float *const tensors[SGEO_ONEDNN_N_TENSORS])
{
    const struct sgeo_conv_geometry *g = &gemm->geometry;
    size_t images = gemm->is_pointwise ? 1 : g->n;
    size_t step = gemm->is_pointwise ? gemm->rows : gemm->strip;
    clear_result(gemm, direction, tensors);
    for (size_t image = 0; image < images; image++) {
        for (size_t group = 0; group < g->groups; group++) {
            for (size_t first = 0; first < gemm->rows; first += step) {
                size_t left = gemm->rows - first;
                struct strip strip = {image, group, first, left < step ? left : step};
                run_strip(gemm, &strip, direction, columns, tensors);
            }
        }
    }
}
