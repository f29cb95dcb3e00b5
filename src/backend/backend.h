/*
 * The op table: everything numerical that a network needs, once for f32 (oneDNN primitives and the
 * project's kernels) and once for double (im2col and dgemm; the oracle). Its part for recommender
 * models is in interaction.h.
 *
 * Buffers are untyped: elements are float or double as elem_bytes says. An activation is a
 * sgeo_layout; per-channel arrays are double and have groups*lanes entries in both. Padding
 * channels (C up to groups*lanes) hold zeros and stay zero.
 *
 * A backend belongs to one thread. It caches primitives by geometry, so a second network of the
 * same space creates nothing. Operations on valid arguments cannot fail; creation can.
 */
#ifndef SGEO_BACKEND_BACKEND_H
#define SGEO_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/interaction.h"
#include "base/status.h"
#include "kernels/kernel.h"

/* SGEO_BF16: the f32 executor with its maps in bf16 and their convolutions on bf16 weights;
 * arithmetic, parameters and their gradients are f32, and so is its table's precision. */
enum sgeo_precision { SGEO_F32, SGEO_F64, SGEO_BF16 };

/* How the f32 executor keeps activations: in channel blocks of a vector's width, or channels-last.
 * The double executor is planar and ignores it. */
enum sgeo_layout_choice {
    SGEO_LAYOUT_AUTO, /* blocked on x86, channels-last elsewhere */
    SGEO_LAYOUT_BLOCKED,
    SGEO_LAYOUT_NHWC
};

/* Which executor, and how it computes; zeros are the default. */
struct sgeo_executor {
    enum sgeo_precision precision;
    enum sgeo_layout_choice layout;
    bool winograd; /* f32: 3x3 convolutions by F(4x4,3x3), faster and less exact */
};

struct sgeo_backend; /* one executor: table, primitive cache, scratch */
struct sgeo_conv;   /* a convolution of one geometry and batch size; owned by the backend's cache */
struct sgeo_linear; /* likewise */

/* 2-D convolution, square in every respect; no bias. src (n, in_channels, height, width). */
struct sgeo_conv_geometry {
    size_t n, in_channels, out_channels, height, width;
    size_t kernel, stride, pad, dilation, groups; /* dilation 1 = dense */
    bool image_source; /* src and its gradient are the input image: planar (n,C,H,W) */
};

/* Summand of an affine sum; arrays as in sgeo_affine_term, in double. */
struct sgeo_term {
    const void *src;
    const double *center;
    const double *scale;
};

/* `channels` channels of src, from `first` on; src NULL: as many zeros. */
struct sgeo_channel_source {
    const void *src;
    const struct sgeo_layout *layout; /* NULL with src */
    size_t first, channels;
};

/* Where the next `channels` channels go; dst NULL: nowhere. */
struct sgeo_channel_target {
    void *dst;
    const struct sgeo_layout *layout; /* NULL with dst */
    size_t channels;
};

/*
 * What works on whole tensors of one element type: maps, the activations (N,C,H,W) inside a
 * network, which may be narrower than everything else, or plain tensors, which are matrices, images
 * and flat vectors. Contracts of the sums as the f32 kernels of kernel.h.
 */
struct sgeo_tensor_table {
    size_t bytes; /* of an element */
    void (*affine_sum)(struct sgeo_backend *, void *dst, void *relu, const struct sgeo_term *terms,
                       size_t n_terms, const double *shift, const struct sgeo_layout *);
    void (*gated_sum)(struct sgeo_backend *, void *dst, const void *gate, const void *const *gated,
                      size_t n_gated, const void *const *plain, size_t n_plain, size_t count);
    /* dst = the sources' channels side by side, zeros behind them, padding included; same n,
     * height, width; at most SGEO_CONCAT_MAX_PARTS. Concatenation, channel slices, and the slices'
     * transpose. */
    void (*concat)(struct sgeo_backend *, void *dst, const struct sgeo_channel_source *sources,
                   size_t n_sources, const struct sgeo_layout *);
    /* Each target's dst = its channels of src, zeros behind them: the concatenation's transpose. */
    void (*split)(struct sgeo_backend *, const struct sgeo_channel_target *targets,
                  size_t n_targets, const void *src, const struct sgeo_layout *);
};

struct sgeo_backend_table {
    const char *name; /* "onednn-f32", "onednn-bf16", "reference-f64" */
    enum sgeo_precision precision;
    size_t elem_bytes; /* of parameters and plain tensors */
    struct sgeo_tensor_table maps, plain;

    /* --- activations --- */
    /* The layout of an activation (n, channels, height, width) inside the network, and its elements
     * including padding. */
    struct sgeo_layout (*layout)(const struct sgeo_backend *, size_t n, size_t channels,
                                 size_t height, size_t width);
    /* planar double (N,C,H,W) without padding <-> this backend's layout */
    void (*activation_import)(struct sgeo_backend *, void *dst, const double *planar,
                              size_t channels, const struct sgeo_layout *);
    void (*activation_export)(struct sgeo_backend *, double *planar, const void *src,
                              size_t channels, const struct sgeo_layout *);

