/*
 * Which images of the official training split a task trains on, in which order, and which it keeps
 * for validation.
 */
#ifndef SGEO_DATA_SPLIT_H
#define SGEO_DATA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Positions in the official training split. Owns its arrays; a zeroed struct is empty. */
struct sgeo_split {
    uint32_t *train; /* (n_train), in the order of the stream (seed, "split", 0) */
    uint32_t *val;   /* (n_val), ascending */
    size_t n_train;
    size_t n_val;
};

/*
 * Split n_images training images of a data set. The first part is for training, the rest for
 * validation: 70 % as NASLib's train_portion (35,000 of CIFAR's 50,000), 5/6 for fashion-mnist
 * (50,000 and 10,000). The order of the training part depends on seed and its length alone. Release
 * with sgeo_split_destroy; untouched on failure. SGEO_IO when there is no memory, n_images does
 * not fit 32 bits, or a part would be empty.
 */
enum sgeo_status sgeo_split_create(struct sgeo_split *split, const char *dataset, size_t n_images,
                                   uint64_t seed);

/* Release the arrays and zero the struct; fine on NULL and on an empty struct. */
void sgeo_split_destroy(struct sgeo_split *split);

/*
 * Images in the first `percent` (0..100) of n, to the nearest whole one: a warm-up level's prefix
 * of split->train.
 */
size_t sgeo_split_prefix(size_t n, double percent);

#endif
