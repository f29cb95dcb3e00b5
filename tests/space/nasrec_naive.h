/*
 * The published semantics of a NASRec supernet's path (spec nasrec, sections 1.2 and 1.3) once
 * more, in plain loops over one sample and nothing of the graph: what the masked networks must
 * compute.
 */
#ifndef SGEO_TESTS_SPACE_NASREC_NAIVE_H
#define SGEO_TESTS_SPACE_NASREC_NAIVE_H

#include "space/nasrec_build.h"
#include "space/nasrec_supernet.h"
#include "space/rig.h"

enum { NAIVE_E = SGEO_NASREC_DIM, NAIVE_MAX = 4096 };

struct naive {
    const struct sgeo_nasrec_supernet *supernet;
    const struct sgeo_store *store;
    const double *theta;
    size_t block;
    size_t dense_at[9], sparse_at[9]; /* where the inputs start; rows of sparse ones */
    double dense[NAIVE_MAX], sparse[NAIVE_MAX * 2]; /* all outputs so far, sparse (rows,16) */
};

/* Parameters "block3.PART" of the block at hand. */
static inline const double *naive_values(const struct naive *n, const char *part)
{
    char name[SGEO_NAME_MAX];
    snprintf(name, sizeof name, "block%zu.%s", n->block, part);
    size_t s = sgeo_store_find(n->store, name);
    ck_assert_msg(s != SGEO_NONE, "%s", name);
    return n->theta + sgeo_store_place(n->store, s).offset;
}

/* y[i * step] = sum_j w[i][j] x[j * step] + b[i] */
static inline void naive_linear(double *y, const double *w, const double *bias, const double *x,
                                size_t out, size_t in, size_t step)
{
    for (size_t i = 0; i < out; i++) {
        double sum = bias == NULL ? 0.0 : bias[i];
        for (size_t j = 0; j < in; j++) {
            sum += w[i * in + j] * x[j * step];
        }
        y[i * step] = sum;
    }
}

static inline void naive_norm(double *x, const double *gamma, const double *beta, size_t n,
                              size_t step)
{
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += x[i * step] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        variance += (x[i * step] - mean) * (x[i * step] - mean) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        x[i * step] = (x[i * step] - mean) / sqrt(variance + 1e-5) * gamma[i] + beta[i];
    }
}

/* out = [zeros where set lacks the input | the input], of everything before the block */
static inline size_t naive_select(double *out, const double *from, const size_t *at, size_t block,
                                  unsigned set, size_t unit)
{
    for (size_t j = 0; j < block; j++) {
        for (size_t i = at[j] * unit; i < at[j + 1] * unit; i++) {
            out[i] = (set >> j & 1U) != 0 ? from[i] : 0.0;
        }
    }
    return at[block];
}

/* Layer norm named "LN.gamma" and "LN.beta", after a linear layer on a vector or on all columns. */
static inline void naive_normed(const struct naive *n, double *y, const double *x, size_t out,
                                size_t in, const char *const names[4], size_t step)
{
    const double *bias = names[1] == NULL ? NULL : naive_values(n, names[1]);
    for (size_t c = 0; c < step; c++) {
        naive_linear(y + c, naive_values(n, names[0]), bias, x + c, out, in, step);
        if (names[2] != NULL) {
            naive_norm(y + c, naive_values(n, names[2]), naive_values(n, names[3]), out, step);
        }
    }
}

static inline void naive_dot(const struct naive *n, double *y, const double *dense, size_t width,
                             const double *sparse, size_t rows)
{
    static double t[128 * NAIVE_E], pairs[NAIVE_MAX];
    size_t d = n->supernet->dense_dim, p = (size_t)lround(sqrt(2.0 * (double)d)), count = 0;
    naive_normed(n, t, dense, NAIVE_E, width,
                 (const char *const[]){"dot.dense_proj.weight", NULL, "dot.dense_ln.gamma",
                                       "dot.dense_ln.beta"},
                 1);
    naive_normed(
        n, t + NAIVE_E, sparse, p, rows,
        (const char *const[]){"dot.row_proj.weight", NULL, "dot.row_ln.gamma", "dot.row_ln.beta"},
        NAIVE_E);
    for (size_t i = 1; i <= p; i++) {
        for (size_t j = 0; j < i; j++) {
            pairs[count] = 0.0;
            for (size_t e = 0; e < NAIVE_E; e++) {
                pairs[count] += t[i * NAIVE_E + e] * t[j * NAIVE_E + e];
            }
            count++;
        }
    }
    naive_normed(
        n, y, pairs, d, count,
        (const char *const[]){"dot.out_proj.weight", NULL, "dot.out_ln.gamma", "dot.out_ln.beta"},
        1);
}

