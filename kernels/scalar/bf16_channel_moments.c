/* mean (C), var (C) of src (N,C,H,W): shifted sums of bf16, one pass. */
#define SGEO_BF16_MAPS
#include "kernels/scalar/moments_image.h"
#include "kernels/scalar/run_sums.h"

SGEO_INLINE void moments_step(struct sgeo_run_sums *run, const uint16_t *src, size_t width)
{
    float d[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        d[j] = sgeo_elem_value(src[j]) - run->origin[j];
    sgeo_run_add(run, d, d, width);
}

SGEO_INLINE void moments_steps(struct sgeo_channel_sums *sums, const uint16_t *src, size_t steps,
                               size_t stride, size_t width)
{
    struct sgeo_run_sums even, odd;
    sgeo_run_start(&even, sums);
    sgeo_run_start(&odd, sums);
    size_t step = 0;
    for (; step + 2 <= steps; step += 2) {
        moments_step(&even, src + step * stride, width);
        moments_step(&odd, src + (step + 1) * stride, width);
    }
    if (step < steps)
        moments_step(&even, src + step * stride, width);
    sgeo_run_join(&even, &odd);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->first[j] += (double)even.first[j];
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->second[j] += (double)even.second[j];
}

SGEO_INLINE void sgeo_moments_run(struct sgeo_channel_sums *sums, const uint16_t *src, size_t steps,
                                  size_t stride, size_t width)
{
    for (size_t step = 0; step < steps; step += SGEO_RUN)
        moments_steps(sums, src + step * stride, sgeo_min(SGEO_RUN, steps - step), stride, width);
}

void SGEO_SYMBOL(bf16_channel_moments)(double *mean, double *var, const uint16_t *src,
                                       const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
