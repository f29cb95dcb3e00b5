/*
 * tdst (B,n,E) from the tangents of query, key and value (B,n,E), in double. The softmax is found
 * anew, not from the stats.
 */
#include "kernels/ref/attention.h"
#include "kernels/symbols.h"

/* One head's rows, their tangents, and the outcome of the forward call. */
struct head {
    struct sgeo_ref_head rows, tangents;
    const float *dst;
};

/* (tquery_i . key_j + query_i . tkey_j) / sqrt(head_dim) */
static double tangent_logit(const struct head *head, size_t i, size_t j)
{
    const struct sgeo_ref_head *rows = &head->rows, *tangents = &head->tangents;
    return (sgeo_ref_row_dot(rows, tangents->query, i, rows->key, j) +
            sgeo_ref_row_dot(rows, rows->query, i, tangents->key, j)) /
           sqrt((double)rows->dim);
}

static void tangent_of_row(float *tdst, const struct head *head, size_t i)
{
    const struct sgeo_ref_head *rows = &head->rows;
    double largest = sgeo_ref_largest_logit(rows, i);
    double sum = sgeo_ref_exponentials(rows, i, largest);
    for (size_t d = 0; d < rows->dim; d++) {
        double moved = 0.0, slopes = 0.0;
        for (size_t j = 0; j < rows->rows; j++) {
            double p = exp(sgeo_ref_logit(rows, i, j) - largest) / sum;
            double slope = p * tangent_logit(head, i, j);
            moved += slope * (double)rows->value[j * rows->stride + d] +
                     p * (double)head->tangents.value[j * rows->stride + d];
            slopes += slope;
        }
        tdst[i * rows->stride + d] =
            (float)(moved - slopes * (double)head->dst[i * rows->stride + d]);
    }
}

void sgeo_f32_attention_tangent__ref(float *tdst, const struct sgeo_attention_inputs *tangents,
                                     const float *dst, const float *stats,
                                     const struct sgeo_attention_inputs *inputs,
                                     const struct sgeo_attention *shape)
{
    (void)stats;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            size_t at = sgeo_ref_head_offset(shape, b, h);
            struct head head = {sgeo_ref_head_at(inputs, shape, b, h),
                                sgeo_ref_head_at(tangents, shape, b, h), dst + at};
            for (size_t i = 0; i < shape->rows; i++)
                tangent_of_row(tdst + at, &head, i);
        }
}
