/* kernel (images,images) += equal bits of two images' codes (images,words), counted one by one. */
#include "kernels/symbols.h"

static uint32_t equal_bits(const uint64_t *a, const uint64_t *b, size_t features)
{
    uint32_t equal = 0;
    for (size_t f = 0; f < features; f++)
        equal += (~(a[f / 64] ^ b[f / 64]) >> f % 64 & 1) != 0;
    return equal;
}

void sgeo_u64_agreement__ref(uint32_t *kernel, const uint64_t *codes, size_t images,
                             size_t features)
{
    size_t words = SGEO_CODE_WORDS(features);
    for (size_t i = 0; i < images; i++)
        for (size_t j = 0; j < images; j++)
            kernel[i * images + j] += equal_bits(codes + i * words, codes + j * words, features);
}
