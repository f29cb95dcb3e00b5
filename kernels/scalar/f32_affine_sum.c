/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in f32. */
#include "kernels/affine_tile.h"
#include "kernels/scalar/tier.h"

/* `width` elements from `at` on; constant arguments make this straight vector code. */
SGEO_INLINE void affine_step(const struct sgeo_affine_image *image,
                             const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                             size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = tile->shift[j];
    for (size_t t = 0; t < n_terms; t++)
        for (size_t j = 0; j < width; j++)
            sum[j] += (image->src[t][at + j] - tile->center[t][j]) * tile->scale[t][j];
    if (image->dst)
        for (size_t j = 0; j < width; j++)
            image->dst[at + j] = sum[j];
    if (image->relu) /* a NaN fails the comparison and stays */
        for (size_t j = 0; j < width; j++)
            image->relu[at + j] = sum[j] <= 0.0f ? 0.0f : sum[j];
}

/* The full steps of one image of a strip with a constant number of terms. */
SGEO_INLINE void affine_wide(const struct sgeo_affine_image *image,
                             const struct sgeo_affine_tile *tile, size_t n_terms, size_t steps,
                             size_t stride)
{
    struct sgeo_affine_image local_image = *image; /* local copies: no store can change them */
    struct sgeo_affine_tile local_tile;
    for (size_t t = 0; t < n_terms; t++)
        for (size_t j = 0; j < SGEO_LANES; j++) {
            local_tile.center[t][j] = tile->center[t][j];
            local_tile.scale[t][j] = tile->scale[t][j];
        }
    for (size_t j = 0; j < SGEO_LANES; j++)
        local_tile.shift[j] = tile->shift[j];
    for (size_t step = 0; step < steps; step++)
        affine_step(&local_image, &local_tile, n_terms, step * stride, SGEO_LANES);
}

static void affine_narrow(const struct sgeo_affine_image *image,
                          const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                          size_t width)
{
    affine_step(image, tile, n_terms, at, width);
}

static void affine_steps(const struct sgeo_affine_image *image, const struct sgeo_affine_tile *tile,
                         size_t n_terms, size_t steps, size_t stride)
{
    switch (n_terms) {
    case 1:
        affine_wide(image, tile, 1, steps, stride);
        break;
    case 2:
        affine_wide(image, tile, 2, steps, stride);
        break;
    case 3:
        affine_wide(image, tile, 3, steps, stride);
        break;
    default:
        affine_wide(image, tile, n_terms, steps, stride);
    }
}

static void affine_image(const struct sgeo_affine_image *image, const struct sgeo_affine_tile *tile,
                         size_t n_terms, const struct sgeo_strip *strip)
{
    bool wide = strip->width == SGEO_LANES;
    if (wide)
        affine_steps(image, tile, n_terms, strip->steps, strip->stride);
    for (size_t step = wide ? strip->steps : 0; step < strip->steps; step++)
        affine_narrow(image, tile, n_terms, step * strip->stride, strip->width);
    if (strip->rest)
        affine_narrow(image, tile, n_terms, strip->steps * strip->stride, strip->rest);
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
