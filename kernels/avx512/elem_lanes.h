/* Elements of an activation (kernels/elem.h) in registers: sixteen floats. */
#ifndef SGEO_KERNELS_AVX512_ELEM_LANES_H
#define SGEO_KERNELS_AVX512_ELEM_LANES_H

#include "kernels/elem.h"

#ifdef SGEO_BF16_MAPS
#include "kernels/avx512bf16/elem_lanes.h"
#else
#include "kernels/avx512/intrinsics.h"

/* The first `width` elements, zeros behind them; and a pixel's, as in intrinsics.h. */
SGEO_INLINE __m512 sgeo_load_elems(const float *src, size_t width)
{
    return sgeo_load(src, width);
}

SGEO_INLINE void sgeo_store_elems(float *dst, size_t width, __m512 value)
{
    sgeo_store(dst, width, value);
}

SGEO_INLINE __m512 sgeo_load_pixel_elems(const float *src, size_t width)
{
    return sgeo_load_pixel(src, width);
}

SGEO_INLINE void sgeo_store_pixel_elems(float *dst, size_t width, __m512 value)
{
    sgeo_store_pixel(dst, width, value);
}
#endif

#endif
