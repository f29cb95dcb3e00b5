/*
 * kernel (images,images) += equal bits of two images' codes, with AVX-512. The adders are those of
 * kernels/scalar/u64_agreement.c, each two ternary-logic instructions, so that eight registers cost
 * 14 of them and a single count by byte shuffles: hardly more than the VPOPCNTQ that not every CPU
 * with AVX-512 has.
 */
#include "kernels/avx512/intrinsics.h"
#include "kernels/bit_pairs.h"

#define REGISTER ((size_t)8) /* words */
#define BLOCK    (8 * REGISTER)

#define SUM_OF_THREE      0x96 /* truth tables of _mm512_ternarylogic_epi64: odd parity, */
#define MAJORITY_OF_THREE 0xe8 /* and two or more */

/* Sums by bit position, and what was counted already. */
struct counter {
    __m512i ones, twos, fours;
    __m512i bits;
};

/* Bits in each word. */
SGEO_INLINE __m512i count_bits(__m512i x)
{
    const __m512i of_nibble = _mm512_set4_epi32(0x04030302, 0x03020201, 0x03020201, 0x02010100);
    const __m512i nibble = _mm512_set1_epi32(0x0f0f0f0f);
    __m512i low = _mm512_and_si512(x, nibble);
    __m512i high = _mm512_and_si512(_mm512_srli_epi32(x, 4), nibble);
    __m512i bytes =
        _mm512_add_epi8(_mm512_shuffle_epi8(of_nibble, low), _mm512_shuffle_epi8(of_nibble, high));
    return _mm512_sad_epu8(bytes, _mm512_setzero_si512());
}

/* *sum += a + b at each bit position; the carry. */
SGEO_INLINE __m512i add_bits(__m512i *sum, __m512i a, __m512i b)
{
    __m512i carry = _mm512_ternarylogic_epi64(*sum, a, b, MAJORITY_OF_THREE);
    *sum = _mm512_ternarylogic_epi64(*sum, a, b, SUM_OF_THREE);
    return carry;
}

SGEO_INLINE __m512i difference(const uint64_t *a, const uint64_t *b)
{
    return _mm512_xor_si512(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
}

/* Carry of four registers into the fours. */
SGEO_INLINE __m512i add_four(struct counter *counter, const uint64_t *a, const uint64_t *b)
{
    __m512i twos[2];
    for (size_t i = 0; i < 2; i++, a += 2 * REGISTER, b += 2 * REGISTER)
        twos[i] =
            add_bits(&counter->ones, difference(a, b), difference(a + REGISTER, b + REGISTER));
    return add_bits(&counter->twos, twos[0], twos[1]);
}

SGEO_INLINE void block_step(struct counter *counter, const uint64_t *a, const uint64_t *b)
{
    __m512i low = add_four(counter, a, b);
    __m512i high = add_four(counter, a + 4 * REGISTER, b + 4 * REGISTER);
    __m512i eights = count_bits(add_bits(&counter->fours, low, high));
    counter->bits = _mm512_add_epi64(counter->bits, _mm512_slli_epi64(eights, 3));
}

/* The words of up to a register, zeros behind them. */
SGEO_INLINE __m512i rest_of(const uint64_t *a, size_t n)
{
    return _mm512_maskz_loadu_epi64((__mmask8)((1u << n) - 1), a);
}

SGEO_INLINE uint32_t total_of(const struct counter *counter)
{
    __m512i total = counter->bits;
    total = _mm512_add_epi64(total, count_bits(counter->ones));
    total = _mm512_add_epi64(total, _mm512_slli_epi64(count_bits(counter->twos), 1));
    total = _mm512_add_epi64(total, _mm512_slli_epi64(count_bits(counter->fours), 2));
    return (uint32_t)_mm512_reduce_add_epi64(total);
}

static uint32_t differing(const uint64_t *a, const uint64_t *b, size_t n)
{
    __m512i zero = _mm512_setzero_si512();
    struct counter counter = {zero, zero, zero, zero};
    size_t at = 0;
    for (; at + BLOCK <= n; at += BLOCK)
        block_step(&counter, a + at, b + at);
    for (; at < n; at += REGISTER) {
        size_t width = n - at < REGISTER ? n - at : REGISTER;
        __m512i bits = _mm512_xor_si512(rest_of(a + at, width), rest_of(b + at, width));
        counter.bits = _mm512_add_epi64(counter.bits, count_bits(bits));
    }
    return total_of(&counter);
}

void SGEO_SYMBOL(u64_agreement)(uint32_t *kernel, const uint64_t *codes, size_t images,
                                size_t features)
{
    sgeo_add_agreement(kernel, codes, images, features, differing);
}
