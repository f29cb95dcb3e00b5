/*
 * Gradients of query, key, value (B,n,E) from ddst, dst (B,n,E), in double:
 *   p_ij = softmax_j(logit_ij);  dlogit_ij = p_ij (ddst_i . value_j - ddst_i . dst_i)
 *   dvalue_j = sum_i p_ij ddst_i;  dquery_i = sum_j dlogit_ij key_j / sqrt(head_dim);  dkey alike
 * The softmax is found anew, not from the stats.
 */
#include "kernels/ref/attention.h"
#include "kernels/symbols.h"

/* One head's rows, and the outcome of the forward call. */
struct head {
    struct sgeo_ref_head rows;
    const float *ddst, *dst;
};

static double probability(const struct sgeo_ref_head *rows, size_t i, size_t j)
{
    double largest = sgeo_ref_largest_logit(rows, i);
    return exp(sgeo_ref_logit(rows, i, j) - largest) / sgeo_ref_exponentials(rows, i, largest);
}

/* dlogit_ij / sqrt(head_dim) */
static double slope(const struct head *head, size_t i, size_t j)
{
    const struct sgeo_ref_head *rows = &head->rows;
    double along = sgeo_ref_row_dot(rows, head->ddst, i, rows->value, j);
    double mean = sgeo_ref_row_dot(rows, head->ddst, i, head->dst, i);
    return probability(rows, i, j) * (along - mean) / sqrt((double)rows->dim);
}

/* The gradients of row r, from all rows o. */
static void gradients_of_row(const struct sgeo_attention_grads *grads, const struct head *head,
                             size_t r)
{
    const struct sgeo_ref_head *rows = &head->rows;
    double query[SGEO_ATTENTION_MAX_HEAD_DIM] = {0}, key[SGEO_ATTENTION_MAX_HEAD_DIM] = {0},
           value[SGEO_ATTENTION_MAX_HEAD_DIM] = {0};
    for (size_t o = 0; o < rows->rows; o++) {
        double as_query = slope(head, r, o), as_key = slope(head, o, r);
        double weight = probability(rows, o, r);
        for (size_t d = 0; d < rows->dim; d++) {
            query[d] += as_query * (double)rows->key[o * rows->stride + d];
            key[d] += as_key * (double)rows->query[o * rows->stride + d];
            value[d] += weight * (double)head->ddst[o * rows->stride + d];
        }
    }
    for (size_t d = 0; d < rows->dim; d++) {
        grads->query[r * rows->stride + d] = (float)query[d];
        grads->key[r * rows->stride + d] = (float)key[d];
        grads->value[r * rows->stride + d] = (float)value[d];
    }
}

void sgeo_f32_attention_grad__ref(const struct sgeo_attention_grads *grads, const float *ddst,
                                  const float *dst, const float *stats,
                                  const struct sgeo_attention_inputs *inputs,
                                  const struct sgeo_attention *shape)
{
    (void)stats;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            size_t at = sgeo_ref_head_offset(shape, b, h);
            struct sgeo_attention_grads to = {grads->query + at, grads->key + at,
                                              grads->value + at};
            struct head head = {sgeo_ref_head_at(inputs, shape, b, h), ddst + at, dst + at};
            for (size_t r = 0; r < shape->rows; r++)
                gradients_of_row(&to, &head, r);
        }
}
