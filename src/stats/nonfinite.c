#include "stats/nonfinite.h"

#include <math.h>

struct sgeo_nonfinite sgeo_nonfinite_count(const double *values, size_t n)
{
    struct sgeo_nonfinite count = {0};
    for (size_t i = 0; i < n; i++) {
        count.n_nan += isnan(values[i]) ? 1 : 0;
        count.n_inf += isinf(values[i]) ? 1 : 0;
    }
    return count;
}

void sgeo_nonfinite_floor(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            values[i] = SGEO_NONFINITE_FLOOR;
        }
    }
}

void sgeo_nonfinite_mark(bool *keep, const double *matrix, size_t n_rows, size_t n_archs)
{
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t i = 0; i < n_archs; i++) {
            keep[i] = keep[i] && isfinite(matrix[row * n_archs + i]);
        }
    }
}

static size_t count_kept(const bool *keep, size_t n_archs)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n_archs; i++) {
        n_kept += keep[i] ? 1 : 0;
    }
    return n_kept;
}

size_t sgeo_nonfinite_drop(double *matrix, size_t n_rows, size_t n_archs, const bool *keep)
{
    size_t out = 0; /* never ahead of what is read: the squeeze can be in place */
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t i = 0; i < n_archs; i++) {
            if (keep[i]) {
                matrix[out++] = matrix[row * n_archs + i];
            }
        }
    }
    return count_kept(keep, n_archs);
}
