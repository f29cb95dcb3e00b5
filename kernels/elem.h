/*
 * What the elements of an activation are: f32, or bf16 in a file that defines SGEO_BF16_MAPS before
 * its includes. The arithmetic on them is f32's in both.
 */
#ifndef SGEO_KERNELS_ELEM_H
#define SGEO_KERNELS_ELEM_H

#include "kernels/kernel.h"

#ifdef SGEO_BF16_MAPS
#include "kernels/bf16.h"

typedef uint16_t sgeo_elem;
#define sgeo_elem_term sgeo_bf16_affine_term /* struct */

SGEO_INLINE float sgeo_elem_value(sgeo_elem elem)
{
    return sgeo_bf16_value(elem);
}

SGEO_INLINE sgeo_elem sgeo_elem_of(float x)
{
    return sgeo_bf16_of(x);
}
#else
#include "base/attr.h"

typedef float sgeo_elem;
#define sgeo_elem_term sgeo_affine_term /* struct */

SGEO_INLINE float sgeo_elem_value(sgeo_elem elem)
{
    return elem;
}

SGEO_INLINE sgeo_elem sgeo_elem_of(float x)
{
    return x;
}
#endif

#endif
