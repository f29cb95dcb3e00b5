/*
 * Image sets: all images of one split in memory as bytes, and the one door through which they are
 * loaded.
 */
#ifndef SGEO_DATA_IMAGES_H
#define SGEO_DATA_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"

#define SGEO_DATASET_NAME_MAX ((size_t)32)

/* One split of a data set. Owns its arrays; a zeroed struct is empty. */
struct sgeo_images {
    uint8_t *pixels;  /* (n, channels, height, width), planar, 0..255 */
    uint16_t *labels; /* (n), each in 0..classes-1 */
    size_t n;
    size_t channels;
    size_t height;
    size_t width;
    size_t classes;
    char name[SGEO_DATASET_NAME_MAX]; /* the data set asked for, e.g. "cifar10" */
    /*
     * SHA-256 of the concatenated hex SHA-256 digests of the (unpacked) source files, in reading
     * order.
     */
    char sha256[SGEO_SHA256_HEX];
    bool stand_in;     /* made from another data set: no comparison with published numbers */
    double *soft_rows; /* (classes, classes) target distribution of each label; NULL: labels are
                          exact */
};

/*
 * Allocate arrays for n images of the given shape; every count must be positive, the name is cut to
 * SGEO_DATASET_NAME_MAX - 1 bytes. sha256 is "", stand_in false. SGEO_IO when there is no memory.
 * Release with sgeo_images_destroy.
 */
enum sgeo_status sgeo_images_create(struct sgeo_images *images, const char *name, size_t n,
                                    const size_t shape[3], size_t classes);

/* Release the arrays and zero the struct; fine on NULL and on an empty struct. */
void sgeo_images_destroy(struct sgeo_images *images);

/* Bytes of one image: channels * height * width. */
size_t sgeo_images_stride(const struct sgeo_images *images);

/* Set images->sha256 from the hex digests of n_files (1..8) source files, in reading order. */
void sgeo_images_sign(struct sgeo_images *images, const char digests[][SGEO_SHA256_HEX],
                      size_t n_files);

/*
 * Load both official splits of a data set by its name. data_dir is the user's data folder; NULL for
 * none, which only fashion-mnist can do without.
 *   cifar10          DIR/cifar-10-batches-bin/{data_batch_1..5,test_batch}.bin
 *   cifar100         DIR/cifar-100-binary/{train,test}.bin (fine labels); where that folder is
 *                    missing a stand-in from cifar10 (standin.h)
 *   imagenet16-120   a stand-in from cifar10
 *   taskonomy        a stand-in from cifar10 with soft labels, 32x32 as stored: its recipe enlarges
 *   mnist            DIR/mnist/ *-ubyte[.gz]
 *   fashion-mnist    DIR/fashion-mnist/ *-ubyte[.gz], else Debian's dataset-fashion-mnist
 * The caller owns *train and *test (sgeo_images_destroy); both are untouched on failure. Errors:
 * SGEO_USAGE for an unknown name, SGEO_IO for missing or damaged files.
 */
enum sgeo_status sgeo_images_load(struct sgeo_images *train, struct sgeo_images *test,
                                  const char *dataset, const char *data_dir);

#endif
