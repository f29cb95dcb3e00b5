/* The elements of kernels/elem.h for the references: as double, and rounded once. */
#ifndef SGEO_KERNELS_REF_ELEM_H
#define SGEO_KERNELS_REF_ELEM_H

#include "kernels/elem.h"
#include "kernels/ref/bf16.h"

#ifdef SGEO_BF16_MAPS
static inline double sgeo_ref_value(sgeo_elem elem)
{
    return sgeo_ref_bf16_value(elem);
}

static inline sgeo_elem sgeo_ref_elem(double x)
{
    return sgeo_ref_bf16(x);
}
#else
static inline double sgeo_ref_value(sgeo_elem elem)
{
    return (double)elem;
}

static inline sgeo_elem sgeo_ref_elem(double x)
{
    return (float)x;
}
#endif

#endif
