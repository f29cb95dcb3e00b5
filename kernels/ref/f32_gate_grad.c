/* dsrc (B,src_width) = ddst gate;  dlogit (B,width) = ddst src gate (1 - gate), in double. */
#include "kernels/symbols.h"

/* The values are read before either gradient, which may lie in their place, is written. */
static void gradients_at(float *dsrc, float *dlogit, double ddst, double src, double gate)
{
    *dsrc = (float)(ddst * gate);
    *dlogit = (float)(ddst * src * gate * (1.0 - gate));
}

void sgeo_f32_gate_grad__ref(float *dsrc, float *dlogit, const float *ddst, const float *src,
                             const float *gate, const struct sgeo_gating *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        size_t row = b * shape->width, src_row = b * shape->src_width;
        for (size_t c = 0; c < shape->src_width; c++)
            gradients_at(&dsrc[src_row + c], &dlogit[row + c], (double)ddst[row + c],
                         (double)src[src_row + c], (double)gate[row + c]);
        for (size_t c = shape->src_width; c < shape->width; c++)
            dlogit[row + c] = 0.0f;
    }
}
