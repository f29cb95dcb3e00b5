/* Whether one of two samples tends to be larger where both were taken in blocks of their own level.
 */
#ifndef SGEO_STATS_ALIGNED_RANKS_H
#define SGEO_STATS_ALIGNED_RANKS_H

#include <stddef.h>

#include "base/status.h"

/* Pairs of a block at most. */
#define SGEO_ALIGNED_RANKS_BLOCK_MAX ((size_t)4)

/* More values together get the normal approximation. */
#define SGEO_ALIGNED_RANKS_EXACT_MAX ((size_t)80)

/*
 * Mann-Whitney test stratified by blocks: the aligned-rank test of J. L. Hodges and E. L. Lehmann,
 * Ann. Math. Stat. 33 (1962) 482-497. Pairs (x_i, y_i), i < n, come in blocks of `block`, the last
 * perhaps shorter. Every block's mean is taken from its values, all of them are ranked together,
 * and the sum of y's ranks is judged against every way to call half of each block's values y. So
 * levels that differ between blocks do not matter.
 *
 *   p     result: two-sided, twice the smaller tail, at most 1; exact with ties up to
 *         SGEO_ALIGNED_RANKS_EXACT_MAX values, beyond them normal with a correction for continuity
 *   x, y  (n), their levels additive: logarithms where levels are factors
 *
 * SGEO_USAGE without pairs, for a block of 0 or more than SGEO_ALIGNED_RANKS_BLOCK_MAX pairs or a
 * NaN; SGEO_IO without memory.
 */
enum sgeo_status sgeo_aligned_ranks(double *p, const double *x, const double *y, size_t n,
                                    size_t block);

/* The least p that n pairs in such blocks can have: 2 over the number of ways. */
double sgeo_aligned_ranks_least_p(size_t n, size_t block);

#endif
