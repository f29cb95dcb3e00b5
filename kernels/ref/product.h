/* A product as the other tiers have it, where f32 has no number for it. */
#ifndef SGEO_KERNELS_REF_PRODUCT_H
#define SGEO_KERNELS_REF_PRODUCT_H

#include <math.h>

/* a * b in double; infinite where f32 overflows. */
static inline double sgeo_ref_product(double a, double b)
{
    float narrow = (float)(a * b);
    return isinf(narrow) ? (double)narrow : a * b;
}

#endif
