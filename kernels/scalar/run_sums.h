/*
 * Sums of bf16 in f32 lanes: of at most SGEO_RUN steps, which are added to sums in double before
 * their roundings pile up. Every other step has lanes of its own: a sum need not wait for the one
 * before it.
 */
#ifndef SGEO_KERNELS_SCALAR_RUN_SUMS_H
#define SGEO_KERNELS_SCALAR_RUN_SUMS_H

#include "kernels/channel_sums.h"
#include "kernels/scalar/tier.h"

#define SGEO_RUN ((size_t)64)

/* The sums of kernels/channel_sums.h, around `origin`, the nearest float to the one there. */
struct sgeo_run_sums {
    float origin[SGEO_LANES];
    float first[SGEO_LANES], second[SGEO_LANES];
};

/* Not an initialiser: that would be a slow fill of memory, these are registers set to zero. */
SGEO_INLINE void sgeo_run_start(struct sgeo_run_sums *run, const struct sgeo_channel_sums *sums)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        run->origin[j] = (float)sums->origin[j];
    for (size_t j = 0; j < SGEO_LANES; j++)
        run->first[j] = run->second[j] = 0.0f;
}

/* first += a;  second += a * b */
SGEO_INLINE void sgeo_run_add(struct sgeo_run_sums *run, const float *a, const float *b,
                              size_t width)
{
    for (size_t j = 0; j < width; j++)
        run->first[j] += a[j];
    for (size_t j = 0; j < width; j++)
        run->second[j] = sgeo_multiply_add_f32(a[j], b[j], run->second[j]);
}

/* even += odd */
SGEO_INLINE void sgeo_run_join(struct sgeo_run_sums *even, const struct sgeo_run_sums *odd)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        even->first[j] += odd->first[j];
    for (size_t j = 0; j < SGEO_LANES; j++)
        even->second[j] += odd->second[j];
}

#endif
