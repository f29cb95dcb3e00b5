/*
 * What the scalar Winograd kernels share: the transforms over `width` neighbouring channels, a
 * constant of 8 or 16, and the products of their results. Every loop over lanes touches local
 * arrays and at most one other buffer, so that no pointer can be another's alias.
 */
#ifndef SGEO_KERNELS_SCALAR_WINOGRAD_LANES_H
#define SGEO_KERNELS_SCALAR_WINOGRAD_LANES_H

#include "kernels/scalar/tier.h"
#include "kernels/winograd_tiles.h"

/*
 * A product's accumulators, sets of rows of 16 lanes: enough chains to hide the latency of a
 * multiply-add, few enough to stay in registers beside their operands (12 of 16 with AVX2, 12 of 32
 * with AVX-512, 16 of 32 with NEON). A set is what the compiler unrolls.
 */
#if defined(__AVX512F__) || defined(SGEO_AVX512_HEADER) /* or its emulation: the same shapes */
#define SGEO_WIDE_LANES
#define SGEO_ROW_SETS ((size_t)2)
#define SGEO_ROWS     ((size_t)6)
#elif defined(__AVX__)
#define SGEO_ROW_SETS ((size_t)1)
#define SGEO_ROWS     ((size_t)6)
#else
#define SGEO_ROW_SETS ((size_t)1)
#define SGEO_ROWS     ((size_t)4)
#endif

SGEO_INLINE void sgeo_copy_lanes(float *dst, const float *src, size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] = src[j];
}

SGEO_INLINE void sgeo_zero_lanes(float *dst, size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] = 0.0f;
}

/* B' d, six inputs along an axis */
SGEO_INLINE void sgeo_input_line(float v[6][SGEO_LANES], float d[6][SGEO_LANES], size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float even = sgeo_multiply_add_f32(-4.0f, d[2][j], d[4][j]);
        float odd = sgeo_multiply_add_f32(-4.0f, d[1][j], d[3][j]);
        float even2 = d[4][j] - d[2][j], odd2 = d[3][j] - d[1][j];
        v[0][j] =
            sgeo_multiply_add_f32(4.0f, d[0][j], sgeo_multiply_add_f32(-5.0f, d[2][j], d[4][j]));
        v[1][j] = even + odd;
        v[2][j] = even - odd;
        v[3][j] = sgeo_multiply_add_f32(2.0f, odd2, even2);
        v[4][j] = sgeo_multiply_add_f32(-2.0f, odd2, even2);
        v[5][j] =
            sgeo_multiply_add_f32(4.0f, d[1][j], sgeo_multiply_add_f32(-5.0f, d[3][j], d[5][j]));
    }
}

/* A y, four gradients along an axis */
SGEO_INLINE void sgeo_output_grad_line(float z[6][SGEO_LANES], float y[6][SGEO_LANES], size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float even = y[0][j] + y[2][j], odd = y[1][j] + y[3][j];
        float even2 = sgeo_multiply_add_f32(4.0f, y[2][j], y[0][j]);
        float odd2 = sgeo_multiply_add_f32(4.0f, y[3][j], y[1][j]);
        z[0][j] = y[0][j];
        z[1][j] = even + odd;
        z[2][j] = even - odd;
        z[3][j] = sgeo_multiply_add_f32(2.0f, odd2, even2);
        z[4][j] = sgeo_multiply_add_f32(-2.0f, odd2, even2);
        z[5][j] = y[3][j];
    }
}

/* A' m, four outputs along an axis */
SGEO_INLINE void sgeo_output_line(float y[4][SGEO_LANES], float m[6][SGEO_LANES], size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float sum = m[1][j] + m[2][j], difference = m[1][j] - m[2][j];
        float sum2 = m[3][j] + m[4][j], difference2 = m[3][j] - m[4][j];
        y[0][j] = m[0][j] + sum + sum2;
        y[1][j] = sgeo_multiply_add_f32(2.0f, difference2, difference);
        y[2][j] = sgeo_multiply_add_f32(4.0f, sum2, sum);
        y[3][j] = sgeo_multiply_add_f32(8.0f, difference2, difference) + m[5][j];
    }
}

/* Which side of the convolution is transformed: inputs by B', or gradients of outputs by A. */
enum sgeo_winograd_side { SGEO_WINOGRAD_INPUT, SGEO_WINOGRAD_OUTPUT_GRAD };

SGEO_INLINE void sgeo_side_line(float v[6][SGEO_LANES], float d[6][SGEO_LANES],
                                enum sgeo_winograd_side side, size_t width)
{
    if (side == SGEO_WINOGRAD_INPUT)
        sgeo_input_line(v, d, width);
    else
        sgeo_output_grad_line(v, d, width);
}

/* Tiles of an activation to transform: `count` from `tile` on, `channels` channels from `first` on;
 * what does not exist of them counts as zeros. */
struct sgeo_winograd_span {
    const float *src;
    const struct sgeo_layout *layout;
    struct sgeo_winograd_tile tile;
    size_t count, first, channels;
};

SGEO_INLINE size_t sgeo_side_size(enum sgeo_winograd_side side)
{
    return side == SGEO_WINOGRAD_INPUT ? SGEO_PATCH : SGEO_TILE;
}

