#include "stats/power.h"

#include <math.h>
#include <stdbool.h>

#include "stats/normal.h"

#define Z_POWER_80_PERCENT 0.8416212335729143 /* normal quantile at 0.8 */

static bool is_correlation(double rho)
{
    return rho > -1.0 && rho < 1.0; /* false for NaN */
}

/* Determinant of the correlation matrix of (truth, a, b): negative when there is no such triple. */
static double determinant(double a, double b, double ab)
{
    return 1.0 + 2.0 * a * b * ab - a * a - b * b - ab * ab;
}

/* Correlation of the Fisher transforms of two correlations that share the truth. */
static double fisher_correlation(double a, double b, double ab)
{
    double rest = 1.0 - a * a - b * b;
    double covariance = ab * rest - 0.5 * a * b * (rest - ab * ab);
    return covariance / ((1.0 - a * a) * (1.0 - b * b));
}

/* Standard deviation of their difference, in units of that of a single transform. */
static double difference_spread(double a, double b, double ab)
{
    return sqrt(fmax(0.0, 2.0 - 2.0 * fisher_correlation(a, b, ab))); /* rounding may dip below 0 */
}

static enum sgeo_status check_triple(double rho_a, double rho_b, double rho_ab)
{
    if (!is_correlation(rho_a) || !is_correlation(rho_b) || !is_correlation(rho_ab)) {
        return sgeo_fail(SGEO_USAGE, "correlations lie strictly between -1 and 1",
                         "sample size: correlations %g, %g and %g", rho_a, rho_b, rho_ab);
    }
    if (rho_a == rho_b) { /* exactly: no sample shows a difference that is not there */
        return sgeo_fail(SGEO_USAGE, "give two different correlations",
                         "sample size: both correlations are %g", rho_a);
    }
    if (determinant(rho_a, rho_b, rho_ab) < 0.0) {
        return sgeo_fail(SGEO_USAGE, "scores that both follow the truth also follow each other",
                         "sample size: no two scores correlate by %g and %g with the truth but by "
                         "%g with each other",
                         rho_a, rho_b, rho_ab);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_power_sample_size(size_t *n, double rho_a, double rho_b, double rho_ab)
{
    enum sgeo_status status = check_triple(rho_a, rho_b, rho_ab);
    if (status != SGEO_OK) {
        return status;
    }
    double mean = 0.5 * (rho_a + rho_b);
    double spread = SGEO_Z_TWO_SIDED_5_PERCENT * difference_spread(mean, mean, rho_ab) +
                    Z_POWER_80_PERCENT * difference_spread(rho_a, rho_b, rho_ab);
    double ratio = spread / (atanh(rho_a) - atanh(rho_b));
    double needed = ceil(3.0 + (1.0 + 0.5 * mean * mean) * ratio * ratio);
    if (!(needed < 0x1p63)) {
        return sgeo_fail(SGEO_USAGE, "give correlations that differ more",
                         "sample size: %g and %g are too close", rho_a, rho_b);
    }
    *n = (size_t)needed;
    return SGEO_OK;
}
