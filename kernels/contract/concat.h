/* Contracts of concatenation along channels and of its transpose. */
#ifndef SGEO_KERNELS_CONTRACT_CONCAT_H
#define SGEO_KERNELS_CONTRACT_CONCAT_H

#include <stdbool.h>

#include "kernels/contract/layout.h"

#define SGEO_CONCAT_MAX_PARTS ((size_t)64)

/*
 * The layouts of a call have the same n, height and width, and are of one kind: each has its groups
 * side by side (channels-last, or a single group), or all have groups of the same 1..16 lanes.
 * Channel counts need be no multiple of anything. Rows (B,D) are a channels-last image of 1x1.
 */

/* `channels` channels of src, from `first` on; src NULL: as many zeros. */
struct sgeo_concat_part {
    const float *src;
    const struct sgeo_layout *layout; /* NULL with src */
    size_t first, channels;
};

/*
 * dst = the parts' channels side by side, in order, and zeros in the channels behind them: blocked
 * layouts keep their padding. At most SGEO_CONCAT_MAX_PARTS parts, none is valid. What lies between
 * the pixels, groups or images of dst stays as it is. Concatenation, slice, and slice's transpose.
 */
typedef void sgeo_f32_concat_sig(float *dst, const struct sgeo_concat_part *parts, size_t n_parts,
                                 const struct sgeo_layout *layout);

/* The next `channels` channels of a split; dst NULL: they are left out. */
struct sgeo_split_part {
    float *dst;
    const struct sgeo_layout *layout; /* NULL with dst */
    size_t channels;
};

/*
 * Each part's dst = its channels of src (layout), and zeros in the channels behind them;
 * accumulate: dst += that. The transpose of concatenation. Parts do not overlap; src may have more
 * channels than they take.
 */
typedef void sgeo_f32_split_sig(const struct sgeo_split_part *parts, size_t n_parts,
                                const float *src, const struct sgeo_layout *layout,
                                bool accumulate);

#endif
