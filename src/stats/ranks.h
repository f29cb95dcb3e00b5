/* Ranks with ties: mid-ranks, and the dense numbering of equal values beneath them. */
#ifndef SGEO_STATS_RANKS_H
#define SGEO_STATS_RANKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "stats/column.h"

/*
 * Mid-ranks: 1 for the smallest value; tied values share the mean of the ranks they cover
 * (scipy.stats.rankdata, method "average"). -0.0 and 0.0 tie.
 *
 *   ranks (n)  result, owned by the caller, must not overlap the column
 *
 * SGEO_USAGE for a column that sgeo_column_check refuses, SGEO_IO without memory.
 */
enum sgeo_status sgeo_ranks_mid(double *ranks, struct sgeo_column column);

/*
 * Number the distinct values 0, 1, ... in ascending order.
 *
 *   group (n)   result: the number of each value; owned by the caller
 *   n_groups    result: how many distinct values there are
 *
 * Errors as above.
 */
enum sgeo_status sgeo_ranks_group(uint32_t *group, size_t *n_groups, struct sgeo_column column);

/* How many values equal at least one other value of the column. Errors as above. */
enum sgeo_status sgeo_ranks_tied(size_t *n_tied, struct sgeo_column column);

#endif