static inline void naive_gate(const struct naive *n, double *y, const double *left,
                              const double *right, size_t m)
{
    static double gated[NAIVE_MAX];
    naive_linear(gated, naive_values(n, "gate.self.weight"), naive_values(n, "gate.self.bias"),
                 left, m, m, 1);
    for (size_t i = 0; i < m; i++) {
        gated[i] = right[i] / (1.0 + exp(-gated[i]));
    }
    naive_normed(n, y, gated, n->supernet->dense_dim, m,
                 (const char *const[]){"gate.out_proj.weight", "gate.out_proj.bias",
                                       "gate.ln.gamma", "gate.ln.beta"},
                 1);
}

/* softmax(q k' / sqrt(2)) v in 8 heads of 2 columns; qkv (rows, 48) */
static inline void naive_heads(double *y, const double *qkv, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t h = 0; h < 8; h++) {
            const double *q = qkv + i * 48 + 2 * h;
            double total = 0.0, sum[2] = {0.0, 0.0};
            for (size_t j = 0; j < rows; j++) {
                const double *k = qkv + j * 48 + 16 + 2 * h, *v = k + 16;
                double weight = exp((q[0] * k[0] + q[1] * k[1]) / sqrt(2.0));
                total += weight;
                sum[0] += weight * v[0];
                sum[1] += weight * v[1];
            }
            y[i * NAIVE_E + 2 * h] = sum[0] / total;
            y[i * NAIVE_E + 2 * h + 1] = sum[1] / total;
        }
    }
}

static inline void naive_attention(const struct naive *n, double *y, const double *sparse,
                                   size_t rows, size_t live)
{
    static double x[64 * NAIVE_E], qkv[64 * 48], heads[64 * NAIVE_E];
    size_t s = n->supernet->sparse_dim;
    naive_normed(n, x, sparse, s, rows,
                 (const char *const[]){"attn.row_proj.weight", NULL, "attn.row_ln.gamma",
                                       "attn.row_ln.beta"},
                 NAIVE_E);
    memset(x + live * NAIVE_E, 0, (s - live) * NAIVE_E * sizeof *x);
    for (size_t i = 0; i < s; i++) {
        naive_linear(qkv + i * 48, naive_values(n, "attn.in_proj.weight"),
                     naive_values(n, "attn.in_proj.bias"), x + i * NAIVE_E, 48, NAIVE_E, 1);
    }
    naive_heads(heads, qkv, s);
    for (size_t i = 0; i < s; i++) {
        double *at = x + i * NAIVE_E, hidden[NAIVE_E], out[NAIVE_E];
        naive_linear(out, naive_values(n, "attn.out_proj.weight"),
                     naive_values(n, "attn.out_proj.bias"), heads + i * NAIVE_E, NAIVE_E, NAIVE_E,
                     1);
        for (size_t e = 0; e < NAIVE_E; e++) {
            at[e] += out[e];
        }
        naive_norm(at, naive_values(n, "attn.attn_ln.gamma"), naive_values(n, "attn.attn_ln.beta"),
                   NAIVE_E, 1);
        naive_linear(hidden, naive_values(n, "attn.fc1.weight"), naive_values(n, "attn.fc1.bias"),
                     at, NAIVE_E, NAIVE_E, 1);
        for (size_t e = 0; e < NAIVE_E; e++) {
            hidden[e] = fmax(hidden[e], 0.0);
        }
        naive_linear(out, naive_values(n, "attn.fc2.weight"), naive_values(n, "attn.fc2.bias"),
                     hidden, NAIVE_E, NAIVE_E, 1);
        for (size_t e = 0; e < NAIVE_E; e++) {
            y[i * NAIVE_E + e] = at[e] + out[e];
        }
        naive_norm(y + i * NAIVE_E, naive_values(n, "attn.ffn_ln.gamma"),
                   naive_values(n, "attn.ffn_ln.beta"), NAIVE_E, 1);
    }
}

/* to += the first `live` of x, ReLU'd or not */
static inline void naive_add(double *to, const double *x, size_t live, bool relu)
{
    for (size_t i = 0; i < live; i++) {
        to[i] += relu ? fmax(x[i], 0.0) : x[i];
    }
}

static inline void naive_mergers(struct naive *n, double *dense, double *sparse, size_t live,
                                 bool to_sparse, bool fm)
{
    size_t d = n->supernet->dense_dim, s = n->supernet->sparse_dim;
    double machine[NAIVE_E];
    static double y[NAIVE_MAX];
    if (to_sparse) {
        naive_normed(n, sparse + s * NAIVE_E, dense, 8 * NAIVE_E, d,
                     (const char *const[]){"to_sparse.weight", NULL, "to_sparse_ln.gamma",
                                           "to_sparse_ln.beta"},
                     1);
    }
    for (size_t e = 0; fm && e < NAIVE_E; e++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < s; i++) {
            sum += sparse[i * NAIVE_E + e];
            squares += sparse[i * NAIVE_E + e] * sparse[i * NAIVE_E + e];
        }
        machine[e] = sum * sum - squares;
    }
    if (fm) {
        naive_normed(n, y, machine, d, NAIVE_E,
                     (const char *const[]){"fm_proj.weight", NULL, "fm_ln.gamma", "fm_ln.beta"}, 1);
        naive_add(dense, y, live, false);
    }
}

