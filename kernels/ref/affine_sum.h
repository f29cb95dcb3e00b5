/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in double. */
#ifndef SGEO_KERNELS_REF_AFFINE_SUM_H
#define SGEO_KERNELS_REF_AFFINE_SUM_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

static inline double sgeo_ref_affine_value(const struct sgeo_elem_term *term, size_t at, size_t c)
{
    double center = term->center ? (double)term->center[c] : 0.0;
    double scale = term->scale ? (double)term->scale[c] : 1.0;
    return (sgeo_ref_value(term->src[at]) - center) * scale;
}

static inline void sgeo_ref_affine_element(sgeo_elem *dst, sgeo_elem *relu,
                                           const struct sgeo_elem_term *terms, size_t n_terms,
                                           double shift, size_t at, size_t c)
{
    double sum = shift;
    for (size_t t = 0; t < n_terms; t++)
        sum += sgeo_ref_affine_value(&terms[t], at, c);
    if (dst)
        dst[at] = sgeo_ref_elem(sum);
    if (relu) /* a NaN fails the comparison and stays */
        relu[at] = sgeo_ref_elem(sum <= 0.0 ? 0.0 : sum);
}

static inline void sgeo_ref_affine_sum(sgeo_elem *dst, sgeo_elem *relu,
                                       const struct sgeo_elem_term *terms, size_t n_terms,
                                       const float *shift, const struct sgeo_layout *layout)
{
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++)
                    sgeo_ref_affine_element(dst, relu, terms, n_terms,
                                            shift ? (double)shift[c] : 0.0,
                                            sgeo_ref_at(layout, n, c, y, x), c);
}

#endif
