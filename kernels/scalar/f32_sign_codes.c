/* codes (images,words): the bits src > 0 of src (images,features), 32 at a time. */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

#define HALF_WORD ((size_t)32)

/* The signs of 32 numbers. Each lane holds two bits; no two hold the same, so that their sum
 * is their union. */
SGEO_INLINE uint32_t signs_of(const float *src)
{
    uint32_t lanes[SGEO_LANES], signs = 0;
    for (uint32_t j = 0; j < SGEO_LANES; j++) {
        uint32_t low = src[j] > 0.0f ? UINT32_C(1) << j : 0;
        uint32_t high = src[j + SGEO_LANES] > 0.0f ? UINT32_C(1) << (j + SGEO_LANES) : 0;
        lanes[j] = low | high;
    }
    for (size_t j = 0; j < SGEO_LANES; j++)
        signs += lanes[j];
    return signs;
}

/* The same of fewer than 32. */
static uint32_t signs_of_rest(const float *src, size_t count)
{
    uint32_t signs = 0;
    for (size_t j = 0; j < count; j++)
        signs |= src[j] > 0.0f ? UINT32_C(1) << j : 0;
    return signs;
}

static void code_of(uint64_t *code, const float *src, size_t features)
{
    for (; features >= 2 * HALF_WORD; features -= 2 * HALF_WORD, src += 2 * HALF_WORD)
        *code++ = signs_of(src) | (uint64_t)signs_of(src + HALF_WORD) << HALF_WORD;
    if (features >= HALF_WORD)
        *code = signs_of(src) | (uint64_t)signs_of_rest(src + HALF_WORD, features - HALF_WORD)
                                    << HALF_WORD;
    else if (features > 0)
        *code = signs_of_rest(src, features);
}

void SGEO_SYMBOL(f32_sign_codes)(uint64_t *codes, const float *src, size_t images, size_t features,
                                 size_t stride)
{
    for (size_t i = 0; i < images; i++)
        code_of(codes + i * SGEO_CODE_WORDS(features), src + i * stride, features);
}
