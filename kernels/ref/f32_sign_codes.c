/* codes (images,words): the bits src > 0 of src (images,features), one by one. */
#include "kernels/symbols.h"

void sgeo_f32_sign_codes__ref(uint64_t *codes, const float *src, size_t images, size_t features,
                              size_t stride)
{
    size_t words = SGEO_CODE_WORDS(features);
    for (size_t i = 0; i < images * words; i++)
        codes[i] = 0;
    for (size_t i = 0; i < images; i++)
        for (size_t f = 0; f < features; f++)
            if (src[i * stride + f] > 0.0f)
                codes[i * words + f / 64] |= UINT64_C(1) << f % 64;
}
