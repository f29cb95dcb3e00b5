/*
 * kernel (images,images) += equal bits of two images' codes. Eight registers of differing bits are
 * added position by position into ones, twos, fours and eights, as full adders do (the method of
 * R. Harley and D. Seal); only these are counted. Plain words of 64 bits throughout, so that the
 * compiler's vectors are as wide as the tier's.
 */
#include "kernels/bit_pairs.h"
#include "kernels/scalar/tier.h"

#define REGISTER ((size_t)8) /* words that are added lane by lane */
#define BLOCK    (8 * REGISTER)

/* Sums by bit position, and what was counted already. */
struct counter {
    uint64_t ones[REGISTER], twos[REGISTER], fours[REGISTER];
    uint64_t bits[REGISTER];
};

/* Bits of a word, by halves, in arithmetic that vectors have. */
SGEO_INLINE uint64_t count_bits(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    x += x >> 8;
    x += x >> 16;
    x += x >> 32;
    return x & 0x7f;
}

/* carry, sum = sum + a + b at each bit position. */
SGEO_INLINE void add_bits(uint64_t *carry, uint64_t *sum, const uint64_t *a, const uint64_t *b)
{
    for (size_t j = 0; j < REGISTER; j++) {
        uint64_t differ = sum[j] ^ a[j];
        carry[j] = (sum[j] & a[j]) | (differ & b[j]);
        sum[j] = differ ^ b[j];
    }
}

/* The same of the differences in two registers each. */
SGEO_INLINE void add_differences(uint64_t *carry, uint64_t *sum, const uint64_t *a,
                                 const uint64_t *b)
{
    uint64_t first[REGISTER], second[REGISTER];
    for (size_t j = 0; j < REGISTER; j++) {
        first[j] = a[j] ^ b[j];
        second[j] = a[j + REGISTER] ^ b[j + REGISTER];
    }
    add_bits(carry, sum, first, second);
}

/* Carry of four registers into the fours. */
SGEO_INLINE void add_four(uint64_t *carry, struct counter *counter, const uint64_t *a,
                          const uint64_t *b)
{
    uint64_t first[REGISTER], second[REGISTER];
    add_differences(first, counter->ones, a, b);
    add_differences(second, counter->ones, a + 2 * REGISTER, b + 2 * REGISTER);
    add_bits(carry, counter->twos, first, second);
}

SGEO_INLINE void block_step(struct counter *counter, const uint64_t *a, const uint64_t *b)
{
    uint64_t first[REGISTER], second[REGISTER], eights[REGISTER];
    add_four(first, counter, a, b);
    add_four(second, counter, a + 4 * REGISTER, b + 4 * REGISTER);
    add_bits(eights, counter->fours, first, second);
    for (size_t j = 0; j < REGISTER; j++)
        counter->bits[j] += 8 * count_bits(eights[j]);
}

SGEO_INLINE void register_step(struct counter *counter, const uint64_t *a, const uint64_t *b)
{
    for (size_t j = 0; j < REGISTER; j++)
        counter->bits[j] += count_bits(a[j] ^ b[j]);
}

SGEO_INLINE uint64_t total_of(const struct counter *counter)
{
    uint64_t total = 0;
    for (size_t j = 0; j < REGISTER; j++)
        total += counter->bits[j] + count_bits(counter->ones[j]) +
                 2 * count_bits(counter->twos[j]) + 4 * count_bits(counter->fours[j]);
    return total;
}

static uint32_t differing(const uint64_t *a, const uint64_t *b, size_t n)
{
    struct counter counter = {0};
    size_t at = 0;
    for (; at + BLOCK <= n; at += BLOCK)
        block_step(&counter, a + at, b + at);
    for (; at + REGISTER <= n; at += REGISTER)
        register_step(&counter, a + at, b + at);
    uint64_t total = total_of(&counter);
    for (; at < n; at++)
        total += count_bits(a[at] ^ b[at]);
    return (uint32_t)total;
}

void SGEO_SYMBOL(u64_agreement)(uint32_t *kernel, const uint64_t *codes, size_t images,
                                size_t features)
{
    sgeo_add_agreement(kernel, codes, images, features, differing);
}
