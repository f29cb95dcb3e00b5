/*
 * Passes of a recommender model, its network and its embedding tables together: logits, gradients,
 * clipping, Adagrad. Training and proxies are made of these.
 *
 *   rows -> input (n,W) -> logits (n) -> binary cross-entropy -> gradient, dense and of touched
 * rows
 */
#ifndef SGEO_SPACE_CTR_PASS_H
#define SGEO_SPACE_CTR_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/embedding.h"
#include "graph/network.h"

/* Rows of click data. */
struct sgeo_ctr_batch {
    struct sgeo_feature_batch features;
    const uint16_t *labels; /* (n), 1: clicked */
};

/* A model in use. Everything belongs to the caller. */
struct sgeo_ctr_use {
    const struct sgeo_graph *graph; /* one logit, on the input of `embedding` */
    const struct sgeo_store *store; /* has the graph's segments; may have more */
    const struct sgeo_embedding *embedding;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    void *theta, *tables; /* vectors of store and embedding */
    bool head_only;       /* all but the layer that gives the logit is frozen */
    bool frozen_tables;   /* embedding tables are frozen, the network learns */
};

/* Whether the embedding tables learn. */
static inline bool sgeo_ctr_tables_learn(const struct sgeo_ctr_use *use)
{
    return !use->head_only && !use->frozen_tables;
}

/* Which gradient: dense (a vector of the store; undefined where nothing learns) and of touched
 * rows. It lies in the use's pool, which outlives it. */
struct sgeo_ctr_gradient {
    void *dense;
    struct sgeo_table_gradient *rows; /* NULL where tables do not learn */
    struct sgeo_buffer *room;         /* behind dense */
};
enum sgeo_status sgeo_ctr_gradient_create(struct sgeo_ctr_gradient *gradient,
                                          const struct sgeo_ctr_use *use, size_t batch);
void sgeo_ctr_gradient_destroy(struct sgeo_ctr_gradient *gradient);

/*
 * Initial numbers of the two vectors from (seed, "init:NAME", index): the graph's rule for weights
 * and biases (Xavier-uniform and 0), Xavier-normal embeddings (spec nasrec, section 1.4).
 */
enum sgeo_status sgeo_ctr_init(const struct sgeo_ctr_use *use, uint64_t seed, uint64_t index);

/* What passes are for, besides logits. */
enum sgeo_ctr_purpose { SGEO_CTR_LOGITS, SGEO_CTR_GRADIENTS, SGEO_CTR_TANGENTS };

struct sgeo_ctr_pass;

/*
 * Passes over batches of exactly `batch` rows; TANGENTS has gradients too. The use must outlive it.
 * The caller owns *pass. SGEO_USAGE when graph and embedding do not fit or there is not one logit;
 * SGEO_UNSUPPORTED for head_only where that is no linear layer.
 */
enum sgeo_status sgeo_ctr_pass_create(struct sgeo_ctr_pass **pass, const struct sgeo_ctr_use *use,
                                      size_t batch, enum sgeo_ctr_purpose purpose);
void sgeo_ctr_pass_destroy(struct sgeo_ctr_pass *pass);

/* Segments of the graph that learn, as places in the store's vectors: all, or the head's. */
size_t sgeo_ctr_pass_segments(const struct sgeo_ctr_pass *pass);
struct sgeo_place sgeo_ctr_pass_place(const struct sgeo_ctr_pass *pass, size_t index);

/* logits (batch) of rows; they are the pass's, until the next one. */
enum sgeo_status sgeo_ctr_pass_logits(struct sgeo_ctr_pass *pass,
                                      const struct sgeo_feature_batch *features,
                                      const double **logits);

/* Mean loss of the rows, and its gradient in what learns. */
enum sgeo_status sgeo_ctr_pass_gradient(struct sgeo_ctr_pass *pass,
                                        struct sgeo_ctr_gradient *gradient,
                                        const struct sgeo_ctr_batch *rows, double *loss);

/* After a gradient with TANGENTS: d l_n((1+a) theta) / da (batch), theta all that learns. */
void sgeo_ctr_pass_loss_tangent(const struct sgeo_ctr_pass *pass, double *dloss_dalpha,
                                const struct sgeo_ctr_batch *rows);

/* Scale the gradient to the norm `limit` if it is longer, as PyTorch does: by limit / (norm +
 * 1e-6). Returns its norm before, over dense and touched rows together. */
double sgeo_ctr_pass_clip(const struct sgeo_ctr_pass *pass, struct sgeo_ctr_gradient *gradient,
                          double limit);

/* Sums of squares of Adagrad, vectors of store and embedding (NULL where tables do not learn). */
struct sgeo_ctr_squares {
    void *dense, *tables;
};

/* Adagrad: squares += g^2, theta -= lr g / (sqrt(squares) + epsilon), of what learns. */
void sgeo_ctr_pass_adagrad(const struct sgeo_ctr_pass *pass, const struct sgeo_ctr_squares *squares,
                           const struct sgeo_ctr_gradient *gradient, double lr, double epsilon);

#endif
