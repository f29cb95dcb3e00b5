/* A borrowed column of numbers with its length, so that mismatched lengths can be noticed. */
#ifndef SGEO_STATS_COLUMN_H
#define SGEO_STATS_COLUMN_H

#include <stddef.h>

#include "base/status.h"

/* n numbers, one per architecture unless said otherwise; whoever made the array frees it. */
struct sgeo_column {
    const double *values;
    size_t n;
};

/*
 * SGEO_USAGE unless the column `name` has exactly `n` values, at least two, none of them NaN.
 * Infinities are in order: they rank above or below everything else.
 */
enum sgeo_status sgeo_column_check(struct sgeo_column column, size_t n, const char *name);

#endif
