/*
 * Scores that are NaN or infinite, and the two policies for them before anything is ranked.
 *
 * floor: they become -1e8 and tie at the bottom, as in NASLib and in the SiGeo code.
 * drop:  the architecture leaves the sample, in every column alike.
 */
#ifndef SGEO_STATS_NONFINITE_H
#define SGEO_STATS_NONFINITE_H

#include <stdbool.h>
#include <stddef.h>

#define SGEO_NONFINITE_FLOOR (-1e8)

struct sgeo_nonfinite {
    size_t n_nan;
    size_t n_inf; /* of either sign */
};

/* Count the NaNs and infinities among values (n); n may be 0. */
struct sgeo_nonfinite sgeo_nonfinite_count(const double *values, size_t n);

/* Replace every NaN and infinity of values (n) by SGEO_NONFINITE_FLOOR, in place. */
void sgeo_nonfinite_floor(double *values, size_t n);

/*
 * Clear keep[i] for each architecture with a non-finite value in any row of the row-major matrix
 * (n_rows, n_archs); the rest of keep (n_archs) stays as it is, so that calls for several matrices
 * add up: a paired comparison drops what either side lacks.
 */
void sgeo_nonfinite_mark(bool *keep, const double *matrix, size_t n_rows, size_t n_archs);

/*
 * Squeeze the columns without keep out of the matrix (n_rows, n_archs), in place, leaving
 * (n_rows, n_kept) row-major at its start. Returns n_kept.
 */
size_t sgeo_nonfinite_drop(double *matrix, size_t n_rows, size_t n_archs, const bool *keep);

#endif
