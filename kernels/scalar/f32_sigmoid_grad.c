/* dsrc (n) = ddst * y * (1 - y), in f32. */
#include "kernels/scalar/tile.h"

SGEO_INLINE void sigmoid_grad_step(float *dsrc, const float *ddst, const float *y, size_t width)
{
    float tile[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        tile[j] = ddst[j] * (y[j] * (1.0f - y[j]));
    sgeo_tile_store(dsrc, tile, width);
}

void SGEO_SYMBOL(f32_sigmoid_grad)(float *dsrc, const float *ddst, const float *y, size_t n)
{
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES)
        sigmoid_grad_step(dsrc + at, ddst + at, y + at, SGEO_LANES);
    if (at < n)
        sigmoid_grad_step(dsrc + at, ddst + at, y + at, n - at);
}
