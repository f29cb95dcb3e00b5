/* kernel (images,images) += equal bits of two images' codes, with NEON's count of bits in a byte.
 */
#include "kernels/bit_pairs.h"
#include "kernels/neon/intrinsics.h"

#define REGISTER ((size_t)2) /* words */
#define BLOCK    (4 * REGISTER)

/* Differing bits in each byte, 8 at most. */
SGEO_INLINE uint8x16_t count_register(const uint64_t *a, const uint64_t *b)
{
    return vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(a), vld1q_u64(b))));
}

/* Four registers: 32 bits a byte at most, so that 64 a lane. */
SGEO_INLINE uint16x8_t block_step(uint16x8_t sums, const uint64_t *a, const uint64_t *b)
{
    uint8x16_t low = vaddq_u8(count_register(a, b), count_register(a + REGISTER, b + REGISTER));
    a += 2 * REGISTER;
    b += 2 * REGISTER;
    uint8x16_t high = vaddq_u8(count_register(a, b), count_register(a + REGISTER, b + REGISTER));
    return vpadalq_u8(sums, vaddq_u8(low, high));
}

/* A chunk of 256 words adds 64 * 32 bits to a lane of 16. */
static uint32_t differing(const uint64_t *a, const uint64_t *b, size_t n)
{
    uint16x8_t sums = vdupq_n_u16(0);
    uint32_t rest = 0;
    size_t at = 0;
    for (; at + BLOCK <= n; at += BLOCK)
        sums = block_step(sums, a + at, b + at);
    for (; at < n; at++)
        rest += vaddv_u8(vcnt_u8(vcreate_u8(a[at] ^ b[at])));
    return vaddlvq_u16(sums) + rest;
}

void SGEO_SYMBOL(u64_agreement)(uint32_t *kernel, const uint64_t *codes, size_t images,
                                size_t features)
{
    sgeo_add_agreement(kernel, codes, images, features, differing);
}
