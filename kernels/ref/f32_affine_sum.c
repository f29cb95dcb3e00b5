/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in double. */
#include "kernels/ref/affine_sum.h"
#include "kernels/symbols.h"

void sgeo_f32_affine_sum__ref(float *dst, float *relu, const struct sgeo_affine_term *terms,
                              size_t n_terms, const float *shift, const struct sgeo_layout *layout)
{
    sgeo_ref_affine_sum(dst, relu, terms, n_terms, shift, layout);
}
