/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)), over N, H and W of d, x (N,C,H,W). */
#define SGEO_BF16_MAPS
#include "kernels/ref/channel_dots.h"
#include "kernels/symbols.h"

void sgeo_bf16_channel_dots__ref(double *sum, double *dot, const uint16_t *d, const uint16_t *x,
                                 const double *center, const struct sgeo_layout *layout)
{
    sgeo_ref_channel_dots(sum, dot, d, x, center, layout);
}
