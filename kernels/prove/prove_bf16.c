/* Proofs of the conversions between f32 and bf16: bit for bit. */
#include <string.h>

#include "kernels/prove/prover.h"

static bool same_bytes(struct sgeo_prover *prover, const struct sgeo_buffer *dst, size_t n_bytes)
{
    if (!sgeo_prover_is_clean(prover))
        return false;
    if (memcmp(sgeo_candidate_data(dst), sgeo_ref_data(dst), n_bytes) != 0)
        return sgeo_prover_fail(prover, "bits differ");
    return true;
}

/* Bits of a float: often any, so that all exponents occur, with a lower half that is a tie or next
 * to one; else those of the case's values. */
static uint32_t bits_of(struct sgeo_prover *prover, uint32_t value)
{
    static const uint32_t lower[] = {0x8000, 0x7fff, 0x8001, 0xffff, 0};
    uint32_t any = (uint32_t)sgeo_rng_u64(&prover->rng);
    size_t kind = sgeo_prover_below(prover, 2 + 2 * (sizeof lower / sizeof *lower));
    if (kind < sizeof lower / sizeof *lower)
        return (any & UINT32_C(0xffff0000)) | lower[kind];
    return sgeo_prover_coin(prover) ? any : value;
}

static bool to_bf16_case(struct sgeo_prover *prover, size_t n)
{
    static uint32_t bits[SGEO_GUARD_BYTES / sizeof(uint32_t)];
    if (!sgeo_prover_case(prover, "n=%zu", n))
        return true;
    const float *values = sgeo_prover_source(prover, n);
    memcpy(bits, values, n * sizeof *bits);
    for (size_t i = 0; i < n; i++)
        bits[i] = bits_of(prover, bits[i]);
    const float *src =
        sgeo_candidate_data(sgeo_prover_copy(prover, SGEO_FLOATS, SGEO_SOURCE, n, bits));
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_OUTPUT, n);
    prover->ref.f32_to_bf16(sgeo_ref_data(dst), src, n);
    prover->candidate->f32_to_bf16(sgeo_candidate_data(dst), src, n);
    return same_bytes(prover, dst, n * sizeof(uint16_t)) && sgeo_prover_end(prover);
}

static bool to_f32_case(struct sgeo_prover *prover, size_t n)
{
    static uint16_t bits[SGEO_GUARD_BYTES / sizeof(uint32_t)];
    if (!sgeo_prover_case(prover, "n=%zu", n))
        return true;
    for (size_t i = 0; i < n; i++)
        bits[i] = (uint16_t)sgeo_rng_u64(&prover->rng);
    const uint16_t *src =
        sgeo_candidate_data(sgeo_prover_copy(prover, SGEO_HALVES, SGEO_SOURCE, n, bits));
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n);
    prover->ref.bf16_to_f32(sgeo_ref_floats(dst), src, n);
    prover->candidate->bf16_to_f32(sgeo_candidate_floats(dst), src, n);
    return same_bytes(prover, dst, n * sizeof(float)) && sgeo_prover_end(prover);
}

/* Every length twice: the values of a case are half of what there is to convert. */
static bool for_all(struct sgeo_prover *prover, bool (*bf16_case)(struct sgeo_prover *, size_t))
{
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t turn = 0; turn < 2; turn++)
            if (!bf16_case(prover, sgeo_prover_length(prover, i)))
                return false;
    return true;
}

bool sgeo_prove_f32_to_bf16(struct sgeo_prover *prover)
{
    return for_all(prover, to_bf16_case);
}

bool sgeo_prove_bf16_to_f32(struct sgeo_prover *prover)
{
    return for_all(prover, to_f32_case);
}