static inline void naive_block(struct naive *n, const struct sgeo_nasrec_path *path)
{
    static double in[NAIVE_MAX], rows_in[2 * NAIVE_MAX], left[NAIVE_MAX], right[NAIVE_MAX];
    static double y[NAIVE_MAX];
    const struct sgeo_nasrec_block *block = &path->arch.blocks[n->block - 1];
    bool all = path->all_ops[n->block - 1], full = n->supernet->space == SGEO_NASREC_FULL;
    unsigned any = (1U << n->block) - 1;
    size_t d = all ? n->supernet->dense_dim : block->dense_dim;
    size_t s = all ? n->supernet->sparse_dim : block->sparse_dim;
    size_t width = naive_select(in, n->dense, n->dense_at, n->block, block->dense_inputs, 1);
    size_t rows =
        naive_select(rows_in, n->sparse, n->sparse_at, n->block, block->sparse_inputs, NAIVE_E);
    naive_select(left, n->dense, n->dense_at, n->block, path->all_inputs ? any : 1U << block->left,
                 1);
    naive_select(right, n->dense, n->dense_at, n->block,
                 path->all_inputs ? any : 1U << block->right, 1);
    double *dense = n->dense + width, *sparse = n->sparse + rows * NAIVE_E;
    size_t dim = n->supernet->dense_dim, most = n->supernet->sparse_dim;
    if (all || block->dense_op == SGEO_NASREC_FC) {
        naive_normed(n, y, in, dim, width,
                     (const char *const[]){"fc.linear.weight", NULL, "fc.ln.gamma", "fc.ln.beta"},
                     1);
        naive_add(dense, y, d, true);
    }
    if (all || block->dense_op == SGEO_NASREC_DOT) {
        naive_dot(n, y, in, width, rows_in, rows);
        naive_add(dense, y, d, false);
    }
    if ((all && full) || block->dense_op == SGEO_NASREC_GATE) {
        naive_gate(n, y, left, right, width);
        naive_add(dense, y, d, false);
    }
    if ((all && full) || block->dense_op == SGEO_NASREC_SUM) {
        for (size_t i = 0; i < width; i++) {
            left[i] += right[i];
        }
        naive_normed(
            n, y, left, dim, width,
            (const char *const[]){"sum.out_proj.weight", NULL, "sum.ln.gamma", "sum.ln.beta"}, 1);
        naive_add(dense, y, d, false);
    }
    if ((all && full) || block->sparse_op == SGEO_NASREC_ATTENTION) {
        naive_attention(n, y, rows_in, rows, s);
        naive_add(sparse, y, s * NAIVE_E, false);
    }
    if (all || block->sparse_op == SGEO_NASREC_EFC) {
        naive_normed(
            n, y, rows_in, most, rows,
            (const char *const[]){"efc.linear.weight", NULL, "efc.ln.gamma", "efc.ln.beta"},
            NAIVE_E);
        naive_add(sparse, y, s * NAIVE_E, true);
    }
    naive_mergers(n, dense, sparse, d, all || block->dense_to_sparse, all || block->fm);
    n->dense_at[n->block + 1] = width + dim;
    n->sparse_at[n->block + 1] = rows + most + 8;
}

/* The logit of one sample: dense features, then the rows of the fields. */
static inline double naive_logit(const struct sgeo_nasrec_supernet *supernet,
                                 const struct sgeo_nasrec_path *path,
                                 const struct sgeo_store *store, const double *theta,
                                 const double *input)
{
    struct naive *n = rig_zeros(1, sizeof *n);
    n->supernet = supernet;
    n->store = store;
    n->theta = theta;
    n->dense_at[1] = supernet->features.dense;
    n->sparse_at[1] = supernet->features.fields;
    memcpy(n->dense, input, n->dense_at[1] * sizeof *input);
    memcpy(n->sparse, input + n->dense_at[1], n->sparse_at[1] * NAIVE_E * sizeof *input);
    for (n->block = 1; n->block <= SGEO_NASREC_BLOCKS; n->block++) {
        naive_block(n, path);
    }
    const double *w =
        theta + sgeo_store_place(store, sgeo_store_find(store, "final.weight")).offset;
    double logit = theta[sgeo_store_place(store, sgeo_store_find(store, "final.bias")).offset];
    for (size_t i = n->dense_at[7]; i < n->dense_at[8]; i++) {
        logit += *w++ * n->dense[i];
    }
    for (size_t i = n->sparse_at[7] * NAIVE_E; i < n->sparse_at[8] * NAIVE_E; i++) {
        logit += *w++ * n->sparse[i];
    }
    sgeo_free(n);
    return logit;
}

#endif
