/* A row's step along its gradient, for the sparse steps that have one rate a row. */
#ifndef SGEO_KERNELS_SCALAR_ROW_DESCENT_H
#define SGEO_KERNELS_SCALAR_ROW_DESCENT_H

#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

SGEO_INLINE void sgeo_tile_descend(float *restrict theta, const float *restrict grad, float rate,
                                   size_t width)
{
    for (size_t j = 0; j < width; j++)
        theta[j] -= rate * grad[j];
}

/* theta (dim) -= rate * grad */
SGEO_INLINE void sgeo_row_descend(float *theta, const float *grad, float rate, size_t dim)
{
    size_t at = 0;
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        sgeo_tile_descend(theta + at, grad + at, rate, SGEO_LANES);
    if (at < dim)
        sgeo_tile_descend(theta + at, grad + at, rate, dim - at);
}

#endif
