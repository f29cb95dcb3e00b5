/*
 * sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W) in bf16. In f32 the center
 * is the nearest float; what that leaves of it is subtracted in double.
 */
#define SGEO_BF16_MAPS
#include "kernels/scalar/dots_image.h"
#include "kernels/scalar/run_sums.h"

SGEO_INLINE void dots_step(struct sgeo_run_sums *run, const uint16_t *d, const uint16_t *x,
                           size_t width)
{
    float grad[SGEO_LANES], offset[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        grad[j] = sgeo_elem_value(d[j]);
    for (size_t j = 0; j < width; j++)
        offset[j] = sgeo_elem_value(x[j]) - run->origin[j];
    sgeo_run_add(run, grad, offset, width);
}

SGEO_INLINE void dots_steps(struct sgeo_channel_sums *sums, const uint16_t *d, const uint16_t *x,
                            size_t steps, size_t stride, size_t width)
{
    struct sgeo_run_sums even, odd;
    sgeo_run_start(&even, sums);
    sgeo_run_start(&odd, sums);
    size_t step = 0;
    for (; step + 2 <= steps; step += 2) {
        dots_step(&even, d + step * stride, x + step * stride, width);
        dots_step(&odd, d + (step + 1) * stride, x + (step + 1) * stride, width);
    }
    if (step < steps)
        dots_step(&even, d + step * stride, x + step * stride, width);
    sgeo_run_join(&even, &odd);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->first[j] += (double)even.first[j];
    for (size_t j = 0; j < SGEO_LANES; j++) {
        double rest = sums->origin[j] - (double)even.origin[j];
        sums->second[j] += (double)even.second[j] - rest * (double)even.first[j];
    }
}

SGEO_INLINE void sgeo_dots_run(struct sgeo_channel_sums *sums, const uint16_t *d, const uint16_t *x,
                               size_t steps, size_t stride, size_t width)
{
    for (size_t step = 0; step < steps; step += SGEO_RUN)
        dots_steps(sums, d + step * stride, x + step * stride, sgeo_min(SGEO_RUN, steps - step),
                   stride, width);
}

void SGEO_SYMBOL(bf16_channel_dots)(double *sum, double *dot, const uint16_t *d, const uint16_t *x,
                                    const double *center, const struct sgeo_layout *layout)
{
    sgeo_dots_walk(sum, dot, d, x, center, layout);
}
