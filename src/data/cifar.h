/*
 * CIFAR-10 and CIFAR-100, binary version. Source of the format:
 * https://www.cs.toronto.edu/~kriz/cifar.html CIFAR-10 record:  label (0..9), 3072 pixels 3073
 * bytes CIFAR-100 record: coarse label (0..19), fine label (0..99), 3072 pixels     3074 bytes The
 * pixels are planar already: 1024 red, 1024 green, 1024 blue, each row by row.
 */
#ifndef SGEO_DATA_CIFAR_H
#define SGEO_DATA_CIFAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/images.h"

#define SGEO_CIFAR_PIXELS ((size_t)3072)

enum sgeo_cifar_kind { SGEO_CIFAR_10, SGEO_CIFAR_100 };

/*
 * Number of records in a file of n_bytes, named `origin` in errors. SGEO_IO when that is not a
 * whole, positive number; the hint says when the size fits the other kind of file.
 */
enum sgeo_status sgeo_cifar_count(size_t *n_records, enum sgeo_cifar_kind kind, size_t n_bytes,
                                  const char *origin);

/*
 * Unpack n records from `bytes` (exactly as many as sgeo_cifar_count found) into pixels
 * (n, 3, 32, 32) and labels (n); CIFAR-100 yields the fine label. SGEO_IO with the number of the
 * record when a label is out of range; the arrays are then partly written.
 */
enum sgeo_status sgeo_cifar_unpack(uint8_t *pixels, uint16_t *labels, enum sgeo_cifar_kind kind,
                                   const unsigned char *bytes, size_t n_records,
                                   const char *origin);

/*
 * Read both splits from DATA_DIR/cifar-10-batches-bin or DATA_DIR/cifar-100-binary. The five
 * training batches of CIFAR-10 must all be there and hold equally many records. The caller owns
 * *train and *test; untouched on failure. SGEO_IO on missing or damaged files.
 */
enum sgeo_status sgeo_cifar_load(struct sgeo_images *train, struct sgeo_images *test,
                                 enum sgeo_cifar_kind kind, const char *data_dir);

#endif
