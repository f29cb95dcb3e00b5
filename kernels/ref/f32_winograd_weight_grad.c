/* dwei (K,C,3,3) of a 3x3 convolution from src (N,C,H,W) and ddst (N,K,H,W), in double. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* Two sides of a convolution. */
struct sides {
    const float *src, *ddst;
    const struct sgeo_layout *in, *out;
};

/* Element (k, c, r, s): every output pixel with the input pixel that its weight meets. */
static double element(const struct sides *sides, size_t k, size_t c, size_t r, size_t s)
{
    const struct sgeo_layout *in = sides->in;
    double sum = 0.0;
    for (size_t n = 0; n < in->n; n++)
        for (size_t y = 0; y < in->height; y++)
            for (size_t x = 0; x < in->width; x++)
                if (y + r >= 1 && y + r <= in->height && x + s >= 1 && x + s <= in->width)
                    sum += (double)sides->ddst[sgeo_ref_at(sides->out, n, k, y, x)] *
                           (double)sides->src[sgeo_ref_at(in, n, c, y + r - 1, x + s - 1)];
    return sum;
}

void sgeo_f32_winograd_weight_grad__ref(float *dwei, const float *src, const float *ddst,
                                        float *room, size_t block, const struct sgeo_layout *in,
                                        const struct sgeo_layout *out)
{
    struct sides sides = {src, ddst, in, out};
    (void)room;
    (void)block;
    for (size_t k = 0; k < sgeo_ref_channels(out); k++)
        for (size_t c = 0; c < sgeo_ref_channels(in); c++)
            for (size_t e = 0; e < 9; e++)
                dwei[(k * sgeo_ref_channels(in) + c) * 9 + e] =
                    (float)element(&sides, k, c, e / 3, e % 3);
}
