/*
 * Multi-head self-attention, backward and tangent, in double: query, key, value, dst (B,n,heads*E).
 *   l_ij = query_i . key_j / sqrt(E);  p_ij = softmax over j of l_ij;  dst_i = sum_j p_ij value_j
 *   dl_ij = p_ij (ddst_i . value_j - ddst_i . dst_i)
 *   dquery_i = sum_j dl_ij key_j / sqrt(E), dkey_j = sum_i dl_ij query_i / sqrt(E),
 *   dvalue_j = sum_i p_ij ddst_i
 *   tl_ij = (tquery_i . key_j + query_i . tkey_j) / sqrt(E),
 *   tdst_i = sum_j p_ij (tl_ij (value_j - dst_i) + tvalue_j)
 */
#include <math.h>
#include <string.h>

#include "backend/reference_parts.h"

/* One head of one sample: its first element, rows `stride` apart. */
struct head {
    size_t at, stats; /* where it begins in the tensors, and in the statistics */
    size_t rows, stride, dim;
};

static struct head head_at(const struct sgeo_attention *shape, size_t b, size_t h)
{
    size_t stride = shape->heads * shape->head_dim;
    return (struct head){.at = b * shape->rows * stride + h * shape->head_dim,
                         .stats = (b * shape->heads + h) * 2 * shape->rows,
                         .rows = shape->rows,
                         .stride = stride,
                         .dim = shape->head_dim};
}

/* a_i . b_j */
static double row_dot(const struct head *head, const double *a, size_t i, const double *b, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < head->dim; d++) {
        sum += a[head->at + i * head->stride + d] * b[head->at + j * head->stride + d];
    }
    return sum;
}

/* to_i += factor * from_j */
static void add_row(const struct head *head, double *to, size_t i, double factor,
                    const double *from, size_t j)
{
    for (size_t d = 0; d < head->dim; d++) {
        to[head->at + i * head->stride + d] += factor * from[head->at + j * head->stride + d];
    }
}

static double logit(const struct head *head, const struct sgeo_attention_sources *sources, size_t i,
                    size_t j)
{
    return row_dot(head, sources->query, i, sources->key, j) / sqrt((double)head->dim);
}

/* The largest logit of row i and 1 / sum_j exp(l_ij - it). */
static void softmax_of_row(double *largest, double *reciprocal, const struct head *head,
                           const struct sgeo_attention_sources *sources, size_t i)
{
    double most = logit(head, sources, i, 0), sum = 0.0;
    for (size_t j = 1; j < head->rows; j++) {
        most = fmax(most, logit(head, sources, i, j));
    }
    for (size_t j = 0; j < head->rows; j++) {
        sum += exp(logit(head, sources, i, j) - most);
    }
    *largest = most;
    *reciprocal = 1.0 / sum;
}

static double probability(const struct head *head, const struct sgeo_attention_sources *sources,
                          const double *stats, size_t i, size_t j)
{
    return exp(logit(head, sources, i, j) - stats[head->stats + i]) *
           stats[head->stats + head->rows + i];
}

static void attend(const struct head *head, double *dst, double *stats,
                   const struct sgeo_attention_sources *sources)
{
    for (size_t i = 0; i < head->rows; i++) {
        softmax_of_row(&stats[head->stats + i], &stats[head->stats + head->rows + i], head, sources,
                       i);
        memset(dst + head->at + i * head->stride, 0, head->dim * sizeof *dst);
        for (size_t j = 0; j < head->rows; j++) {
            add_row(head, dst, i, probability(head, sources, stats, i, j), sources->value, j);
        }
    }
}

static void attention(struct sgeo_backend *backend, void *dst, void *stats,
                      const struct sgeo_attention_sources *sources,
                      const struct sgeo_attention *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        for (size_t h = 0; h < shape->heads; h++) {
            struct head head = head_at(shape, b, h);
            attend(&head, dst, stats, sources);
        }
    }
}

/* Add one head's parts of the gradients. */
static void attend_back(const struct head *head, const struct sgeo_attention_gradients *gradients,
                        const double *ddst, const struct sgeo_attention_outcome *outcome,
                        const struct sgeo_attention_sources *sources)
{
    double scaling = 1.0 / sqrt((double)head->dim);
    for (size_t i = 0; i < head->rows; i++) {
        double mean = row_dot(head, ddst, i, outcome->dst, i);
        for (size_t j = 0; j < head->rows; j++) {
            double p = probability(head, sources, outcome->stats, i, j);
            double slope = scaling * p * (row_dot(head, ddst, i, sources->value, j) - mean);
            add_row(head, gradients->query, i, slope, sources->key, j);
            add_row(head, gradients->key, j, slope, sources->query, i);
            add_row(head, gradients->value, j, p, ddst, i);
        }
    }
}

static void attention_grad(struct sgeo_backend *backend,
                           const struct sgeo_attention_gradients *gradients, const void *ddst,
                           const struct sgeo_attention_outcome *outcome,
                           const struct sgeo_attention_sources *sources,
                           const struct sgeo_attention *shape)
{
    (void)backend;
    size_t bytes = shape->batch * shape->rows * shape->heads * shape->head_dim * sizeof(double);
    memset(gradients->query, 0, bytes);
    memset(gradients->key, 0, bytes);
    memset(gradients->value, 0, bytes);
    for (size_t b = 0; b < shape->batch; b++) {
        for (size_t h = 0; h < shape->heads; h++) {
            struct head head = head_at(shape, b, h);
            attend_back(&head, gradients, ddst, outcome, sources);
        }
    }
}

static void move_along(const struct head *head, double *tdst,
                       const struct sgeo_attention_sources *tangents,
                       const struct sgeo_attention_outcome *outcome,
                       const struct sgeo_attention_sources *sources)
{
    double scaling = 1.0 / sqrt((double)head->dim);
    for (size_t i = 0; i < head->rows; i++) {
        memset(tdst + head->at + i * head->stride, 0, head->dim * sizeof *tdst);
        for (size_t j = 0; j < head->rows; j++) {
            double p = probability(head, sources, outcome->stats, i, j);
            double slope = scaling * p *
                           (row_dot(head, tangents->query, i, sources->key, j) +
                            row_dot(head, sources->query, i, tangents->key, j));
            add_row(head, tdst, i, slope, sources->value, j);
            add_row(head, tdst, i, -slope, outcome->dst, i);
            add_row(head, tdst, i, p, tangents->value, j);
        }
    }
}

static void attention_tangent(struct sgeo_backend *backend, void *dst,
                              const struct sgeo_attention_sources *tangents,
                              const struct sgeo_attention_outcome *outcome,
                              const struct sgeo_attention_sources *sources,
                              const struct sgeo_attention *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        for (size_t h = 0; h < shape->heads; h++) {
            struct head head = head_at(shape, b, h);
            move_along(&head, dst, tangents, outcome, sources);
        }
    }
}

void sgeo_reference_fill_attention(struct sgeo_interaction_table *table)
{
    table->attention = attention;
    table->attention_grad = attention_grad;
    table->attention_tangent = attention_tangent;
}
