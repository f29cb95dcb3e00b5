#include "stats/column.h"

#include <math.h>
#include <stdint.h>

enum sgeo_status sgeo_column_check(struct sgeo_column column, size_t n, const char *name)
{
    if (column.n != n) {
        return sgeo_fail(SGEO_USAGE, "give every architecture one value in each column",
                         "%s: %zu values where %zu are expected", name, column.n, n);
    }
    if (n < 2) {
        return sgeo_fail(SGEO_USAGE, "choose more architectures",
                         "%s: a statistic needs at least 2 values, got %zu", name, n);
    }
    if (n > UINT32_MAX) {
        return sgeo_fail(SGEO_USAGE, "choose fewer architectures",
                         "%s: %zu values are more than 32-bit indices reach", name, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(column.values[i])) {
            return sgeo_fail(SGEO_USAGE, "floor or drop non-finite scores first",
                             "%s: value %zu is nan, which has no rank", name, i);
        }
    }
    return SGEO_OK;
}
