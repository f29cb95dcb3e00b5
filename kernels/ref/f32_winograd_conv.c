/*
 * dst (N,K,H,W) = 3x3 convolution of src (N,C,H,W), the direct way in double: nothing of Winograd's
 * algebra but the corners of G w G', from which the weights are read back.
 */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* Transformed weights (panels, 36, C, 16). */
struct points {
    const float *u;
    size_t channels;
};

static double point(const struct points *points, size_t k, size_t c, size_t i, size_t x)
{
    size_t row = k / SGEO_WINOGRAD_PANEL * SGEO_WINOGRAD_POINTS + i * 6 + x;
    return (double)
        points->u[(row * points->channels + c) * SGEO_WINOGRAD_PANEL + k % SGEO_WINOGRAD_PANEL];
}

/* Element s of a filter's row, row i of its points' matrix: G's rows 0, 1, 2 and 5 solved for w. */
static double across(const struct points *points, size_t k, size_t c, size_t i, size_t s)
{
    if (s == 0)
        return 4.0 * point(points, k, c, i, 0);
    if (s == 1)
        return 3.0 * (point(points, k, c, i, 2) - point(points, k, c, i, 1));
    return point(points, k, c, i, 5);
}

static double weight(const struct points *points, size_t k, size_t c, size_t r, size_t s)
{
    if (r == 0)
        return 4.0 * across(points, k, c, 0, s);
    if (r == 1)
        return 3.0 * (across(points, k, c, 2, s) - across(points, k, c, 1, s));
    return across(points, k, c, 5, s);
}

/* Output (n, k, y, x). */
static double output(const struct points *points, const float *src, const struct sgeo_layout *in,
                     size_t n, size_t k, size_t y, size_t x)
{
    double sum = 0.0;
    for (size_t c = 0; c < points->channels; c++)
        for (size_t r = 0; r < 3; r++)
            for (size_t s = 0; s < 3; s++)
                if (y + r >= 1 && y + r <= in->height && x + s >= 1 && x + s <= in->width)
                    sum += weight(points, k, c, r, s) *
                           (double)src[sgeo_ref_at(in, n, c, y + r - 1, x + s - 1)];
    return sum;
}

void sgeo_f32_winograd_conv__ref(float *dst, const float *src, const float *u, float *room,
                                 size_t block, const struct sgeo_layout *in,
                                 const struct sgeo_layout *out)
{
    struct points points = {u, sgeo_ref_channels(in)};
    (void)room;
    (void)block;
    for (size_t n = 0; n < out->n; n++)
        for (size_t k = 0; k < sgeo_ref_channels(out); k++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++)
                    dst[sgeo_ref_at(out, n, k, y, x)] = (float)output(&points, src, in, n, k, y, x);
}
