/* The sums of a run of bf16 (kernels/run_walk.inc) in plain C. */
#ifndef SGEO_KERNELS_SCALAR_RUN_LANES_H
#define SGEO_KERNELS_SCALAR_RUN_LANES_H

#include "kernels/channel_sums.h"
#include "kernels/elem.h"
#include "kernels/scalar/tier.h"

#define SGEO_CHAINS ((size_t)2)

struct sgeo_run {
    float origin[SGEO_LANES];
    float first[SGEO_CHAINS][SGEO_LANES], second[SGEO_CHAINS][SGEO_LANES];
};

/* The nearest floats to the origins of `sums`, and no sums. Not an initialiser: that would be a
 * slow fill of memory, these are registers set to zero. */
SGEO_INLINE void sgeo_run_start(struct sgeo_run *run, const struct sgeo_channel_sums *sums)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        run->origin[j] = (float)sums->origin[j];
    for (size_t chain = 0; chain < SGEO_CHAINS; chain++)
        for (size_t j = 0; j < SGEO_LANES; j++)
            run->first[chain][j] = run->second[chain][j] = 0.0f;
}

/* In a chain's first `width` lanes: first += d;  second += d * (x - origin). Without d: of x -
 * origin itself. */
SGEO_INLINE void sgeo_run_add(struct sgeo_run *run, size_t chain, const sgeo_elem *d,
                              const sgeo_elem *x, size_t width)
{
    float offset[SGEO_LANES], summand[SGEO_LANES];
    float *first = run->first[chain], *second = run->second[chain];
    for (size_t j = 0; j < width; j++)
        offset[j] = sgeo_elem_value(x[j]) - run->origin[j];
    for (size_t j = 0; j < width; j++)
        summand[j] = d ? sgeo_elem_value(d[j]) : offset[j];
    for (size_t j = 0; j < width; j++)
        first[j] += summand[j];
    for (size_t j = 0; j < width; j++)
        second[j] = sgeo_multiply_add_f32(summand[j], offset[j], second[j]);
}

/* Adds all chains to `sums`. What is left of an origin by its nearest float counts here. */
SGEO_INLINE void sgeo_run_end(struct sgeo_channel_sums *sums, const struct sgeo_run *run)
{
    double first[SGEO_LANES];
    for (size_t j = 0; j < SGEO_LANES; j++)
        first[j] = (double)(run->first[0][j] + run->first[1][j]);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->first[j] += first[j];
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->second[j] += (double)(run->second[0][j] + run->second[1][j]) -
                           (sums->origin[j] - (double)run->origin[j]) * first[j];
}

#include "kernels/run_walk.inc"

#endif
