/* dst (n) = 1 / (1 + e^-src), in f32. */
#include "kernels/scalar/logistic.h"
#include "kernels/scalar/tile.h"

SGEO_INLINE void sigmoid_step(float *dst, const float *src, size_t width)
{
    float tile[SGEO_LANES];
    sgeo_tile_load(tile, src, width, 0.0f);
    for (size_t j = 0; j < SGEO_LANES; j++)
        tile[j] = sgeo_logistic_f32(tile[j]).s;
    sgeo_tile_store(dst, tile, width);
}

void SGEO_SYMBOL(f32_sigmoid)(float *dst, const float *src, size_t n)
{
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES)
        sigmoid_step(dst + at, src + at, SGEO_LANES);
    if (at < n)
        sigmoid_step(dst + at, src + at, n - at);
}
