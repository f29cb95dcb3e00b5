/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in double. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

static double affine_value(const struct sgeo_affine_term *term, size_t at, size_t c)
{
    double center = term->center ? (double)term->center[c] : 0.0;
    double scale = term->scale ? (double)term->scale[c] : 1.0;
    return ((double)term->src[at] - center) * scale;
}

static void affine_element(float *dst, float *relu, const struct sgeo_affine_term *terms,
                           size_t n_terms, double shift, size_t at, size_t c)
{
    double sum = shift;
    for (size_t t = 0; t < n_terms; t++)
        sum += affine_value(&terms[t], at, c);
    float value = (float)sum;
    if (dst)
        dst[at] = value;
    if (relu)
        relu[at] = value <= 0.0f ? 0.0f : value; /* a NaN fails the comparison and stays */
}

void sgeo_f32_affine_sum__ref(float *dst, float *relu, const struct sgeo_affine_term *terms,
                              size_t n_terms, const float *shift, const struct sgeo_layout *layout)
{
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++)
                    affine_element(dst, relu, terms, n_terms, shift ? (double)shift[c] : 0.0,
                                   sgeo_ref_at(layout, n, c, y, x), c);
}
