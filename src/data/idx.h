/*
 * The idx format of MNIST and Fashion-MNIST. Source: http://yann.lecun.com/exdb/mnist/
 *   two zero bytes, type (8: unsigned byte), rank, then `rank` big-endian 32-bit dimensions, then
 * the values
 */
#ifndef SGEO_DATA_IDX_H
#define SGEO_DATA_IDX_H

#include <stddef.h>

#include "base/status.h"
#include "data/images.h"

#define SGEO_IDX_RANK_MAX ((size_t)3)

/* A parsed idx file; values borrows from the bytes that were parsed. */
struct sgeo_idx {
    const unsigned char *values; /* dims[0] * ... * dims[rank - 1] unsigned bytes, row-major */
    size_t rank;
    size_t dims[SGEO_IDX_RANK_MAX];
};

/*
 * Parse an unpacked idx file of unsigned bytes with the rank expected (1..SGEO_IDX_RANK_MAX).
 * Strict: SGEO_IO on another magic, type or rank, a zero dimension, and too few or too many values.
 * `origin` names the file in errors.
 */
enum sgeo_status sgeo_idx_parse(struct sgeo_idx *idx, size_t rank, const unsigned char *bytes,
                                size_t n_bytes, const char *origin);

/*
 * Read both splits of an MNIST-like set (10 classes, one channel) called `name` from `folder`:
 * {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, each plain or .gz (plain
 * wins). The caller owns *train and *test; untouched on failure. SGEO_IO on missing or damaged
 * files, labels over 9, numbers of images and labels that differ, and splits of different image
 * sizes.
 */
enum sgeo_status sgeo_idx_load(struct sgeo_images *train, struct sgeo_images *test,
                               const char *name, const char *folder);

#endif
