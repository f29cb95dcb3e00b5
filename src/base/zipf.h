/* Zipf-distributed ranks: P(r) proportional to r^-s, r in 1..n. */
#ifndef SGEO_BASE_ZIPF_H
#define SGEO_BASE_ZIPF_H

#include "base/rng.h"

/* The distribution with its constants. */
struct sgeo_zipf {
    double s, n;
    double area_first, area_last; /* where the uniform draws lie */
    double sure;                  /* an x this near below its rank needs no second look */
};

/* n >= 1, s > 0. */
struct sgeo_zipf sgeo_zipf_of(double s, size_t n);

/* A rank in 1..n; constant expected time and no table, whatever n. */
size_t sgeo_zipf_draw(const struct sgeo_zipf *zipf, struct sgeo_rng *rng);

#endif
