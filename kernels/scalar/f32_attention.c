/* dst (B,n,E) = softmax(query key^T / sqrt(head_dim)) value in each head, in f32. */
#include "kernels/scalar/attention_lanes.h"

/* One head of one sample. */
struct head {
    const float *query, *key, *value;
    float *dst, *stats;
    size_t rows, stride;
    float scale;
};

SGEO_INLINE void largest_logits(float *largest, const struct head *head,
                                const struct sgeo_columns *queries, size_t dim)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        largest[j] = -INFINITY;
    for (size_t k = 0; k < head->rows; k++) {
        float logit[SGEO_LANES];
        sgeo_columns_dot(logit, queries, head->key + k * head->stride, dim);
        for (size_t j = 0; j < SGEO_LANES; j++)
            largest[j] = logit[j] > largest[j] ? logit[j] : largest[j];
    }
}

/* values = sum_k exp(logit - largest) value_k, and the sum of the exponentials. */
SGEO_INLINE void weigh_values(struct sgeo_columns *values, float *sum, const float *largest,
                              const struct head *head, const struct sgeo_columns *queries,
                              size_t dim)
{
    sgeo_columns_clear(values, dim);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sum[j] = 0.0f;
    for (size_t k = 0; k < head->rows; k++) {
        float weight[SGEO_LANES];
        sgeo_columns_dot(weight, queries, head->key + k * head->stride, dim);
        for (size_t j = 0; j < SGEO_LANES; j++)
            weight[j] = sgeo_exp_nonpositive_f32(weight[j] - largest[j]);
        for (size_t j = 0; j < SGEO_LANES; j++)
            sum[j] += weight[j];
        sgeo_columns_add(values, weight, head->value + k * head->stride, dim);
    }
}

/* Rows first .. first+SGEO_LANES-1, as far as there are any. */
SGEO_INLINE void attend(const struct head *head, size_t first, size_t dim)
{
    struct sgeo_columns queries, values;
    float largest[SGEO_LANES], sum[SGEO_LANES], reciprocal[SGEO_LANES];
    sgeo_columns_load(&queries, head->query, first, head->rows, head->stride, dim, head->scale);
    largest_logits(largest, head, &queries, dim);
    weigh_values(&values, sum, largest, head, &queries, dim);
    for (size_t j = 0; j < SGEO_LANES; j++)
        reciprocal[j] = 1.0f / sum[j];
    sgeo_columns_store(head->dst, &values, first, head->rows, head->stride, dim, reciprocal);
    for (size_t j = 0; head->stats && j < sgeo_min(SGEO_LANES, head->rows - first); j++) {
        head->stats[first + j] = largest[j];
        head->stats[head->rows + first + j] = reciprocal[j];
    }
}

static void attend_pairs(const struct head *head, size_t first)
{
    attend(head, first, 2);
}

static void attend_any(const struct head *head, size_t first, size_t dim)
{
    attend(head, first, dim);
}

void SGEO_SYMBOL(f32_attention)(float *dst, float *stats,
                                const struct sgeo_attention_inputs *inputs,
                                const struct sgeo_attention *shape)
{
    size_t stride = sgeo_attention_stride(shape);
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            size_t at = sgeo_attention_offset(shape, b, h);
            float *kept = stats ? stats + sgeo_attention_stats_offset(shape, b, h) : NULL;
            struct head head = {
                inputs->query + at, inputs->key + at, inputs->value + at,         dst + at, kept,
                shape->rows,        stride,           sgeo_attention_scale(shape)};
            for (size_t i = 0; i < shape->rows; i += SGEO_LANES) {
                if (shape->head_dim == 2)
                    attend_pairs(&head, i);
                else
                    attend_any(&head, i, shape->head_dim);
            }
        }
}
