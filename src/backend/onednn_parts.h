/*
 * Inside of the f32 executor. onednn.c wraps the library and is the only file that knows its API;
 * onednn_depthwise.c, onednn_gemm.c and onednn_winograd.c stand in where the library has nothing
 * but loops; onednn_conv.c caches convolutions; the other onednn_*.c files work without it.
 */
#ifndef SGEO_BACKEND_ONEDNN_PARTS_H
#define SGEO_BACKEND_ONEDNN_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/backend.h"

/* Lanes of a layout's group: what the executor keeps on the stack for one group's channels. */
#define SGEO_ONEDNN_MAX_LANES ((size_t)256)
#define SGEO_ONEDNN_BUCKETS   ((size_t)256)

struct sgeo_onednn_family;

/* An f32 or bf16 executor; `base` comes first, so that a sgeo_backend pointer is one to this. */
struct sgeo_onednn {
    struct sgeo_backend base;
    struct sgeo_backend_table table;
    struct sgeo_interaction_table interaction;
    bool channels_last;
    struct sgeo_onednn_engine *engine;
    struct sgeo_onednn_family *families[SGEO_ONEDNN_BUCKETS]; /* the cache of convolutions */
    struct sgeo_linear *linears; /* the cache of linear layers, a list: small, read at creation */
};

/* Each file enters its operations into the table. */
void sgeo_onednn_fill_conv(struct sgeo_backend_table *table);
void sgeo_onednn_fill_linear(struct sgeo_backend_table *table);
void sgeo_onednn_fill_elementwise(struct sgeo_backend_table *table, bool bf16_maps);
void sgeo_onednn_fill_channels(struct sgeo_backend_table *table, bool bf16_maps);
void sgeo_onednn_fill_vector(struct sgeo_backend_table *table);
void sgeo_onednn_fill_interaction(struct sgeo_interaction_table *table);

/* Free the caches. */
void sgeo_onednn_free_convs(struct sgeo_onednn *self);
void sgeo_onednn_free_linears(struct sgeo_linear *linears);

/* Where an activation (n, channels, height, width) lies. */
struct sgeo_layout sgeo_onednn_layout(bool channels_last, size_t n, size_t channels, size_t height,
                                      size_t width);

static inline size_t sgeo_onednn_pixels(const struct sgeo_layout *layout)
{
    return layout->height * layout->width;
}

/* Tensors of a convolution, and the passes that each compute one of them from the other two. */
enum { SGEO_ONEDNN_SRC, SGEO_ONEDNN_WEI, SGEO_ONEDNN_DST, SGEO_ONEDNN_N_TENSORS };
enum sgeo_onednn_direction {
    SGEO_ONEDNN_FORWARD,
    SGEO_ONEDNN_BACKWARD_DATA,
    SGEO_ONEDNN_BACKWARD_WEIGHTS,
    SGEO_ONEDNN_N_DIRECTIONS
};

/* --- onednn_depthwise.c: the project's own kernels where oneDNN has no JIT code --- */

/* A depthwise convolution as the kernels take it. */
struct sgeo_onednn_depthwise {
    struct sgeo_layout in, out;
    struct sgeo_depthwise_window window;
};

/* Whether the kernels cover a geometry. */
bool sgeo_onednn_depthwise_fits(const struct sgeo_conv_geometry *geometry);

/* A geometry that fits, its activations in channel blocks of `lanes` or channels-last. */
struct sgeo_onednn_depthwise sgeo_onednn_depthwise_of(const struct sgeo_conv_geometry *geometry,
                                                      bool channels_last);

/* Compute the tensor that the pass is for from the two others, weights in the kernels' order. */
void sgeo_onednn_depthwise_run(const struct sgeo_onednn_depthwise *depthwise,
                               enum sgeo_onednn_direction direction,
                               float *const tensors[SGEO_ONEDNN_N_TENSORS]);

/* "sgeo:" and the kernels' ISA; static. */
const char *sgeo_onednn_depthwise_name(void);

/* --- onednn_winograd.c: F(4x4,3x3) by the project's kernels, when asked for --- */

struct sgeo_onednn_winograd {
    size_t in_channels, out_channels;
    struct sgeo_layout in, out;
};

/* Whether the kernels cover a geometry. */
bool sgeo_onednn_winograd_fits(const struct sgeo_conv_geometry *geometry);

struct sgeo_onednn_winograd sgeo_onednn_winograd_of(const struct sgeo_conv_geometry *geometry,
                                                    bool channels_last);

/* Floats of scratch that sgeo_onednn_winograd_run needs for `room`. */
size_t sgeo_onednn_winograd_room(const struct sgeo_onednn_winograd *winograd);

/* Compute a pass's result in `tensors`, weights row-major. */
void sgeo_onednn_winograd_run(const struct sgeo_onednn_winograd *winograd,
                              enum sgeo_onednn_direction direction, float *room,
                              float *const tensors[SGEO_ONEDNN_N_TENSORS]);

/* "sgeo_winograd:" and the kernels' ISA; static. */
const char *sgeo_onednn_winograd_name(void);

/* --- onednn_gemm.c: im2col and OpenBLAS where oneDNN has no JIT code --- */