    /* --- convolution --- */
    enum sgeo_status (*conv_create)(struct sgeo_backend *, struct sgeo_conv **,
                                    const struct sgeo_conv_geometry *);
    /* Elements of a weight buffer in the layout of forward and backward-weights (>= the logical
     * count; padding is zero). Depends on the geometry but not on n. */
    size_t (*conv_weight_elems)(const struct sgeo_conv *);
    /* row-major [out][in/groups][k][k] doubles <-> that layout */
    void (*conv_weight_import)(struct sgeo_backend *, struct sgeo_conv *, void *wei,
                               const double *oihw);
    void (*conv_weight_export)(struct sgeo_backend *, struct sgeo_conv *, double *oihw,
                               const void *wei);
    void (*conv_forward)(struct sgeo_backend *, struct sgeo_conv *, void *dst, const void *src,
                         const void *wei);
    void (*conv_backward_data)(struct sgeo_backend *, struct sgeo_conv *, void *dsrc,
                               const void *ddst, const void *wei);
    void (*conv_backward_weights)(struct sgeo_backend *, struct sgeo_conv *, void *dwei,
                                  const void *src, const void *ddst);
    /* Names of the three implementations in use (forward, backward data, backward weights), for
     * provenance and tests. */
    void (*conv_implementations)(const struct sgeo_conv *, const char *names[3]);

    /* --- linear: dst (n,out) = src (n,in) wei^T (out,in) + bias (out); all row-major, unpadded ---
     */
    /* rectified: forward with a bias ends with a ReLU in the same call, dst where it is positive
     * and 0 elsewhere; without a bias it is the product alone, as tangents need it. */
    enum sgeo_status (*linear_create)(struct sgeo_backend *, struct sgeo_linear **, size_t n,
                                      size_t in, size_t out, bool rectified);
    void (*linear_forward)(struct sgeo_backend *, struct sgeo_linear *, void *dst, const void *src,
                           const void *wei, const void *bias /* may be NULL */);
    void (*linear_backward_data)(struct sgeo_backend *, struct sgeo_linear *, void *dsrc,
                                 const void *ddst, const void *wei);
    void (*linear_backward_weights)(struct sgeo_backend *, struct sgeo_linear *, void *dwei,
                                    void *dbias /* may be NULL */, const void *src,
                                    const void *ddst);

    /* --- reductions and pools of maps; contracts as the f32 kernels of kernel.h --- */
    void (*channel_moments)(struct sgeo_backend *, double *mean, double *var, const void *src,
                            const struct sgeo_layout *);
    void (*channel_dots)(struct sgeo_backend *, double *sum, double *dot, const void *d,
                         const void *x, const double *center, const struct sgeo_layout *);
    void (*avgpool)(struct sgeo_backend *, void *dst, const void *src,
                    const struct sgeo_pool_window *, const struct sgeo_layout *in,
                    const struct sgeo_layout *out);
    void (*avgpool_grad)(struct sgeo_backend *, void *dsrc, const void *ddst,
                         const struct sgeo_pool_window *, const struct sgeo_layout *in,
                         const struct sgeo_layout *out);
    void (*maxpool)(struct sgeo_backend *, void *dst, uint8_t *where, const void *src,
                    const struct sgeo_pool_window *, const struct sgeo_layout *in,
                    const struct sgeo_layout *out);
    void (*maxpool_grad)(struct sgeo_backend *, void *dsrc, const void *ddst, const uint8_t *where,
                         const struct sgeo_pool_window *, const struct sgeo_layout *in,
                         const struct sgeo_layout *out);
    /* dst (n, channels) row-major unpadded = mean over pixels of src; and its transpose (dsrc
     * overwritten, padding zero). */
    void (*global_mean)(struct sgeo_backend *, void *dst, const void *src, size_t channels,
                        const struct sgeo_layout *);
    void (*global_mean_grad)(struct sgeo_backend *, void *dsrc, const void *ddst, size_t channels,
                             const struct sgeo_layout *);

    /* --- flat vectors --- */
    void (*grad_moments)(struct sgeo_backend *, struct sgeo_moments *, const void *const *g,
                         size_t k, const void *theta /* may be NULL */, size_t n);
    void (*sgd_step)(struct sgeo_backend *, void *theta, void *velocity /* may be NULL */,
                     const void *grad, const struct sgeo_sgd *, size_t n);
    void (*adagrad_step)(struct sgeo_backend *, void *theta, void *accumulator, const void *grad,
                         double lr, double epsilon, size_t n);
    /* sum a*b and sum |a*b|, in double */
    double (*dot)(struct sgeo_backend *, const void *a, const void *b, size_t n);
    double (*absolute_dot)(struct sgeo_backend *, const void *a, const void *b, size_t n);

    const struct sgeo_interaction_table *interaction; /* layers of recommender models */

    void (*destroy)(struct sgeo_backend *);
};

/* Every implementation of the table starts with this. */
struct sgeo_backend {
    const struct sgeo_backend_table *ops;
};

/*
 * Create an executor for the calling thread (one thread inside: parallelism is by
 * architecture). The caller owns *backend and destroys it with sgeo_backend_destroy, on the same
 * thread.
 */
enum sgeo_status sgeo_backend_create(struct sgeo_backend **backend, struct sgeo_executor executor);
void sgeo_backend_destroy(struct sgeo_backend *backend);

/* What a choice means on this machine: "blocked" or "nhwc". */
const char *sgeo_layout_name(enum sgeo_layout_choice choice);

/* In what an executor computes: "f32", "f32-winograd", "bf16", "f64". */
const char *sgeo_arithmetic_name(struct sgeo_executor executor);

/* Elements of an activation buffer in `layout`. */
static inline size_t sgeo_layout_elems(const struct sgeo_layout *layout)
{
    return layout->n * layout->image;
}

/*
 * Cap oneDNN's ISA to that of the kernels (before its first call), and read back what it uses.
 * SGEO_UNSUPPORTED when the two disagree. version and isa are static strings.
 */
enum sgeo_status sgeo_onednn_cap_isa(const char *kernel_isa);
void sgeo_onednn_describe(const char **version, const char **effective_isa);

#endif
