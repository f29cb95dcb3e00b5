/* Reference values in a CSV file: cells that hold a number, or blank-separated numbers. */
#ifndef SGEO_TESTS_STATS_REFERENCE_H
#define SGEO_TESTS_STATS_REFERENCE_H

#include "base/csv.h"
#include "sample.h"

#define REFERENCE_MOST 512 /* numbers in a cell */

static struct sgeo_csv reference;

static inline void reference_read(const char *path)
{
    ck_assert_int_eq(sgeo_csv_read(&reference, path), SGEO_OK);
}

static inline void reference_clear(void)
{
    sgeo_csv_clear(&reference);
}

static inline const char *reference_cell(size_t row, const char *name)
{
    size_t column = sgeo_csv_column(&reference, name);
    ck_assert_uint_ne(column, SGEO_CSV_NONE);
    return sgeo_csv_cell(&reference, row, column);
}

static inline double reference_value(size_t row, const char *name)
{
    return strtod(reference_cell(row, name), NULL);
}

/* The blank-separated numbers of a cell, into values (REFERENCE_MOST). */
static inline struct sgeo_column reference_numbers(double *values, size_t row, const char *name)
{
    size_t n = 0;
    char *end;
    for (const char *at = reference_cell(row, name);; at = end) {
        double value = strtod(at, &end);
        if (end == at) {
            return column_of(values, n);
        }
        ck_assert_uint_lt(n, REFERENCE_MOST);
        values[n++] = value;
    }
}

/* The value is that of a cell, but for `tolerance`. */
static inline void reference_expect(double value, size_t row, const char *name, double tolerance)
{
    double expected = reference_value(row, name);
    ck_assert_msg(fabs(value - expected) <= tolerance, "%s of %s: %.17g, the reference has %.17g",
                  name, reference_cell(row, "case"), value, expected);
}

#endif
