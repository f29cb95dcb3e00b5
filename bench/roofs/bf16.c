/* The limit of bf16 multiply-adds: two products and their sum in every lane of 16. */
#include <immintrin.h>

#include "bench/roofs/loops.h"

#define CHAINS ((size_t)12)
#define LANES  ((size_t)16)

const double sgeo_roof_bf16_flops = 4.0 * CHAINS * LANES;
const double sgeo_roof_bf16_sum = 1.0 * CHAINS * LANES;

double sgeo_roof_bf16(size_t turns)
{
    const __m512 ones = _mm512_set1_ps(1.0f);
    const __m512 signs = _mm512_mask_blend_ps(0x5555, ones, _mm512_set1_ps(-1.0f));
    const __m512bh a = _mm512_cvtne2ps_pbh(ones, ones), b = _mm512_cvtne2ps_pbh(signs, signs);
    __m512 x[CHAINS];
    double sum = 0.0;
    for (size_t c = 0; c < CHAINS; c++)
        x[c] = ones;
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t c = 0; c < CHAINS; c++)
            x[c] = _mm512_dpbf16_ps(x[c], a, b);
    for (size_t c = 0; c < CHAINS; c++)
        sum += (double)_mm512_reduce_add_ps(x[c]);
    return sum;
}
