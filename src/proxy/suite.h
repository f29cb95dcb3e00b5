/*
 * What NAS-Bench-Suite-Zero's proxies read: passes over one mini-batch of a fresh network, in
 * training mode, nodes off every path included (but for naswot in our convention).
 *
 *   batch     loss and gradient: grad-norm, snip, plain, l2-norm, fisher, naswot
 *   hessian   (behind batch) Hessian times theta, both restricted to L: grasp
 *   jacobian  gradient of the summed logits by the images: jacov, epe-nas
 *   meco      forward of the first image alone: meco, meco-opt
 *   zen       two forwards of Gaussian weights and images
 *   synflow   absolute weights, batch norms passed by, one image of ones; in double always
 */
#ifndef SGEO_PROXY_SUITE_H
#define SGEO_PROXY_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/network.h"

/*
 * What a proxy's name stands for where the suite's code and the definition behind it part: what the
 * code computes, quirks included, or the definition. The top of a proxy's file says where they do.
 */
enum sgeo_convention { SGEO_CONVENTION_SUITE, SGEO_CONVENTION_OURS };

/* "suite" or "ours". */
const char *sgeo_convention_name(enum sgeo_convention convention);

/* A network's parameters before a pass: random, by formula, or inherited from a supernet. */
typedef enum sgeo_status (*sgeo_theta_fill)(const struct sgeo_store *store, void *theta,
                                            void *context);

/* Gaussian weights and images of the zen pass. */
struct sgeo_zen_inputs {
    sgeo_theta_fill fill; /* weights of L from N(0,1), biases 0, scale 1, shift 0 */
    void *fill_context;
    void *images[2]; /* x and x + 0.01 dx, (batch,C,H,W) planar backend elements */
};

/*
 * x and x + 0.01 dx of zen, `count` elements each of backend elements: x_j =
 * sgeo_hash_normal(keys[0], j), dx likewise with keys[1]. The caller frees both with sgeo_free.
 */
enum sgeo_status sgeo_zen_images(void *images[2], size_t count, enum sgeo_precision precision,
                                 const uint64_t keys[2]);

/* Results; arrays belong to the session and stay until its next measurement. */
struct sgeo_suite_evidence {
    size_t batch, image_elems, classes;
    const uint16_t *labels; /* (batch), the request's */
    /* batch */
    double loss, grad_norm, snip, plain, l2_norm, fisher;
    double *agreement; /* (batch,batch): ReLU units in the same state; those of dead edges count in
                          the suite's convention alone */
    size_t relu_units; /* of one image */
    /* hessian */
    double grasp; /* -<g, H theta> over L */
    /* jacobian */
    double jacobian_l2;     /* Frobenius norm of J (batch, image_elems) */
    bool jacobian_is_noise; /* the norm is at most sgeo_jacobian_noise: J is 0 but for rounding */
    double *correlation;    /* (batch,batch) of its rows; NaN where a row is constant */
    /* meco: sums of smallest eigenvalues, with the reference implementation's hooks, or one a conv,
     * batch norm, ReLU and pool (leaf) */
    double meco, meco_opt, meco_leaf, meco_leaf_opt;
    size_t meco_leaf_hooks; /* summands of meco_leaf */
    /* zen */
    double zen_log_difference, zen_log_norms;
    /* synflow */
    double synflow; /* sum over L of sum |W dR/dW| */
    /* CPU seconds of each pass */
    double seconds_batch, seconds_hessian, seconds_jacobian, seconds_meco, seconds_zen,
        seconds_synflow;
};

/* One architecture under measurement. grad and theta are vectors of `store`. */
struct sgeo_suite_run {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    const struct sgeo_graph *graph;
    const struct sgeo_store *store;
    size_t batch;
    const void *images; /* (batch,C,H,W) planar backend elements */
    const uint16_t *labels;
    const double *rows; /* as in sgeo_batches */
    void *theta, *grad;
    void *curvature; /* scratch of the hessian pass */
    enum sgeo_convention convention;
    struct sgeo_suite_evidence *evidence;
};

/* Fill the evidence of one pass each. The batch pass leaves the gradient in run->grad. */
enum sgeo_status sgeo_suite_batch(const struct sgeo_suite_run *run);
enum sgeo_status sgeo_suite_hessian(const struct sgeo_suite_run *run); /* reads run->grad */
enum sgeo_status sgeo_suite_jacobian(const struct sgeo_suite_run *run);

/*
 * The largest Frobenius norm of a batch Jacobian that is rounding alone. Where the last feature map
 * is a sum of outputs of training-mode batch norms (nb301, tnb101), the logits summed over a batch
 * are constant: J is 0, and jacov and epe-nas carry no information (spec of the proxies, 8.1).
 * Measured there: up to 1e-13 in double, 1.5e-5 in float; 0.3 and more where J means something.
 */
double sgeo_jacobian_noise(enum sgeo_precision precision);

enum sgeo_status sgeo_suite_meco(const struct sgeo_suite_run *run);
enum sgeo_status sgeo_suite_zen(const struct sgeo_suite_run *run,
                                const struct sgeo_zen_inputs *inputs);

/* The synflow pass on a double backend of its own; `fill` makes the weights whose absolute values
 * count. */
enum sgeo_status sgeo_suite_synflow(double *synflow, const struct sgeo_graph *graph,
                                    struct sgeo_backend *backend, struct sgeo_pool *pool,
                                    sgeo_theta_fill fill, void *fill_context);

#endif
