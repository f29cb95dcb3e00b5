/*
 * tdst (B,n,E) from the tangents of query, key and value (B,n,E), in f32, queries in the lanes:
 *   p_ij = exp(logit_ij - largest_i) * reciprocal_i, as the forward call had it
 *   slope_ij = p_ij (tquery_i . key_j + query_i . tkey_j) / sqrt(head_dim)
 *   tdst_i = sum_j slope_ij value_j + p_ij tvalue_j  -  dst_i sum_j slope_ij
 */
#include "kernels/scalar/attention_lanes.h"

/* One head of one sample. */
struct head {
    const float *query, *key, *value;
    const float *tquery, *tkey, *tvalue;
    const float *dst, *largest, *reciprocal;
    float *tdst;
    size_t rows, stride;
    float scale;
};

SGEO_INLINE void load_rows(float *lanes, const float *src, size_t first, size_t rows)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        lanes[j] = src[sgeo_min(first + j, rows - 1)];
}

/* slope = weight * (a + b), and its sum. */
SGEO_INLINE void add_slopes(float *slope, float *sum, const float *weight, const float *a,
                            const float *b)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        slope[j] = weight[j] * (a[j] + b[j]);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sum[j] += slope[j];
}

/* What is left of the sum without the mean: sum -= slopes * dst. */
SGEO_INLINE void subtract_mean(struct sgeo_columns *sum, const float *slopes,
                               const struct sgeo_columns *dst, size_t dim)
{
    for (size_t d = 0; d < dim; d++)
        for (size_t j = 0; j < SGEO_LANES; j++)
            sum->lanes[d][j] =
                sgeo_multiply_add_f32(-slopes[j], dst->lanes[d][j], sum->lanes[d][j]);
}

/* Rows first .. first+SGEO_LANES-1, as far as there are any. */
SGEO_INLINE void move_along(const struct head *head, size_t first, size_t dim)
{
    struct sgeo_columns queries, tqueries, dst, sum;
    float largest[SGEO_LANES], reciprocal[SGEO_LANES], slopes[SGEO_LANES], one[SGEO_LANES];
    size_t rows = head->rows, stride = head->stride;
    sgeo_columns_load(&queries, head->query, first, rows, stride, dim, head->scale);
    sgeo_columns_load(&tqueries, head->tquery, first, rows, stride, dim, head->scale);
    sgeo_columns_load(&dst, head->dst, first, rows, stride, dim, 1.0f);
    sgeo_columns_clear(&sum, dim);
    load_rows(largest, head->largest, first, rows);
    load_rows(reciprocal, head->reciprocal, first, rows);
    for (size_t j = 0; j < SGEO_LANES; j++)
        slopes[j] = 0.0f;
    for (size_t j = 0; j < SGEO_LANES; j++)
        one[j] = 1.0f;
    for (size_t k = 0; k < rows; k++) {
        float weight[SGEO_LANES], along[SGEO_LANES], across[SGEO_LANES], slope[SGEO_LANES];
        sgeo_columns_dot(weight, &queries, head->key + k * stride, dim);
        sgeo_columns_dot(along, &tqueries, head->key + k * stride, dim);
        sgeo_columns_dot(across, &queries, head->tkey + k * stride, dim);
        for (size_t j = 0; j < SGEO_LANES; j++)
            weight[j] = sgeo_exp_nonpositive_f32(weight[j] - largest[j]) * reciprocal[j];
        add_slopes(slope, slopes, weight, along, across);
        sgeo_columns_add(&sum, slope, head->value + k * stride, dim);
        sgeo_columns_add(&sum, weight, head->tvalue + k * stride, dim);
    }
    subtract_mean(&sum, slopes, &dst, dim);
    sgeo_columns_store(head->tdst, &sum, first, rows, stride, dim, one);
}

static void move_pairs(const struct head *head, size_t first)
{
    move_along(head, first, 2);
}

static void move_any(const struct head *head, size_t first, size_t dim)
{
    move_along(head, first, dim);
}

static struct head head_at(float *tdst, const struct sgeo_attention_inputs *tangents,
                           const float *dst, const float *stats,
                           const struct sgeo_attention_inputs *inputs,
                           const struct sgeo_attention *shape, size_t at)
{
    return (struct head){
        .query = inputs->query + at,
        .key = inputs->key + at,
        .value = inputs->value + at,
        .tquery = tangents->query + at,
        .tkey = tangents->key + at,
        .tvalue = tangents->value + at,
        .dst = dst + at,
        .largest = stats,
        .reciprocal = stats + shape->rows,
        .tdst = tdst + at,
        .rows = shape->rows,
        .stride = sgeo_attention_stride(shape),
        .scale = sgeo_attention_scale(shape),
    };
}

void SGEO_SYMBOL(f32_attention_tangent)(float *tdst, const struct sgeo_attention_inputs *tangents,
                                        const float *dst, const float *stats,
                                        const struct sgeo_attention_inputs *inputs,
                                        const struct sgeo_attention *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct head head =
                head_at(tdst, tangents, dst, stats + sgeo_attention_stats_offset(shape, b, h),
                        inputs, shape, sgeo_attention_offset(shape, b, h));
            for (size_t i = 0; i < shape->rows; i += SGEO_LANES) {
                if (shape->head_dim == 2)
                    move_pairs(&head, i);
                else
                    move_any(&head, i, shape->head_dim);
            }
        }
}
