/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), with AVX-512.
 */
#include "kernels/affine_tile.h"
#include "kernels/avx512/intrinsics.h"

/* `width` elements from `at` on; `tile` is in registers where n_terms is constant. */
SGEO_INLINE void affine_step(const struct sgeo_affine_image *image,
                             const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                             size_t width)
{
    __m512 sum = _mm512_loadu_ps(tile->shift);
    for (size_t t = 0; t < n_terms; t++) {
        __m512 centred =
            _mm512_sub_ps(sgeo_load(image->src[t] + at, width), _mm512_loadu_ps(tile->center[t]));
        sum = _mm512_add_ps(sum, _mm512_mul_ps(centred, _mm512_loadu_ps(tile->scale[t])));
    }
    if (image->dst)
        sgeo_store(image->dst + at, width, sum);
    if (image->relu) { /* not <=: a NaN stays, a -0 does not */
        __mmask16 kept = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_NLE_UQ);
        sgeo_store(image->relu + at, width, _mm512_maskz_mov_ps(kept, sum));
    }
}

SGEO_INLINE void affine_steps_of(const struct sgeo_affine_image *shared,
                                 const struct sgeo_affine_tile *tile, size_t n_terms, size_t steps,
                                 size_t stride)
{
    struct sgeo_affine_image image = *shared; /* a local copy: no store can change it */
    for (size_t step = 0; step < steps; step++)
        affine_step(&image, tile, n_terms, step * stride, SGEO_FULL);
}

static void affine_steps(const struct sgeo_affine_image *image, const struct sgeo_affine_tile *tile,
                         size_t n_terms, size_t steps, size_t stride)
{
    switch (n_terms) {
    case 1:
        affine_steps_of(image, tile, 1, steps, stride);
        break;
    case 2:
        affine_steps_of(image, tile, 2, steps, stride);
        break;
    case 3:
        affine_steps_of(image, tile, 3, steps, stride);
        break;
    default:
        affine_steps_of(image, tile, n_terms, steps, stride);
    }
}

static void affine_image(const struct sgeo_affine_image *image, const struct sgeo_affine_tile *tile,
                         size_t n_terms, const struct sgeo_strip *strip)
{
    bool wide = strip->width == SGEO_LANES;
    if (wide)
        affine_steps(image, tile, n_terms, strip->steps, strip->stride);
    for (size_t step = wide ? strip->steps : 0; step < strip->steps; step++)
        affine_step(image, tile, n_terms, step * strip->stride, strip->width);
    if (strip->rest)
        affine_step(image, tile, n_terms, strip->steps * strip->stride, strip->rest);
}

void SGEO_SYMBOL(f32_affine_sum)(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                 size_t n_terms, const float *shift,
                                 const struct sgeo_layout *layout)
{
    for (size_t s = 0; s < sgeo_strips(layout); s++) {
        struct sgeo_strip strip = sgeo_strip_at(layout, s);
        struct sgeo_affine_tile tile = sgeo_affine_tile_of(terms, n_terms, shift, &strip);
        for (size_t n = 0; n < layout->n; n++) {
            size_t offset = n * layout->image + strip.offset;
            struct sgeo_affine_image image =
                sgeo_affine_image_at(dst, relu, terms, n_terms, offset);
            affine_image(&image, &tile, n_terms, &strip);
        }
    }
}
