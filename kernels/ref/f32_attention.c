/* dst (B,n,E) = softmax(query key^T / sqrt(head_dim)) value in each head, in double. */
#include "kernels/ref/attention.h"
#include "kernels/symbols.h"

static void attend_row(float *dst, float *stats, const struct sgeo_ref_head *head, size_t i)
{
    double largest = sgeo_ref_largest_logit(head, i);
    double sum = sgeo_ref_exponentials(head, i, largest);
    for (size_t d = 0; d < head->dim; d++) {
        double value = 0.0;
        for (size_t j = 0; j < head->rows; j++)
            value += exp(sgeo_ref_logit(head, i, j) - largest) / sum *
                     (double)head->value[j * head->stride + d];
        dst[i * head->stride + d] = (float)value;
    }
    if (stats) {
        stats[i] = (float)largest;
        stats[head->rows + i] = (float)(1.0 / sum);
    }
}

void sgeo_f32_attention__ref(float *dst, float *stats, const struct sgeo_attention_inputs *inputs,
                             const struct sgeo_attention *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct sgeo_ref_head head = sgeo_ref_head_at(inputs, shape, b, h);
            float *kept = stats ? stats + (b * shape->heads + h) * 2 * shape->rows : NULL;
            for (size_t i = 0; i < shape->rows; i++)
                attend_row(dst + sgeo_ref_head_offset(shape, b, h), kept, &head, i);
        }
}
