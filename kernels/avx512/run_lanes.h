/* The sums of a run of bf16 (kernels/scalar/run_lanes.h, kernels/run_walk.inc) in registers, with
 * AVX-512. */
#ifndef SGEO_KERNELS_AVX512_RUN_LANES_H
#define SGEO_KERNELS_AVX512_RUN_LANES_H

#include "kernels/avx512/elem_loads.h"
#include "kernels/channel_sums.h"

#define SGEO_CHAINS ((size_t)4) /* as many as a multiply-add takes cycles */

struct sgeo_run {
    __m512 origin;
    __m512 first[SGEO_CHAINS], second[SGEO_CHAINS];
};

SGEO_INLINE void sgeo_run_start(struct sgeo_run *run, const struct sgeo_channel_sums *sums)
{
    float origin[SGEO_LANES];
    for (size_t j = 0; j < SGEO_LANES; j++)
        origin[j] = (float)sums->origin[j];
    run->origin = _mm512_loadu_ps(origin);
    for (size_t chain = 0; chain < SGEO_CHAINS; chain++)
        run->first[chain] = run->second[chain] = _mm512_setzero_ps();
}

SGEO_INLINE void sgeo_run_add(struct sgeo_run *run, size_t chain, const sgeo_elem *d,
                              const sgeo_elem *x, size_t width)
{
    __mmask16 lanes = sgeo_first_lanes(width);
    __m512 value = sgeo_load_elems(x, width);
    __m512 offset = width == SGEO_FULL ? _mm512_sub_ps(value, run->origin)
                                       : _mm512_maskz_sub_ps(lanes, value, run->origin);
    __m512 summand = d ? sgeo_load_elems(d, width) : offset;
    run->first[chain] = _mm512_add_ps(run->first[chain], summand);
    run->second[chain] = _mm512_fmadd_ps(summand, offset, run->second[chain]);
}

SGEO_INLINE __m512 sgeo_chains_sum(const __m512 *chains)
{
    return _mm512_add_ps(_mm512_add_ps(chains[0], chains[1]), _mm512_add_ps(chains[2], chains[3]));
}

/* Eight lanes: first += a;  second += b - rest * a, where rest = exact - nearest. */
SGEO_INLINE void sgeo_run_end_half(double *first, double *second, const double *exact,
                                   __m512d nearest, __m512d a, __m512d b)
{
    __m512d rest = _mm512_sub_pd(_mm512_loadu_pd(exact), nearest);
    _mm512_storeu_pd(first, _mm512_add_pd(_mm512_loadu_pd(first), a));
    _mm512_storeu_pd(second, _mm512_add_pd(_mm512_loadu_pd(second), _mm512_fnmadd_pd(rest, a, b)));
}

SGEO_INLINE void sgeo_run_end(struct sgeo_channel_sums *sums, const struct sgeo_run *run)
{
    __m512 a = sgeo_chains_sum(run->first), b = sgeo_chains_sum(run->second);
    sgeo_run_end_half(sums->first, sums->second, sums->origin, sgeo_low(run->origin), sgeo_low(a),
                      sgeo_low(b));
    sgeo_run_end_half(sums->first + SGEO_HALF, sums->second + SGEO_HALF, sums->origin + SGEO_HALF,
                      sgeo_high(run->origin), sgeo_high(a), sgeo_high(b));
}

#include "kernels/run_walk.inc"

#endif
