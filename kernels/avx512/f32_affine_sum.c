/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), with AVX-512.
 */
#include "kernels/avx512/affine_step.h"

void SGEO_SYMBOL(f32_affine_sum)(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                 size_t n_terms, const float *shift,
                                 const struct sgeo_layout *layout)
{
    sgeo_affine_walk(dst, relu, terms, n_terms, shift, layout);
}
