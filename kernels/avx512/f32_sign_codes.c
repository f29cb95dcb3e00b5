/* codes (images,words): the bits src > 0 of src (images,features), with AVX-512. */
#include "kernels/avx512/intrinsics.h"
#include "kernels/strip.h"

#define WORD_BITS ((size_t)64)

/* The signs of the first `count` <= 64 numbers; a constant 64 leaves no branch. */
SGEO_INLINE uint64_t signs_of(const float *src, size_t count)
{
    uint64_t signs = 0;
    for (size_t at = 0; at < count; at += SGEO_FULL) {
        __m512 values = sgeo_load(src + at, sgeo_min(SGEO_FULL, count - at));
        uint64_t mask = _mm512_cmp_ps_mask(values, _mm512_setzero_ps(), _CMP_GT_OQ);
        signs |= mask << at;
    }
    return signs;
}

static void code_of(uint64_t *code, const float *src, size_t features)
{
    for (; features >= WORD_BITS; features -= WORD_BITS, src += WORD_BITS)
        *code++ = signs_of(src, WORD_BITS);
    if (features > 0)
        *code = signs_of(src, features);
}

void SGEO_SYMBOL(f32_sign_codes)(uint64_t *codes, const float *src, size_t images, size_t features,
                                 size_t stride)
{
    for (size_t i = 0; i < images; i++)
        code_of(codes + i * SGEO_CODE_WORDS(features), src + i * stride, features);
}
