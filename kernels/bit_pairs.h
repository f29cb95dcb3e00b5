/*
 * How the agreement kernels walk the codes: all pairs of images, a chunk of words at a time, so
 * that the chunks of a usual batch stay in the cache while each is compared with all others.
 */
#ifndef SGEO_KERNELS_BIT_PAIRS_H
#define SGEO_KERNELS_BIT_PAIRS_H

#include "base/attr.h"
#include "kernels/kernel.h"

#define SGEO_CHUNK_WORDS ((size_t)256)

/* Number of bits in which two codes of n words differ; n <= SGEO_CHUNK_WORDS. */
typedef uint32_t sgeo_differing_fn(const uint64_t *a, const uint64_t *b, size_t n);

SGEO_INLINE void sgeo_subtract_chunk(uint32_t *kernel, const uint64_t *codes, size_t images,
                                     size_t words, size_t n, sgeo_differing_fn *differing)
{
    for (size_t i = 0; i < images; i++)
        for (size_t j = 0; j < i; j++) {
            uint32_t bits = differing(codes + i * words, codes + j * words, n);
            kernel[i * images + j] -= bits;
            kernel[j * images + i] -= bits;
        }
}

/* kernel (images,images) += features - differing bits. */
SGEO_INLINE void sgeo_add_agreement(uint32_t *kernel, const uint64_t *codes, size_t images,
                                    size_t features, sgeo_differing_fn *differing)
{
    size_t words = SGEO_CODE_WORDS(features);
    for (size_t i = 0; i < images * images; i++)
        kernel[i] += (uint32_t)features;
    for (size_t at = 0; at < words; at += SGEO_CHUNK_WORDS) {
        size_t n = words - at < SGEO_CHUNK_WORDS ? words - at : SGEO_CHUNK_WORDS;
        sgeo_subtract_chunk(kernel, codes + at, images, words, n, differing);
    }
}

#endif
