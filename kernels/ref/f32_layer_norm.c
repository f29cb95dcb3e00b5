/* dst (B,D) = (src - mean) * rstd * gamma + beta; stats (B,2). Two passes in double. */
#include <math.h>

#include "kernels/symbols.h"

static double mean_of(const float *src, size_t dim)
{
    double sum = 0.0;
    for (size_t d = 0; d < dim; d++)
        sum += (double)src[d];
    return sum / (double)dim;
}

static double variance_of(const float *src, double mean, size_t dim)
{
    double sum = 0.0;
    for (size_t d = 0; d < dim; d++)
        sum += ((double)src[d] - mean) * ((double)src[d] - mean);
    return sum / (double)dim;
}

void sgeo_f32_layer_norm__ref(float *dst, double *stats, const float *src, size_t batch, size_t dim,
                              const struct sgeo_layer_norm *norm)
{
    for (size_t b = 0; dim > 0 && b < batch; b++) {
        const float *x = src + b * dim;
        double mean = mean_of(x, dim);
        double rstd = 1.0 / sqrt(variance_of(x, mean, dim) + norm->epsilon);
        for (size_t d = 0; d < dim; d++) {
            double gamma = norm->gamma ? (double)norm->gamma[d] : 1.0;
            double beta = norm->beta ? (double)norm->beta[d] : 0.0;
            dst[b * dim + d] = (float)(((double)x[d] - mean) * rstd * gamma + beta);
        }
        stats[2 * b] = mean;
        stats[2 * b + 1] = rstd;
    }
}
