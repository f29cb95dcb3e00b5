/* One head of one sample, for the reference kernels of attention: rows `stride` elements apart. */
#ifndef SGEO_KERNELS_REF_ATTENTION_H
#define SGEO_KERNELS_REF_ATTENTION_H

#include <math.h>

#include "kernels/kernel.h"

struct sgeo_ref_head {
    const float *query, *key, *value;
    size_t rows, stride, dim;
};

/* Where head h of sample b begins. */
static inline size_t sgeo_ref_head_offset(const struct sgeo_attention *shape, size_t b, size_t h)
{
    return (b * shape->rows * shape->heads + h) * shape->head_dim;
}

static inline struct sgeo_ref_head sgeo_ref_head_at(const struct sgeo_attention_inputs *inputs,
                                                    const struct sgeo_attention *shape, size_t b,
                                                    size_t h)
{
    size_t at = sgeo_ref_head_offset(shape, b, h);
    return (struct sgeo_ref_head){inputs->query + at,
                                  inputs->key + at,
                                  inputs->value + at,
                                  shape->rows,
                                  shape->heads * shape->head_dim,
                                  shape->head_dim};
}

/* a_i . b_j of rows of one head */
static inline double sgeo_ref_row_dot(const struct sgeo_ref_head *head, const float *a, size_t i,
                                      const float *b, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < head->dim; d++)
        sum += (double)a[i * head->stride + d] * (double)b[j * head->stride + d];
    return sum;
}

static inline double sgeo_ref_logit(const struct sgeo_ref_head *head, size_t i, size_t j)
{
    return sgeo_ref_row_dot(head, head->query, i, head->key, j) / sqrt((double)head->dim);
}

static inline double sgeo_ref_largest_logit(const struct sgeo_ref_head *head, size_t i)
{
    double largest = -HUGE_VAL;
    for (size_t j = 0; j < head->rows; j++)
        largest = fmax(largest, sgeo_ref_logit(head, i, j));
    return largest;
}

/* sum_j exp(logit_ij - largest) */
static inline double sgeo_ref_exponentials(const struct sgeo_ref_head *head, size_t i,
                                           double largest)
{
    double sum = 0.0;
    for (size_t j = 0; j < head->rows; j++)
        sum += exp(sgeo_ref_logit(head, i, j) - largest);
    return sum;
}

#endif
