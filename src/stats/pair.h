/*
 * Two columns, ranked once, ready for statistics of many resamples.
 *
 * Equal (x, y) points share a cell. A resample is a weight per cell, so its mid-ranks come from
 * counting over the presorted cells in O(n), without sorting again.
 */
#ifndef SGEO_STATS_PAIR_H
#define SGEO_STATS_PAIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "stats/column.h"
#include "stats/knight.h"

/* Cells ascend by x, then y. x groups and y groups are the distinct values, ascending. */
struct sgeo_pair {
    size_t n; /* points */
    size_t n_cells;
    size_t n_x;
    size_t n_y;
    uint32_t *cell;   /* (n) cell of each point */
    uint32_t *cell_x; /* (n_cells) x group of each cell */
    uint32_t *cell_y; /* (n_cells) y group of each cell */
    double *y;        /* (n_y) value of each y group */
    /* The sample at hand, overwritten by each sgeo_pair_weigh: */
    uint64_t total;                 /* number of points in it */
    uint32_t *weight;               /* (n_cells) points per cell */
    uint32_t *weight_x;             /* (n_x) points per x group */
    uint32_t *weight_y;             /* (n_y) points per y group */
    double *rank_x;                 /* (n_x), scratch of the correlations */
    double *rank_y;                 /* (n_y) */
    struct sgeo_knight_item *item;  /* (n_cells) */
    struct sgeo_knight_item *other; /* (n_cells) */
};

/*
 * Rank the points (x_i, y_i); the columns are copied, the caller owns *pair. A pair carries its
 * scratch memory: one thread at a time.
 *
 * SGEO_USAGE when the lengths differ, are below 2, or a value is NaN; SGEO_IO without memory.
 */
enum sgeo_status sgeo_pair_create(struct sgeo_pair **pair, struct sgeo_column x,
                                  struct sgeo_column y);
void sgeo_pair_destroy(struct sgeo_pair *pair); /* NULL is fine */

/*
 * Take the sample in which point i occurs counts[i] times; counts (n), NULL: every point once. The
 * counts must sum to less than 2^32.
 */
void sgeo_pair_weigh(struct sgeo_pair *pair, const uint32_t *counts);

/*
 * Of the sample at hand keep the `n_top` points with the highest y; all points tied with the last
 * of them stay too, so that the result does not depend on the order of the points.
 */
void sgeo_pair_keep_top(struct sgeo_pair *pair, uint64_t n_top);

#endif
