/*
 * dst (D) = column sums of src (B,D): double sums of a strip of columns, which stay in the first
 * cache while its part of each row passes by as a stream.
 */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

#define STRIP ((size_t)512) /* columns: 4 KiB of sums */

/* Rows added at once, one after the other, for one load and store of the sums. */
#define ROWS ((size_t)4)

SGEO_INLINE void add_rows(double *sums, const float *src, size_t pitch, size_t rows, size_t width)
{
    for (size_t j = 0; j < width; j++) {
        double sum = sums[j];
        for (size_t r = 0; r < rows; r++)
            sum += (double)src[r * pitch + j];
        sums[j] = sum;
    }
}

static void strip_sums(float *dst, const float *src, size_t batch, size_t width, size_t pitch)
{
    double sums[STRIP];
    size_t b = 0;
    for (size_t j = 0; j < width; j++)
        sums[j] = 0.0;
    for (; b + ROWS <= batch; b += ROWS)
        add_rows(sums, src + b * pitch, pitch, ROWS, width);
    for (; b < batch; b++)
        add_rows(sums, src + b * pitch, pitch, 1, width);
    for (size_t j = 0; j < width; j++)
        dst[j] = (float)sums[j];
}

void SGEO_SYMBOL(f32_bias_grad)(float *dst, const float *src, size_t batch, size_t dim,
                                size_t pitch)
{
    for (size_t d = 0; d < dim; d += STRIP)
        strip_sums(dst + d, src + d, batch, sgeo_min(STRIP, dim - d), pitch);
}
