/* Gradients of layer normalisation: src (B,D), gamma (D), beta (D). All in double. */
#include "kernels/symbols.h"

static double xhat_of(const float *src, const double *stats, size_t b, size_t dim, size_t d)
{
    return ((double)src[b * dim + d] - stats[2 * b]) * stats[2 * b + 1];
}

/* grads->gamma[d] and grads->beta[d] */
static void column_gradients(const struct sgeo_layer_norm_grads *grads, const float *ddst,
                             const float *src, const double *stats, size_t batch, size_t dim,
                             size_t d)
{
    double gamma = 0.0, beta = 0.0;
    for (size_t b = 0; b < batch; b++) {
        gamma += (double)ddst[b * dim + d] * xhat_of(src, stats, b, dim, d);
        beta += (double)ddst[b * dim + d];
    }
    if (grads->gamma)
        grads->gamma[d] = (float)gamma;
    if (grads->beta)
        grads->beta[d] = (float)beta;
}

static double scaled(const float *ddst, const float *gamma, size_t b, size_t dim, size_t d)
{
    return (double)ddst[b * dim + d] * (gamma ? (double)gamma[d] : 1.0);
}

void sgeo_f32_layer_norm_grad__ref(const struct sgeo_layer_norm_grads *grads, const float *ddst,
                                   const float *src, const double *stats, const float *gamma,
                                   size_t batch, size_t dim)
{
    for (size_t d = 0; d < dim; d++)
        column_gradients(grads, ddst, src, stats, batch, dim, d);
    for (size_t b = 0; b < batch; b++) {
        double sum = 0.0, dot = 0.0;
        for (size_t d = 0; d < dim; d++) {
            double g = scaled(ddst, gamma, b, dim, d);
            sum += g;
            dot += g * xhat_of(src, stats, b, dim, d);
        }
        for (size_t d = 0; d < dim; d++) {
            double g = scaled(ddst, gamma, b, dim, d), xhat = xhat_of(src, stats, b, dim, d);
            grads->src[b * dim + d] =
                (float)(stats[2 * b + 1] * (g - sum / (double)dim - xhat * dot / (double)dim));
        }
    }
}
