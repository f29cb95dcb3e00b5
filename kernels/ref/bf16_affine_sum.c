/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in double. */
#define SGEO_BF16_MAPS
#include "kernels/ref/affine_sum.h"
#include "kernels/symbols.h"

void sgeo_bf16_affine_sum__ref(uint16_t *dst, uint16_t *relu,
                               const struct sgeo_bf16_affine_term *terms, size_t n_terms,
                               const float *shift, const struct sgeo_layout *layout)
{
    sgeo_ref_affine_sum(dst, relu, terms, n_terms, shift, layout);
}
