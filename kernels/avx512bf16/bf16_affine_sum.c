/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C): f32 sums of
 * bf16 with AVX512_BF16. */
#define SGEO_BF16_MAPS
#include "kernels/avx512/affine_step.h"

void SGEO_SYMBOL(bf16_affine_sum)(uint16_t *dst, uint16_t *relu,
                                  const struct sgeo_bf16_affine_term *terms, size_t n_terms,
                                  const float *shift, const struct sgeo_layout *layout)
{
    sgeo_affine_walk(dst, relu, terms, n_terms, shift, layout);
}
