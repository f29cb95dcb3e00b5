/* One step of SGD as PyTorch defines it on theta, velocity, grad (n), with AVX-512. */
#include "kernels/avx512/intrinsics.h"

SGEO_INLINE void sgd_step(float *theta, float *velocity, const float *grad,
                          const struct sgeo_sgd *sgd, size_t width)
{
    __m512 momentum = _mm512_set1_ps(sgd->momentum), weights = sgeo_load(theta, width);
    __m512 decay = _mm512_mul_ps(_mm512_set1_ps(sgd->weight_decay), weights);
    __m512 d = _mm512_add_ps(sgeo_load(grad, width), decay), step = d;
    if (velocity) {
        __m512 speed = _mm512_add_ps(_mm512_mul_ps(momentum, sgeo_load(velocity, width)), d);
        sgeo_store(velocity, width, speed);
        step = sgd->nesterov ? _mm512_add_ps(d, _mm512_mul_ps(momentum, speed)) : speed;
    }
    step = _mm512_mul_ps(_mm512_set1_ps(sgd->lr), step);
    sgeo_store(theta, width, _mm512_sub_ps(weights, step));
}

void SGEO_SYMBOL(f32_sgd_step)(float *theta, float *velocity, const float *grad,
                               const struct sgeo_sgd *sgd, size_t n)
{
    struct sgeo_sgd local = *sgd; /* a local copy: no store can change it */
    size_t at = 0;
    for (; at + SGEO_FULL <= n; at += SGEO_FULL)
        sgd_step(theta + at, velocity ? velocity + at : NULL, grad + at, &local, SGEO_FULL);
    if (at < n)
        sgd_step(theta + at, velocity ? velocity + at : NULL, grad + at, &local, n - at);
}
