/*
 * Stand-ins for data sets that are not at hand, made from CIFAR-10. They have the shapes and the
 * number of classes of the real sets, so that every task runs; results on them are marked and never
 * compared with published numbers.
 *
 * A class of CIFAR-10 is cut into equal sub-classes by the rank of an image's mean luminance within
 * its class (ties by position), separately in each split: the new label is
 * class * parts + rank * parts / images_of_the_class.
 */
#ifndef SGEO_DATA_STANDIN_H
#define SGEO_DATA_STANDIN_H

#include "base/status.h"
#include "data/images.h"

enum sgeo_standin {
    SGEO_STANDIN_CIFAR100,   /* 10 sub-classes a class: 100 classes of 32x32 images */
    SGEO_STANDIN_IMAGENET16, /* 2x2 boxes averaged to 16x16, 12 sub-classes a class: 120 classes */
    SGEO_STANDIN_TASKONOMY   /* 10 sub-classes a class with soft targets: TransNAS-Bench's
                                class_object; 32x32, enlarged when they are prepared (augment.h) */
};

/*
 * Load CIFAR-10 from data_dir and make both splits of the stand-in from it. stand_in is set, sha256
 * is CIFAR-10's. The caller owns *train and *test; untouched on failure. SGEO_IO without CIFAR-10.
 */
enum sgeo_status sgeo_standin_load(struct sgeo_images *train, struct sgeo_images *test,
                                   enum sgeo_standin which, const char *data_dir);

/*
 * Replace the labels of three-channel images (n, 3, h, w) by sub-classes, `parts` a class; classes
 * grows by that factor. SGEO_IO when there is no memory; labels are then untouched.
 */
enum sgeo_status sgeo_standin_split_classes(struct sgeo_images *images, size_t parts);

/*
 * Give labels of `parts` sub-classes a class their soft targets: a half for the label itself, a
 * quarter for each neighbouring sub-class of its class; what a sub-class at the end has no
 * neighbour for stays with it. SGEO_IO when there is no memory; images are then untouched.
 */
enum sgeo_status sgeo_standin_soften(struct sgeo_images *images, size_t parts);

/*
 * Average 2x2 boxes in place (half rounds up): (n, c, h, w) becomes (n, c, h/2, w/2); h and w must
 * be even. The array keeps its size.
 */
void sgeo_standin_halve(struct sgeo_images *images);

#endif
