/*
 * Rejection-inversion: W. Hoermann and G. Derflinger, ACM TOMACS 6 (1996) 169-184. A point is drawn
 * under the decreasing curve x^-s by inverting its integral; the rank is the nearest whole number,
 * refused where the curve's area around it exceeds the rank's own probability.
 */
#include "base/zipf.h"

#include <math.h>

/* The integral of x^-s from 1, and its inverse; s = 1 is the logarithm. */
static double area(double x, double s)
{
    double t = (1.0 - s) * log(x);
    return fabs(t) < 1e-8 ? log(x) * (1.0 + 0.5 * t) : expm1(t) / (1.0 - s);
}

static double area_inverse(double y, double s)
{
    double t = (1.0 - s) * y;
    return fabs(t) < 1e-8 ? exp(y * (1.0 - 0.5 * t)) : exp(log1p(t) / (1.0 - s));
}

struct sgeo_zipf sgeo_zipf_of(double s, size_t n)
{
    struct sgeo_zipf zipf = {.s = s, .n = (double)n};
    zipf.area_first = area(1.5, s) - 1.0;
    zipf.area_last = area(zipf.n + 0.5, s);
    zipf.sure = 2.0 - area_inverse(area(2.5, s) - pow(2.0, -s), s);
    return zipf;
}

size_t sgeo_zipf_draw(const struct sgeo_zipf *zipf, struct sgeo_rng *rng)
{
    for (;;) {
        double u = zipf->area_last + sgeo_rng_uniform(rng) * (zipf->area_first - zipf->area_last);
        double x = area_inverse(u, zipf->s);
        double rank = fmin(fmax(floor(x + 0.5), 1.0), zipf->n);
        if (rank - x <= zipf->sure || u >= area(rank + 0.5, zipf->s) - pow(rank, -zipf->s))
            return (size_t)rank;
    }
}
