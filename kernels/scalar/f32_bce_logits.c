/* Binary cross-entropy of n logits: *loss, dlogits (n). Functions in f32, sums in double. */
#include "kernels/scalar/logistic.h"
#include "kernels/scalar/tile.h"

/* A logit that, without its label, adds exactly nothing to the loss. */
#define CERTAIN (-200.0f)

/*
 * ln(1 + x) for x in 0..1 = 2 atanh(x / (2 + x)) = 2 s + s^3 p(s^2), where p is the polynomial of
 * degree 3 with the least relative error of the logarithm (5.4e-9).
 */
SGEO_INLINE float log1p_f32(float x)
{
    float s = x / (2.0f + x), square = s * s;
    float p = 0.280119866f;
    p = sgeo_multiply_add_f32(p, square, 0.280018061f);
    p = sgeo_multiply_add_f32(p, square, 0.400215268f);
    p = sgeo_multiply_add_f32(p, square, 0.666664183f);
    return sgeo_multiply_add_f32(p, square * s, s + s);
}

/* Of one tile: the losses, and in place of the logits z their gradients. */
SGEO_INLINE void bce_tile(double *losses, float *z, const float *y, float scale)
{
    float logarithm[SGEO_LANES], factor[SGEO_LANES], size[SGEO_LANES];
    for (size_t j = 0; j < SGEO_LANES; j++) {
        struct sgeo_logistic logistic = sgeo_logistic_f32(z[j]);
        float missing = 1.0f - y[j];
        size[j] = fabsf(z[j]);
        factor[j] = z[j] > 0.0f ? missing : y[j];
        logarithm[j] = log1p_f32(logistic.decay);
        z[j] = scale * (missing * logistic.s - y[j] * logistic.complement);
    }
    for (size_t j = 0; j < SGEO_LANES; j++)
        losses[j] += sgeo_multiply_add((double)size[j], (double)factor[j], (double)logarithm[j]);
}

SGEO_INLINE void bce_step(double *losses, float *dlogits, const float *logits, const float *labels,
                          float scale, size_t width)
{
    float z[SGEO_LANES], y[SGEO_LANES];
    sgeo_tile_load(z, logits, width, CERTAIN);
    sgeo_tile_load(y, labels, width, 0.0f);
    bce_tile(losses, z, y, scale);
    if (dlogits)
        sgeo_tile_store(dlogits, z, width);
}

void SGEO_SYMBOL(f32_bce_logits)(double *loss, float *dlogits, const float *logits,
                                 const float *labels, size_t n, double scale)
{
    double losses[SGEO_LANES] = {0};
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES)
        bce_step(losses, dlogits ? dlogits + at : NULL, logits + at, labels + at, (float)scale,
                 SGEO_LANES);
    if (at < n)
        bce_step(losses, dlogits ? dlogits + at : NULL, logits + at, labels + at, (float)scale,
                 n - at);
    *loss = scale * sgeo_tile_sum(losses);
}
