/* u (panels, 36, in, 16) = G w G' of wei (K,C,3,3), in f32. */
#include "kernels/scalar/winograd_lanes.h"

/* G w, three weights along an axis */
SGEO_INLINE void weight_line(float u[6][SGEO_LANES], float w[3][SGEO_LANES])
{
    for (size_t j = 0; j < SGEO_LANES; j++) {
        float outer = (w[0][j] + w[2][j]) * (-1.0f / 6.0f);
        float outer2 = sgeo_multiply_add_f32(1.0f / 24.0f, w[0][j], w[2][j] * (1.0f / 6.0f));
        u[0][j] = 0.25f * w[0][j];
        u[1][j] = sgeo_multiply_add_f32(-1.0f / 6.0f, w[1][j], outer);
        u[2][j] = sgeo_multiply_add_f32(1.0f / 6.0f, w[1][j], outer);
        u[3][j] = sgeo_multiply_add_f32(1.0f / 12.0f, w[1][j], outer2);
        u[4][j] = sgeo_multiply_add_f32(-1.0f / 12.0f, w[1][j], outer2);
        u[5][j] = w[2][j];
    }
}

/* The filters of up to 16 output channels, `stride` apart: element e is wei[9*..+ (flipped) e]. */
static void gather_filters(float w[9][SGEO_LANES], const float *wei, size_t stride, size_t filters,
                           bool flipped)
{
    for (size_t e = 0; e < 9; e++) {
        for (size_t j = 0; j < filters; j++)
            w[e][j] = wei[j * stride + (flipped ? 8 - e : e)];
        for (size_t j = filters; j < SGEO_LANES; j++)
            w[e][j] = 0.0f;
    }
}

/* The 36 points of 16 filters; point p is at u + p*plane. */
static void transform_filters(float *u, size_t plane, float w[9][SGEO_LANES])
{
    float columns[3][6][SGEO_LANES];
    for (size_t x = 0; x < 3; x++) {
        float line[3][SGEO_LANES];
        for (size_t i = 0; i < 3; i++)
            sgeo_copy_lanes(line[i], w[i * 3 + x], SGEO_LANES);
        weight_line(columns[x], line);
    }
    for (size_t i = 0; i < 6; i++) {
        float line[3][SGEO_LANES], points[6][SGEO_LANES];
        for (size_t x = 0; x < 3; x++)
            sgeo_copy_lanes(line[x], columns[x][i], SGEO_LANES);
        weight_line(points, line);
        for (size_t x = 0; x < 6; x++)
            sgeo_copy_lanes(u + (i * 6 + x) * plane, points[x], SGEO_LANES);
    }
}

void SGEO_SYMBOL(f32_winograd_weights)(float *u, const float *wei, size_t out_channels,
                                       size_t in_channels, bool transposed)
{
    size_t in = transposed ? out_channels : in_channels;
    size_t out = transposed ? in_channels : out_channels;
    size_t in_stride = (transposed ? in_channels : 1) * 9;
    size_t out_stride = (transposed ? 1 : in_channels) * 9;
    for (size_t k = 0; k < out; k += SGEO_WINOGRAD_PANEL)
        for (size_t c = 0; c < in; c++) {
            float w[9][SGEO_LANES];
            gather_filters(w, wei + k * out_stride + c * in_stride, out_stride,
                           sgeo_min(SGEO_WINOGRAD_PANEL, out - k), transposed);
            transform_filters(u + (k * SGEO_WINOGRAD_POINTS) * in + c * SGEO_WINOGRAD_PANEL,
                              in * SGEO_WINOGRAD_PANEL, w);
        }
}
