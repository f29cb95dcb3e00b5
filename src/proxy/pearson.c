#include "proxy/pearson.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>

/* Exactly, where subtracting a rounded mean would leave a deviation that is none. */
static bool is_constant(const double *row, size_t d)
{
    size_t i = 1;
    while (i < d && row[i] == row[0]) {
        i++;
    }
    return i >= d;
}

/* Centre a row and scale it to length 1; 0/0 where nothing deviates. */
static void normalise(double *row, size_t d)
{
    bool constant = is_constant(row, d);
    double mean = 0.0, squares = 0.0;
    for (size_t i = 0; i < d; i++) {
        mean += row[i] / (double)d;
    }
    for (size_t i = 0; i < d; i++) {
        row[i] = constant ? 0.0 : row[i] - mean;
        squares += row[i] * row[i];
    }
    double length = sqrt(squares);
    for (size_t i = 0; i < d; i++) {
        row[i] /= length;
    }
}

void sgeo_pearson(double *correlation, double *x, size_t n, size_t d)
{
    int rows = (int)n, columns = (int)d;
    for (size_t i = 0; i < n; i++) {
        normalise(x + i * d, d);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, rows, columns, 1.0, x, columns, x,
                columns, 0.0, correlation, rows);
}

enum sgeo_status sgeo_symmetric_eigenvalues(double *values, double *matrix, size_t n)
{
    lapack_int failed =
        LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'L', (lapack_int)n, matrix, (lapack_int)n, values);
    return failed == 0 ? SGEO_OK
                       : sgeo_fail(SGEO_CHECK_FAILED, NULL, "eigenvalues did not converge");
}
