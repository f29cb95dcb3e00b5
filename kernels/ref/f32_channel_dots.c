/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)), over N, H and W of d, x (N,C,H,W). */
#include "kernels/ref/channel_dots.h"
#include "kernels/symbols.h"

void sgeo_f32_channel_dots__ref(double *sum, double *dot, const float *d, const float *x,
                                const double *center, const struct sgeo_layout *layout)
{
    sgeo_ref_channel_dots(sum, dot, d, x, center, layout);
}