/* A convolution on channels-last activations as matrix products. */
struct sgeo_onednn_gemm {
    struct sgeo_conv_geometry geometry;
    size_t rows, cols;             /* of output pixels in an image */
    size_t depth;                  /* weights of an output channel: k*k*Ci/g */
    size_t strip;                  /* rows of output pixels whose columns are held at a time */
    size_t src_pixel, src_channel; /* distances of neighbours in the source */
    bool is_pointwise;             /* the source is its own columns, of all images at once */
};

/* Whether this build takes matrix products before oneDNN's loops for a geometry. */
bool sgeo_onednn_gemm_fits(const struct sgeo_conv_geometry *geometry);

struct sgeo_onednn_gemm sgeo_onednn_gemm_of(const struct sgeo_conv_geometry *geometry);

/* Floats of scratch that sgeo_onednn_gemm_run needs for `columns`. */
size_t sgeo_onednn_gemm_columns(const struct sgeo_onednn_gemm *gemm);

/* Compute a pass's result in `tensors`: channels-last activations (the image is planar), weights
 * (k,k,Ci/g,Co). */
void sgeo_onednn_gemm_run(const struct sgeo_onednn_gemm *gemm, enum sgeo_onednn_direction direction,
                          float *columns, float *const tensors[SGEO_ONEDNN_N_TENSORS]);

const char *sgeo_onednn_gemm_name(const struct sgeo_onednn_gemm *gemm);

/* --- onednn.c: failures are SGEO_IO without memory, SGEO_UNSUPPORTED when oneDNN refuses --- */

/* Engine, stream and scratch of one thread, for convolutions on blocked or channels-last
 * activations, computed as the executor says. Sets OpenMP (this thread) and OpenBLAS to one
 * thread. SGEO_UNSUPPORTED for bf16 on a CPU without it. */
struct sgeo_onednn_engine;
enum sgeo_status sgeo_onednn_engine_create(struct sgeo_onednn_engine **engine,
                                           struct sgeo_executor executor, bool channels_last);
void sgeo_onednn_engine_destroy(struct sgeo_onednn_engine *engine);

/* Channels of a block with the ISA in use: 16 with AVX-512, 8 without. */
size_t sgeo_onednn_lanes(void);

/* The weight layout of a geometry (its n does not count), and the conversions from and to row-major
 * doubles. */
struct sgeo_onednn_weights;
enum sgeo_status sgeo_onednn_weights_create(struct sgeo_onednn_weights **weights,
                                            struct sgeo_onednn_engine *engine,
                                            const struct sgeo_conv_geometry *geometry);
void sgeo_onednn_weights_destroy(struct sgeo_onednn_weights *weights);
size_t sgeo_onednn_weights_elems(const struct sgeo_onednn_weights *weights);
void sgeo_onednn_weights_import(struct sgeo_onednn_engine *engine,
                                struct sgeo_onednn_weights *weights, float *wei,
                                const double *oihw);
void sgeo_onednn_weights_export(struct sgeo_onednn_engine *engine,
                                struct sgeo_onednn_weights *weights, double *oihw,
                                const float *wei);

/* The passes of one geometry and batch size; without backward data when the source is the image. */
struct sgeo_onednn_passes;
enum sgeo_status sgeo_onednn_passes_create(struct sgeo_onednn_passes **passes,
                                           struct sgeo_onednn_engine *engine,
                                           const struct sgeo_onednn_weights *weights,
                                           const struct sgeo_conv_geometry *geometry);
void sgeo_onednn_passes_destroy(struct sgeo_onednn_passes *passes);

/* Compute a pass's result; `buffers` are the three tensors or their gradients, in the executor's
 * layouts. */
void sgeo_onednn_run(struct sgeo_onednn_engine *engine, const struct sgeo_onednn_passes *passes,
                     enum sgeo_onednn_direction direction,
                     const void *const buffers[SGEO_ONEDNN_N_TENSORS]);

/* Name of the implementation behind a pass: oneDNN's, "sgeo:..." for the project's own,
 * "none" without one; valid as long as `passes`. */
const char *sgeo_onednn_implementation(const struct sgeo_onednn_passes *passes,
                                       enum sgeo_onednn_direction direction);

/*
 * A linear layer with bias and ReLU in one call, dst (n,out) = max(src (n,in) wei^T (out,in) +
 * bias, 0), all row-major; sizes fit an int. *dense is NULL where the library has nothing but
 * loops.
 */
struct sgeo_onednn_dense;
enum sgeo_status sgeo_onednn_dense_create(struct sgeo_onednn_dense **dense,
                                          struct sgeo_onednn_engine *engine, size_t n, size_t in,
                                          size_t out);
void sgeo_onednn_dense_destroy(struct sgeo_onednn_dense *dense);
void sgeo_onednn_dense_run(struct sgeo_onednn_engine *engine, const struct sgeo_onednn_dense *dense,
                           float *dst, const float *src, const float *wei, const float *bias);

/* dst (rows,cols) = keep * dst + left (rows,depth) right (depth,cols), row-major; a transposed
 * factor is stored the other way. Sizes fit an int. */
struct sgeo_onednn_product {
    bool left_transposed, right_transposed;
    size_t rows, cols, depth;
    float keep; /* 0: dst is overwritten, 1: added to */
};
void sgeo_onednn_multiply(struct sgeo_onednn_engine *engine, float *dst, const float *left,
                          const float *right, const struct sgeo_onednn_product *product);

#endif
