/*
 * From stored bytes to network input: random crop and flip, then normalisation, as torchvision's
 * RandomCrop, RandomHorizontalFlip, ToTensor, Normalize do it (padding is black in pixel space); or
 * enlarged, flipped and normalised.
 */
#ifndef SGEO_DATA_AUGMENT_H
#define SGEO_DATA_AUGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "data/images.h"

/* How the images of a data set are prepared. Colour sets: NASLib, naslib/utils/utils.py. */
struct sgeo_recipe {
    const char *dataset;
    float mean[3]; /* by channel, of pixels scaled to 0..1; grey images use the first */
    float std[3];
    size_t border;       /* black pixels added on every side for good: 28x28 becomes 32x32 */
    size_t crop_padding; /* black pixels on every side that a random crop may reach into */
    bool flip;           /* mirrored images are of the same class */
    size_t side; /* 0, or enlarged to side x side by bilinear interpolation, without border or crop.
                    Pixels are unit squares: pixel i of an axis of n shows (i + 1/2) n/side - 1/2 of
                    the stored ones, and the first and last reach to the edge */
};

/* Recipe by data set name (images.h); NULL when there is none. Static storage. */
const struct sgeo_recipe *sgeo_recipe_find(const char *dataset);

/* Side of a prepared image: side + 2 * border, or the recipe's own. */
size_t sgeo_recipe_side(const struct sgeo_recipe *recipe, size_t side);

/*
 * Prepare n images: pixels (n, channels, height + 2 border, width + 2 border), or (n, channels,
 * recipe->side, recipe->side), planar floats
 * (x / 255 - mean) / std, labels (n; NULL: not wanted), of images->pixels[index[i]]; every index is
 * below images->n. With rng each image takes three draws, in this order whatever the recipe: crop
 * row, crop column, flip. rng NULL: no augmentation, for evaluation. Never allocates.
 */
void sgeo_prepare_images(float *pixels, uint16_t *labels, const struct sgeo_images *images,
                         const struct sgeo_recipe *recipe, const uint32_t *index, size_t n,
                         struct sgeo_rng *rng);

#endif
