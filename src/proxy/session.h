/*
 * A scoring session: runs the passes that the asked proxies need over one architecture, each once,
 * and hands out the evidence from which every proxy takes its score.
 *
 *   fixed    k mini-batches at one theta: losses, gradients          (zico, sigeo-eq6)
 *   tangent  beside it, d l_n / d alpha of every image               (sigeo-eq6)
 *   path     the same batches along plain SGD steps from theta       (sigeo-naslib)
 *   batch, hessian, jacobian, meco, zen, synflow: the suite's passes over the first mini-batch
 * (suite.h) The first batch at theta is shared by batch, fixed and path, and is not run twice.
 */
#ifndef SGEO_PROXY_SESSION_H
#define SGEO_PROXY_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "graph/graph.h"
#include "graph/store.h"
#include "proxy/suite.h"

enum sgeo_pass {
    SGEO_PASS_FIXED = 1,
    SGEO_PASS_TANGENT = 2,
    SGEO_PASS_PATH = 4,
    SGEO_PASS_BATCH = 8,
    SGEO_PASS_JACOBIAN = 16,
    SGEO_PASS_ZEN = 32,
    SGEO_PASS_SYNFLOW = 64,
    SGEO_PASS_MECO = 256,
    SGEO_PASS_HESSIAN = 128, /* needs SGEO_PASS_BATCH */
    /* of recommender models alone: ctr_measure.h */
    SGEO_PASS_NASREC = 512,
    SGEO_PASS_HEAD = 1024,    /* fixed and tangent of the last layer, as evidence of its own */
    SGEO_PASS_ONE_SHOT = 2048 /* no pass: a tuning of the last layer and a validation */
};

/* What only recommender models have. */
#define SGEO_PASSES_CTR ((unsigned)(SGEO_PASS_NASREC | SGEO_PASS_HEAD | SGEO_PASS_ONE_SHOT))

/* The k mini-batches, the same for every architecture. */
struct sgeo_batches {
    size_t k, batch;
    const void *images;     /* (k*batch, C, H, W) planar, backend elements */
    const uint16_t *labels; /* (k*batch) */
    const double *rows;     /* (classes, classes) soft targets by label; NULL: labels are exact */
};

struct sgeo_request {
    const struct sgeo_graph *graph;
    const struct sgeo_batches *batches;
    sgeo_theta_fill fill;
    void *fill_context;
    unsigned passes;                   /* union of enum sgeo_pass */
    double path_lr;                    /* 1 as the authors' code */
    enum sgeo_convention convention;   /* of the suite's proxies */
    const struct sgeo_zen_inputs *zen; /* with SGEO_PASS_ZEN */
};

/* What was measured, per weight tensor of L (layers, in the graph's order) and per batch. Owned by
 * the session, valid until its next measurement. */
struct sgeo_evidence {
    enum sgeo_convention convention; /* the request's */
    struct sgeo_counts counts;
    size_t k, batch;
    size_t n_layers;
    const char **layer_names; /* module names without ".weight" */
    /* fixed and tangent */
    double *losses;       /* (k) */
    double *theta_dot;    /* (k) sum over L of <W, g_b> */
    double *inner;        /* (n_layers) sum_i mean_b|g_bi| / std_b(g_bi) */
    size_t zero_std;      /* coordinates without deviation, padding not counted */
    double *dloss_dalpha; /* (k*batch) */
    /* path */
    double *path_losses;  /* (k) each before its step */
    double *path_inner;   /* (n_layers) */
    double *path_dot;     /* (n_layers) <sum_b g_b, W after the last step> */
    size_t n_path_layers; /* nasrec: how many of the arrays of the path it fills */
    double *path_all;     /* (n_layers) nasrec: path_inner of all coordinates, not of the first */
    double one_shot_loss; /* one-shot: validation log loss */
    struct sgeo_suite_evidence suite;
    /* CPU seconds of each pass; path includes the batch it shares */
    double seconds_fixed, seconds_tangent, seconds_path, seconds_one_shot;
};

struct sgeo_session;

/* A session for the calling thread, its backend of this precision and layout. The caller owns
 * *session and destroys it on the same thread. */
enum sgeo_status sgeo_session_create(struct sgeo_session **session, struct sgeo_executor executor);
void sgeo_session_destroy(struct sgeo_session *session);

struct sgeo_backend *sgeo_session_backend(struct sgeo_session *session);
struct sgeo_pool *sgeo_session_pool(struct sgeo_session *session);

/* Measure one architecture. */
enum sgeo_status sgeo_session_measure(struct sgeo_session *session,
                                      const struct sgeo_request *request,
                                      const struct sgeo_evidence **evidence);

#endif
