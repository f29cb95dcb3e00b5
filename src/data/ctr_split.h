/*
 * Which rows of a click-through file are for training, validation and test: a byte a row, file
 * order kept. Source: spec nasrec, section 2.
 */
#ifndef SGEO_DATA_CTR_SPLIT_H
#define SGEO_DATA_CTR_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum sgeo_ctr_part { SGEO_CTR_TRAIN, SGEO_CTR_VAL, SGEO_CTR_TEST, SGEO_CTR_N_PARTS };

/* Parts as a set, for sgeo_ctr_split_take. */
#define SGEO_CTR_PART(part)    (1u << (part))
#define SGEO_CTR_TRAIN_AND_VAL (SGEO_CTR_PART(SGEO_CTR_TRAIN) | SGEO_CTR_PART(SGEO_CTR_VAL))

/* Owns its array; a zeroed struct is empty. */
struct sgeo_ctr_split {
    uint8_t *part; /* (n) enum sgeo_ctr_part of each row */
    size_t n;
    size_t rows[SGEO_CTR_N_PARTS];
    size_t clicked[SGEO_CTR_N_PARTS];
};

/*
 * Ten folds with equal shares of both labels, 0-7 for training, 8 for validation, 9 for test. As in
 * sklearn's StratifiedKFold fold i has as many rows of a label as there are multiples i, i+10, ...
 * among its places when rows are sorted by label, and which rows of a label fall into which fold is
 * a uniformly random arrangement: here drawn on the way through the file, from the stream
 * (seed, "ctr-split", label).
 *
 * DEVIATES: NASRec's scripts for Criteo and KDD12 pass over the first row when they write, so that
 * every row lands in the fold of the one before it; here it keeps its own.
 *
 *   labels (n)  0 or 1
 *
 * SGEO_IO for fewer than 10 rows, 2^32 or more, or no memory; *split is then untouched.
 */
enum sgeo_status sgeo_ctr_split_stratified(struct sgeo_ctr_split *split, const uint8_t *labels,
                                           size_t n, uint64_t seed);

/* The first 80 % for training, the next 10 % for validation, the rest for test (shares rounded
 * down). Errors as above. */
enum sgeo_status sgeo_ctr_split_chronological(struct sgeo_ctr_split *split, const uint8_t *labels,
                                              size_t n);

/*
 * The next rows of some parts in file order: at most `capacity` row numbers into rows, from row
 * *position on, which moves behind them (0 at the start). Returns how many; 0 at the end.
 */
size_t sgeo_ctr_split_take(uint32_t *rows, const struct sgeo_ctr_split *split, unsigned parts,
                           size_t *position, size_t capacity);

/* Release the array and zero the struct; fine on NULL and on an empty struct. */
void sgeo_ctr_split_destroy(struct sgeo_ctr_split *split);

#endif
