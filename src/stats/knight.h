/* Weighted inversions by merge sort, the core of Kendall's tau in O(n log n). */
#ifndef SGEO_STATS_KNIGHT_H
#define SGEO_STATS_KNIGHT_H

#include <stddef.h>
#include <stdint.h>

/* A key that stands for `weight` equal observations. */
struct sgeo_knight_item {
    uint32_t key;
    uint32_t weight;
};

/*
 * Sum of weight_i * weight_j over the inversions i < j, key_i > key_j; O(n log n).
 *
 *   items (n)    read and used up: their order is unspecified afterwards
 *   scratch (n)  must not overlap items; n may be 0
 *
 * Source: W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data",
 * JASA 61 (1966) 436-439, here with weights. Exact while the total weight is below 2^32.
 */
uint64_t sgeo_knight_inversions(struct sgeo_knight_item *items, struct sgeo_knight_item *scratch,
                                size_t n);

#endif