/* Column x of a patch, transformed; its channels are `offset` behind the first. */
SGEO_INLINE void sgeo_patch_column(float v[6][SGEO_LANES], const struct sgeo_winograd_patch *patch,
                                   size_t x, size_t pitch, size_t offset,
                                   enum sgeo_winograd_side side, size_t width)
{
    float d[6][SGEO_LANES];
    size_t column = patch->first + x, at = column * pitch + offset;
    if (column >= patch->width) {
        for (size_t i = 0; i < 6; i++)
            sgeo_zero_lanes(v[i], width);
        return;
    }
    for (size_t i = 0; i < sgeo_side_size(side); i++)
        sgeo_copy_lanes(d[i], patch->row[i] + (at & patch->mask[i]), width);
    sgeo_side_line(v, d, side, width);
}

/* Transform the columns' lines across; point p goes to v + p*plane. */
SGEO_INLINE void sgeo_write_points(float *v, size_t plane, float columns[6][6][SGEO_LANES],
                                   enum sgeo_winograd_side side, size_t width)
{
    for (size_t i = 0; i < 6; i++) {
        float d[6][SGEO_LANES], points[6][SGEO_LANES];
        for (size_t x = 0; x < sgeo_side_size(side); x++)
            sgeo_copy_lanes(d[x], columns[x][i], width);
        sgeo_side_line(points, d, side, width);
        for (size_t x = 0; x < 6; x++)
            sgeo_copy_lanes(v + (i * 6 + x) * plane, points[x], width);
    }
}

/* All channels of one patch of a span: v (36 planes, channels) */
SGEO_INLINE void sgeo_patch_points(float *v, size_t plane, const struct sgeo_winograd_patch *patch,
                                   const struct sgeo_winograd_ahead *ahead,
                                   const struct sgeo_winograd_span *span,
                                   enum sgeo_winograd_side side, size_t width)
{
    static const struct sgeo_winograd_patch outside;
    size_t exist = span->layout->groups * span->layout->lanes;
    struct sgeo_channel_walk walk = sgeo_channel_walk_at(span->layout, span->first);
    for (size_t c = 0; c < span->channels; c += width) {
        float columns[6][6][SGEO_LANES];
        const struct sgeo_winograd_patch *source = walk.channel < exist ? patch : &outside;
        if (walk.channel < exist)
            sgeo_winograd_fetch(span->src + walk.offset, ahead, width, false);
        for (size_t x = 0; x < sgeo_side_size(side); x++)
            sgeo_patch_column(columns[x], source, x, span->layout->pitch, walk.offset, side, width);
        sgeo_write_points(v + c, plane, columns, side, width);
        sgeo_channel_walk_advance(&walk, span->layout, width);
    }
}

/* planes: 36 points of (count, channels), `plane` floats apart */
SGEO_INLINE void sgeo_span_points_of(float *planes, size_t plane,
                                     const struct sgeo_winograd_span *span,
                                     enum sgeo_winograd_side side, size_t width)
{
    struct sgeo_winograd_tile tile = span->tile, next = tile;
    for (size_t t = 0; t < SGEO_TILES_AHEAD; t++)
        sgeo_winograd_advance(&next, span->layout);
    for (size_t t = 0; t < span->count; t++) {
        struct sgeo_winograd_ahead ahead = sgeo_winograd_ahead_of(span->layout, &next);
        struct sgeo_winograd_patch patch = sgeo_winograd_patch_at(
            span->src, span->layout, &tile, side == SGEO_WINOGRAD_INPUT ? 1 : 0);
        sgeo_patch_points(planes + t * span->channels, plane, &patch, &ahead, span, side, width);
        sgeo_winograd_advance(&tile, span->layout);
        sgeo_winograd_advance(&next, span->layout);
    }
}

/* Lanes that a transform works on: a register of the tier, or two where they are short. */
SGEO_INLINE size_t sgeo_winograd_width(const struct sgeo_layout *layout)
{
#ifdef SGEO_WIDE_LANES
    if (layout->lanes % 16 == 0)
        return 16;
#endif
    (void)layout;
    return 8;
}

SGEO_INLINE void sgeo_span_points(float *planes, size_t plane,
                                  const struct sgeo_winograd_span *span,
                                  enum sgeo_winograd_side side)
{
    if (sgeo_winograd_width(span->layout) == 16)
        sgeo_span_points_of(planes, plane, span, side, 16);
    else
        sgeo_span_points_of(planes, plane, span, side, 8);
}

/*
 * sums (sets*rows, 16) = product of v and u (n, 16), n > 0: row r of v has its element i at r*row +
 * i*step. A loop that never runs zero times leaves the sums in registers.
 */
SGEO_INLINE void sgeo_panel_product(float sums[][SGEO_ROWS][SGEO_LANES], const float *v, size_t row,
                                    size_t step, const float *u, size_t n, size_t rows)
{
    size_t i = 0;
    for (size_t s = 0; s < SGEO_ROW_SETS; s++)
        for (size_t r = 0; r < rows; r++)
            sgeo_zero_lanes(sums[s][r], SGEO_LANES);
    do {
        for (size_t s = 0; s < SGEO_ROW_SETS; s++)
            for (size_t r = 0; r < rows; r++)
                for (size_t j = 0; j < SGEO_LANES; j++)
                    sums[s][r][j] = sgeo_multiply_add_f32(v[(s * rows + r) * row + i * step],
                                                          u[i * SGEO_LANES + j], sums[s][r][j]);
    } while (++i < n);
}

#endif
