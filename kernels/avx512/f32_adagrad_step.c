/* One step of Adagrad on theta, accumulator, grad (n), with AVX-512. */
#include "kernels/avx512/intrinsics.h"

SGEO_INLINE void adagrad_step(float *theta, float *accumulator, const float *grad, __m512 lr,
                              __m512 epsilon, size_t width)
{
    __m512 g = sgeo_load(grad, width);
    __m512 squares = _mm512_add_ps(sgeo_load(accumulator, width), _mm512_mul_ps(g, g));
    __m512 norm = _mm512_add_ps(_mm512_sqrt_ps(squares), epsilon);
    __m512 step = _mm512_div_ps(_mm512_mul_ps(lr, g), norm);
    sgeo_store(accumulator, width, squares);
    sgeo_store(theta, width, _mm512_sub_ps(sgeo_load(theta, width), step));
}

void SGEO_SYMBOL(f32_adagrad_step)(float *theta, float *accumulator, const float *grad, float lr,
                                   float epsilon, size_t n)
{
    __m512 rate = _mm512_set1_ps(lr), floor = _mm512_set1_ps(epsilon);
    size_t at = 0;
    for (; at + SGEO_FULL <= n; at += SGEO_FULL)
        adagrad_step(theta + at, accumulator + at, grad + at, rate, floor, SGEO_FULL);
    if (at < n)
        adagrad_step(theta + at, accumulator + at, grad + at, rate, floor, n - at);
}
