/* Registers of sixteen floats to elements of an activation (kernels/elem.h). */
#ifndef SGEO_KERNELS_AVX512_ELEM_STORES_H
#define SGEO_KERNELS_AVX512_ELEM_STORES_H

#include "kernels/elem.h"

#ifdef SGEO_BF16_MAPS
#include "kernels/avx512bf16/elem_stores.h"
#else
#include "kernels/avx512/intrinsics.h"

SGEO_INLINE void sgeo_store_elems(float *dst, size_t width, __m512 value)
{
    sgeo_store(dst, width, value);
}

SGEO_INLINE void sgeo_store_pixel_elems(float *dst, size_t width, __m512 value)
{
    sgeo_store_pixel(dst, width, value);
}
#endif

#endif
