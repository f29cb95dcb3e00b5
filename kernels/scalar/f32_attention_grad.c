/*
 * Gradients of query, key, value (B,n,E) from ddst, dst (B,n,E), in f32:
 *   p_ij = exp(logit_ij - largest_i) * reciprocal_i, as the forward call had it
 *   dlogit_ij = p_ij (ddst_i . value_j - ddst_i . dst_i)
 *   dquery_i = sum_j dlogit_ij key_j / sqrt(head_dim);  dkey_j alike;  dvalue_j = sum_i p_ij ddst_i
 * Twice over all pairs: once with queries in the lanes, once with keys, so that no sum crosses
 * them. That costs each exponential a second time, which is less than the sums across would.
 */
#include "kernels/scalar/attention_lanes.h"

/* One head of one sample. */
struct head {
    const float *query, *key, *value, *ddst, *dst;
    const float *largest, *reciprocal;
    float *dquery, *dkey, *dvalue;
    size_t rows, stride;
    float scale;
};

/* slope = weight * (along - mean) */
SGEO_INLINE void logit_slopes(float *slope, const float *weight, const float *along,
                              const float *mean)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        slope[j] = weight[j] * (along[j] - mean[j]);
}

SGEO_INLINE void probabilities(float *weight, const float *logit, const float *largest,
                               const float *reciprocal)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        weight[j] = sgeo_exp_nonpositive_f32(logit[j] - largest[j]) * reciprocal[j];
}

SGEO_INLINE void fill(float *lanes, float value)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        lanes[j] = value;
}

SGEO_INLINE void load_rows(float *lanes, const float *src, size_t first, size_t rows)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        lanes[j] = src[sgeo_min(first + j, rows - 1)];
}

/* ddst_i . dst_i: what the slopes of a row have in common. */
SGEO_INLINE float mean_slope(const struct head *head, size_t i, size_t dim)
{
    const float *ddst = head->ddst + i * head->stride, *dst = head->dst + i * head->stride;
    float mean = ddst[0] * dst[0];
    for (size_t d = 1; d < dim; d++)
        mean = sgeo_multiply_add_f32(ddst[d], dst[d], mean);
    return mean;
}

/* dquery of SGEO_LANES rows from `first` on. */
SGEO_INLINE void query_gradients(const struct head *head, size_t first, size_t dim)
{
    struct sgeo_columns queries, ddst, sum;
    float largest[SGEO_LANES], reciprocal[SGEO_LANES], mean[SGEO_LANES], scale[SGEO_LANES];
    sgeo_columns_load(&queries, head->query, first, head->rows, head->stride, dim, head->scale);
    sgeo_columns_load(&ddst, head->ddst, first, head->rows, head->stride, dim, 1.0f);
    sgeo_columns_clear(&sum, dim);
    load_rows(largest, head->largest, first, head->rows);
    load_rows(reciprocal, head->reciprocal, first, head->rows);
    fill(scale, head->scale);
    for (size_t j = 0; j < SGEO_LANES; j++)
        mean[j] = mean_slope(head, sgeo_min(first + j, head->rows - 1), dim);
    for (size_t k = 0; k < head->rows; k++) {
        const float *key = head->key + k * head->stride, *value = head->value + k * head->stride;
        float logit[SGEO_LANES], weight[SGEO_LANES], along[SGEO_LANES], slope[SGEO_LANES];
        sgeo_columns_dot(logit, &queries, key, dim);
        probabilities(weight, logit, largest, reciprocal);
        sgeo_columns_dot(along, &ddst, value, dim);
        logit_slopes(slope, weight, along, mean);
        sgeo_columns_add(&sum, slope, key, dim);
    }
    sgeo_columns_store(head->dquery, &sum, first, head->rows, head->stride, dim, scale);
}

/* dkey and dvalue of SGEO_LANES rows from `first` on. Keys are scaled, as queries were forward. */
SGEO_INLINE void key_gradients(const struct head *head, size_t first, size_t dim)
{
    struct sgeo_columns keys, values, key_sum, value_sum;
    float scale[SGEO_LANES], one[SGEO_LANES];
    sgeo_columns_load(&keys, head->key, first, head->rows, head->stride, dim, 1.0f);
    sgeo_columns_load(&values, head->value, first, head->rows, head->stride, dim, 1.0f);
    sgeo_columns_clear(&key_sum, dim);
    sgeo_columns_clear(&value_sum, dim);
    fill(scale, head->scale);
    fill(one, 1.0f);
    for (size_t i = 0; i < head->rows; i++) {
        const float *query = head->query + i * head->stride, *ddst = head->ddst + i * head->stride;
        float largest[SGEO_LANES], reciprocal[SGEO_LANES], mean[SGEO_LANES];
        float logit[SGEO_LANES], weight[SGEO_LANES], along[SGEO_LANES], slope[SGEO_LANES];
        float scaled[SGEO_ATTENTION_MAX_HEAD_DIM];
        for (size_t d = 0; d < dim; d++)
            scaled[d] = head->scale * query[d];
        fill(largest, head->largest[i]);
        fill(reciprocal, head->reciprocal[i]);
        fill(mean, mean_slope(head, i, dim));
        sgeo_columns_dot(logit, &keys, scaled, dim);
        probabilities(weight, logit, largest, reciprocal);
        sgeo_columns_dot(along, &values, ddst, dim);
        logit_slopes(slope, weight, along, mean);
        sgeo_columns_add(&key_sum, slope, query, dim);
        sgeo_columns_add(&value_sum, weight, ddst, dim);
    }
    sgeo_columns_store(head->dkey, &key_sum, first, head->rows, head->stride, dim, scale);
    sgeo_columns_store(head->dvalue, &value_sum, first, head->rows, head->stride, dim, one);
}

static void gradients_of_pairs(const struct head *head, size_t first)
{
    query_gradients(head, first, 2);
    key_gradients(head, first, 2);
}

static void gradients_of_any(const struct head *head, size_t first, size_t dim)
{
    query_gradients(head, first, dim);
    key_gradients(head, first, dim);
}

static struct head head_at(const struct sgeo_attention_grads *grads, const float *ddst,
                           const float *dst, const float *stats,
                           const struct sgeo_attention_inputs *inputs,
                           const struct sgeo_attention *shape, size_t at)
{
    return (struct head){
        .query = inputs->query + at,
        .key = inputs->key + at,
        .value = inputs->value + at,
        .ddst = ddst + at,
        .dst = dst + at,
        .largest = stats,
        .reciprocal = stats + shape->rows,
        .dquery = grads->query + at,
        .dkey = grads->key + at,
        .dvalue = grads->value + at,
        .rows = shape->rows,
        .stride = sgeo_attention_stride(shape),
        .scale = sgeo_attention_scale(shape),
    };
}

void SGEO_SYMBOL(f32_attention_grad)(const struct sgeo_attention_grads *grads, const float *ddst,
                                     const float *dst, const float *stats,
                                     const struct sgeo_attention_inputs *inputs,
                                     const struct sgeo_attention *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct head head =
                head_at(grads, ddst, dst, stats + sgeo_attention_stats_offset(shape, b, h), inputs,
                        shape, sgeo_attention_offset(shape, b, h));
            for (size_t i = 0; i < shape->rows; i += SGEO_LANES) {
                if (shape->head_dim == 2)
                    gradients_of_pairs(&head, i);
                else
                    gradients_of_any(&head, i, shape->head_dim);
            }
        }
}
