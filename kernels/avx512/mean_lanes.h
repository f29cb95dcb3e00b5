/* Rectangles of weighted pixels for the average pools, with AVX-512. */
#ifndef SGEO_KERNELS_AVX512_MEAN_LANES_H
#define SGEO_KERNELS_AVX512_MEAN_LANES_H

#include "kernels/avx512/elem_loads.h"
#include "kernels/avx512/elem_stores.h"
#include "kernels/pool_grid.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
SGEO_INLINE void sgeo_rectangle_sum(sgeo_elem *dst, const sgeo_elem *src,
                                    const struct sgeo_pool_grid *grid, const float *weights,
                                    size_t width)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++) {
            __m512 pixel = sgeo_load_pixel_elems(src + y * grid->row + x * grid->pitch, width);
            sum = _mm512_fmadd_ps(_mm512_set1_ps(weights[y * grid->cols + x]), pixel, sum);
        }
    sgeo_store_pixel_elems(dst, width, sum);
}

#ifdef SGEO_BF16_MAPS
/* A column of a rectangle. */
struct sgeo_column {
    __m512 lanes;
};

/* sum (width) = sum over the column at src of weight * pixel; weights (rows, cols), alike in a row
 */
SGEO_INLINE void sgeo_column_sum(struct sgeo_column *sum, const sgeo_elem *src,
                                 const struct sgeo_pool_grid *grid, const float *weights,
                                 size_t width)
{
    sum->lanes = _mm512_setzero_ps();
    for (size_t y = 0; y < grid->rows; y++) {
        __m512 pixel = sgeo_load_pixel_elems(src + y * grid->row, width);
        sum->lanes = _mm512_fmadd_ps(_mm512_set1_ps(weights[y * grid->cols]), pixel, sum->lanes);
    }
}

/* dst (width) = a + b + c */
SGEO_INLINE void sgeo_columns_store(sgeo_elem *dst, const struct sgeo_column *a,
                                    const struct sgeo_column *b, const struct sgeo_column *c,
                                    size_t width)
{
    __m512 sum = _mm512_add_ps(_mm512_add_ps(a->lanes, b->lanes), c->lanes);
    sgeo_store_pixel_elems(dst, width, sum);
}
#endif

#endif
