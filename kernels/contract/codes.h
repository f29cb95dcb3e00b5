/* Contracts of the binary activation codes. */
#ifndef SGEO_KERNELS_CONTRACT_CODES_H
#define SGEO_KERNELS_CONTRACT_CODES_H

#include <stddef.h>
#include <stdint.h>

/* Words of an image's code: a bit a feature, zeros behind the last one. */
#define SGEO_CODE_WORDS(features) (((size_t)(features) + 63) / 64)

/*
 * codes (images,SGEO_CODE_WORDS(features)): bit f % 64 of word f / 64 is src > 0 at feature f of
 * the image; NaN and both zeros give 0. src (images,features), images `stride` elements apart.
 */
typedef void sgeo_f32_sign_codes_sig(uint64_t *codes, const float *src, size_t images,
                                     size_t features, size_t stride);

/*
 * kernel (images,images) += features on which the codes of two images agree: NASWOT's kernel
 * matrix, layer by layer. codes (images,SGEO_CODE_WORDS(features)) as sgeo_f32_sign_codes leaves
 * them. Exact while the sums stay below 2^32.
 */
typedef void sgeo_u64_agreement_sig(uint32_t *kernel, const uint64_t *codes, size_t images,
                                    size_t features);

#endif
