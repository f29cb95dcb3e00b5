/* Correlations between the rows of a matrix, and their spectrum. */
#ifndef SGEO_PROXY_PEARSON_H
#define SGEO_PROXY_PEARSON_H

#include <stddef.h>

#include "base/status.h"

/*
 * correlation (n,n) = Pearson correlations of the rows of x (n,d). x is overwritten by its rows,
 * centred and scaled to length 1; a row without deviation gives NaN.
 */
void sgeo_pearson(double *correlation, double *x, size_t n, size_t d);

/* Eigenvalues (n), ascending, of a symmetric matrix (n,n), which is overwritten; SGEO_CHECK_FAILED
 * when they do not converge (NaN). */
enum sgeo_status sgeo_symmetric_eigenvalues(double *values, double *matrix, size_t n);

#endif
