/*
 * Rectangles of the scalar max pools. A pixel's `width` lanes are consecutive; constant sizes make
 * the loops straight vector code.
 */
#ifndef SGEO_KERNELS_SCALAR_WINNER_LANES_H
#define SGEO_KERNELS_SCALAR_WINNER_LANES_H

#include <string.h>

#include "kernels/elem.h"
#include "kernels/pool_grid.h"
#include "kernels/scalar/tier.h"

struct sgeo_winners {
    float value[SGEO_LANES];
    int32_t position[SGEO_LANES];
};

SGEO_INLINE void sgeo_challenge(struct sgeo_winners *winners, const sgeo_elem *pixel,
                                int32_t position, size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float value = sgeo_elem_value(pixel[j]);
        /* greater, or the first NaN */
        bool wins = !(value <= winners->value[j]) & (winners->value[j] == winners->value[j]);
        winners->value[j] = wins ? value : winners->value[j];
        winners->position[j] = wins ? position : winners->position[j];
    }
}

/* dst, where (width) = first maximum of the rectangle at src and its position; positions (rows,
 * cols) */
SGEO_INLINE void sgeo_rectangle_winner(sgeo_elem *dst, uint8_t *where, const sgeo_elem *src,
                                       const struct sgeo_pool_grid *grid, const int32_t *positions,
                                       size_t width)
{
    struct sgeo_winners winners;
    for (size_t j = 0; j < width; j++)
        winners.value[j] = sgeo_elem_value(src[j]);
    for (size_t j = 0; j < width; j++)
        winners.position[j] = positions[0];
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++)
            sgeo_challenge(&winners, src + y * grid->row + x * grid->pitch,
                           positions[y * grid->cols + x], width);
    for (size_t j = 0; j < width; j++)
        dst[j] = sgeo_elem_of(winners.value[j]);
    for (size_t j = 0; j < width; j++)
        where[j] = (uint8_t)winners.position[j];
}

/*
 * wide (8) = bytes (8), which must not be read beyond. Through shifts of one little-endian word,
 * since gcc would widen eight bytes in pieces too small for the vectors that follow.
 */
SGEO_INLINE void sgeo_widen_eight(int32_t *wide, const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    for (size_t j = 0; j < 8; j++)
        wide[j] = (int32_t)(word >> 8 * j & 0xff);
}

SGEO_INLINE void sgeo_widen(int32_t *wide, const uint8_t *bytes, size_t width)
{
    size_t eights = width / 8 * 8;
    for (size_t j = 0; j < eights; j += 8)
        sgeo_widen_eight(wide + j, bytes + j);
    for (size_t j = eights; j < width; j++)
        wide[j] = bytes[j];
}

SGEO_INLINE void sgeo_collect(float *sum, const sgeo_elem *ddst, const uint8_t *where,
                              int32_t position, size_t width)
{
    int32_t winner[SGEO_LANES];
    sgeo_widen(winner, where, width);
    for (size_t j = 0; j < width; j++) {
        float gradient =
            sgeo_elem_value(ddst[j]); /* read in any case, so that the loop has no branch */
        sum[j] += winner[j] == position ? gradient : 0.0f;
    }
}

/* dsrc (width) = sum of ddst over the windows of the rectangle whose winner has its position */
SGEO_INLINE void sgeo_rectangle_won(sgeo_elem *dsrc, const sgeo_elem *ddst, const uint8_t *where,
                                    const struct sgeo_pool_grid *grid, const int32_t *positions,
                                    size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++) {
            size_t at = y * grid->row + x * grid->pitch;
            sgeo_collect(sum, ddst + at, where + at, positions[y * grid->cols + x], width);
        }
    for (size_t j = 0; j < width; j++)
        dsrc[j] = sgeo_elem_of(sum[j]);
}

#endif
