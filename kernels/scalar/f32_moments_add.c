/*
 * One more gradient g (n) for the running moments of n coordinates, in f32. Welford's recurrence on
 * e = g - g_0, which is exact where gradients are close: batch number b (from 0) with d = e - mean
 * moves mean by d / (b + 1) and adds d^2 * b / (b + 1) to the sum of squares, whose root is kept.
 */
#include <string.h>

#include "kernels/scalar/moment_sums.h"

/* sqrt(a^2 + b^2), a >= 0, without under- or overflow: both are multiplied by a power of two that
 * brings a + |b| near 1. The power and its inverse are normal numbers. */
SGEO_INLINE float hypotenuse(float a, float b)
{
    float power = a + fabsf(b), inverse;
    uint32_t bits;
    memcpy(&bits, &power, sizeof bits);
    bits &= UINT32_C(0x7f800000);
    bits = bits < UINT32_C(0x7e000000) ? bits : UINT32_C(0x7e000000);
    bits = bits > UINT32_C(0x01000000) ? bits : UINT32_C(0x01000000);
    memcpy(&power, &bits, sizeof power);
    bits = UINT32_C(0x7f000000) - bits;
    memcpy(&inverse, &bits, sizeof inverse);
    a *= inverse;
    b *= inverse;
    return power * sqrtf(sgeo_multiply_add_f32(a, a, b * b));
}

SGEO_INLINE void store(float *dst, const float *src, size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] = src[j];
}

/* The first batch wrote nothing but `first`: mean and norm are 0, size is |first|. */
SGEO_INLINE void second_step(const struct sgeo_moment_stream *stream, const float *g, size_t at,
                             size_t width)
{
    float mean[SGEO_LANES], norm[SGEO_LANES], size[SGEO_LANES];
    for (size_t j = 0; j < width; j++) {
        float first = stream->first[at + j], e = g[at + j] - first;
        mean[j] = 0.5f * e;
        norm[j] = 0.70710678f * fabsf(e);
        size[j] = fabsf(first) + fabsf(g[at + j]);
    }
    store(stream->mean + at, mean, width);
    store(stream->norm + at, norm, width);
    store(stream->size + at, size, width);
}

/* `part` is 1 / (batches + 1). */
SGEO_INLINE void later_step(const struct sgeo_moment_stream *stream, const float *g, float part,
                            size_t at, size_t width)
{
    float mean[SGEO_LANES], norm[SGEO_LANES], size[SGEO_LANES];
    float weight = sqrtf(1.0f - part);
    for (size_t j = 0; j < width; j++) {
        float old = stream->mean[at + j], d = g[at + j] - stream->first[at + j] - old;
        mean[j] = sgeo_multiply_add_f32(d, part, old);
        norm[j] = hypotenuse(stream->norm[at + j], weight * d);
        size[j] = stream->size[at + j] + fabsf(g[at + j]);
    }
    store(stream->mean + at, mean, width);
    store(stream->norm + at, norm, width);
    store(stream->size + at, size, width);
}

SGEO_INLINE void step(const struct sgeo_moment_stream *stream, const float *g, size_t at,
                      size_t width)
{
    if (stream->batches == 0)
        store(stream->first + at, g + at, width);
    else if (stream->batches == 1)
        second_step(stream, g, at, width);
    else
        later_step(stream, g, 1.0f / (float)(stream->batches + 1), at, width);
}

SGEO_INLINE void add_dots(struct sgeo_moment_sums *sums, const float *theta, const float *g,
                          size_t at, size_t width)
{
    float product[SGEO_LANES] = {0};
    for (size_t j = 0; j < width; j++)
        product[j] = theta[at + j] * g[at + j];
    sgeo_add_widened(sums->dot, product);
}

void SGEO_SYMBOL(f32_moments_add)(struct sgeo_moment_stream *stream, const float *g,
                                  const float *theta, size_t n)
{
    struct sgeo_moment_sums sums = {0};
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES) {
        step(stream, g, at, SGEO_LANES);
        if (theta)
            add_dots(&sums, theta, g, at, SGEO_LANES);
    }
    if (at < n) {
        step(stream, g, at, n - at);
        if (theta)
            add_dots(&sums, theta, g, at, n - at);
    }
    for (size_t j = 0; j < SGEO_HALF; j++)
        stream->theta_dot += sums.dot[j];
    stream->batches++;
}
