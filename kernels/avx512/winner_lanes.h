/* Rectangles of the max pools, with AVX-512. */
#ifndef SGEO_KERNELS_AVX512_WINNER_LANES_H
#define SGEO_KERNELS_AVX512_WINNER_LANES_H

#include "kernels/avx512/elem_loads.h"
#include "kernels/avx512/exact_stores.h"
#include "kernels/pool_grid.h"

/* The first `width` bytes, zeros behind them; nothing else is read. */
SGEO_INLINE __m128i sgeo_load_bytes(const uint8_t *src, size_t width)
{
    if (width == SGEO_FULL)
        return _mm_loadu_si128((const void *)src);
    if (width == SGEO_HALF)
        return _mm_loadl_epi64((const void *)src);
    return _mm_maskz_loadu_epi8(sgeo_first_lanes(width), src);
}

SGEO_INLINE void sgeo_store_bytes(uint8_t *dst, size_t width, __m128i value)
{
    if (width == SGEO_FULL)
        _mm_storeu_si128((void *)dst, value);
    else if (width == SGEO_HALF)
        _mm_storel_epi64((void *)dst, value);
    else
        _mm_mask_storeu_epi8(dst, sgeo_first_lanes(width), value);
}

/* dst, where (width) = first maximum of the rectangle at src and its position; positions (rows,
 * cols) */
SGEO_INLINE void sgeo_rectangle_winner(sgeo_elem *dst, uint8_t *where, const sgeo_elem *src,
                                       const struct sgeo_pool_grid *grid, const int32_t *positions,
                                       size_t width)
{
    __m512 winner = sgeo_load_pixel_elems(src, width);
    __mmask16 number = 0xffff; /* no NaN so far */
    __m128i position = _mm_set1_epi8((char)positions[0]);
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++) {
            __m512 pixel = sgeo_load_pixel_elems(src + y * grid->row + x * grid->pitch, width);
            /* greater, or the first NaN */
            __mmask16 wins = number & _mm512_cmp_ps_mask(pixel, winner, _CMP_NLE_UQ);
            number &= _mm512_cmp_ps_mask(pixel, pixel, _CMP_ORD_Q);
            winner = _mm512_mask_mov_ps(winner, wins, pixel);
            position = _mm_mask_blend_epi8(wins, position,
                                           _mm_set1_epi8((char)positions[y * grid->cols + x]));
        }
    sgeo_store_pixel_exactly(dst, width, winner);
    sgeo_store_bytes(where, width, position);
}

/* dsrc (width) = sum of ddst over the windows of the rectangle whose winner has its position */
SGEO_INLINE void sgeo_rectangle_won(sgeo_elem *dsrc, const sgeo_elem *ddst, const uint8_t *where,
                                    const struct sgeo_pool_grid *grid, const int32_t *positions,
                                    size_t width)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++) {
            size_t at = y * grid->row + x * grid->pitch;
            __mmask16 won = _mm_cmpeq_epi8_mask(sgeo_load_bytes(where + at, width),
                                                _mm_set1_epi8((char)positions[y * grid->cols + x]));
            sum = _mm512_mask_add_ps(sum, won, sum, sgeo_load_pixel_elems(ddst + at, width));
        }
    sgeo_store_pixel_exactly(dsrc, width, sum);
}

#endif
