/* Moments of g (k,n) over k for each of the n coordinates; spec, proxies 2.1. All in double. */
#include <math.h>
#include <stdbool.h>

#include "kernels/ref/product.h"
#include "kernels/symbols.h"

static bool all_equal_and_finite(const float *const *g, size_t k, size_t i)
{
    bool equal = isfinite(g[0][i]);
    for (size_t b = 1; b < k; b++)
        equal = equal && g[b][i] == g[0][i];
    return equal;
}

static double mean_of(const float *const *g, size_t k, size_t i)
{
    double sum = 0.0;
    for (size_t b = 0; b < k; b++)
        sum += (double)g[b][i];
    return sum / (double)k;
}

/* mean_b|g_bi| / std_b(g_bi). Squares of float deviations cannot underflow in double. */
static double ratio_of(const float *const *g, size_t k, size_t i)
{
    double mean = mean_of(g, k, i), magnitude = 0.0, squares = 0.0;
    for (size_t b = 0; b < k; b++) {
        double deviation = (double)g[b][i] - mean;
        magnitude += fabs((double)g[b][i]);
        squares += deviation * deviation;
    }
    return magnitude / (double)k / sqrt(squares / (double)k);
}

void sgeo_f32_grad_moments__ref(struct sgeo_moments *moments, const float *const *g, size_t k,
                                const float *theta, size_t n)
{
    *moments = (struct sgeo_moments){0};
    for (size_t i = 0; i < n; i++) {
        if (all_equal_and_finite(g, k, i))
            moments->zero_std++;
        else
            moments->ratio_sum += ratio_of(g, k, i);
        if (theta)
            moments->theta_dot += sgeo_ref_product((double)theta[i], mean_of(g, k, i) * (double)k);
    }
}
