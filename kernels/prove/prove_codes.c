/* Proofs of the binary activation codes. */
#include <string.h>

#include "kernels/prove/prover.h"

/* Images lie `gap` elements apart. */
static bool sign_codes_case(struct sgeo_prover *prover, size_t features, size_t images, size_t gap)
{
    size_t stride = features + gap, elems = images ? (images - 1) * stride + features : 0;
    if (!sgeo_prover_case(prover, "%zu images, %zu features, stride %zu", images, features, stride))
        return true;
    const float *src = sgeo_prover_source(prover, elems);
    struct sgeo_buffer *codes =
        sgeo_prover_buffer(prover, SGEO_LONGS, SGEO_OUTPUT, images * SGEO_CODE_WORDS(features));
    prover->ref.f32_sign_codes(sgeo_ref_data(codes), src, images, features, stride);
    prover->candidate->f32_sign_codes(sgeo_candidate_data(codes), src, images, features, stride);
    if (!sgeo_prover_is_clean(prover))
        return false;
    if (memcmp(sgeo_candidate_data(codes), sgeo_ref_data(codes), codes->count * sizeof(uint64_t)))
        return sgeo_prover_fail(prover, "codes differ");
    return sgeo_prover_end(prover);
}

bool sgeo_prove_f32_sign_codes(struct sgeo_prover *prover)
{
    static const size_t images[] = {0, 1, 2, 5};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t n = 0; n < sizeof images / sizeof *images; n++)
            if (!sign_codes_case(prover, sgeo_prover_length(prover, i), images[n],
                                 prover->turn % 3))
                return false;
    return true;
}

/* Codes of equal chances, all ones, all zeros, and mostly zeros. */
static uint64_t word_of(struct sgeo_prover *prover)
{
    uint64_t bits = sgeo_rng_u64(&prover->rng);
    switch (prover->turn % 4) {
    case 0:
        return UINT64_MAX;
    case 1:
        return bits & sgeo_rng_u64(&prover->rng) & sgeo_rng_u64(&prover->rng);
    default:
        return sgeo_prover_below(prover, 8) == 0 ? 0 : bits;
    }
}

static struct sgeo_buffer *codes_of(struct sgeo_prover *prover, size_t images, size_t features)
{
    static uint64_t codes[SGEO_GUARD_BYTES / sizeof(uint64_t)];
    size_t words = SGEO_CODE_WORDS(features);
    for (size_t i = 0; i < images * words; i++) {
        bool is_last = i % words == words - 1 && features % 64 > 0;
        codes[i] = word_of(prover) & (is_last ? (UINT64_C(1) << features % 64) - 1 : UINT64_MAX);
    }
    return sgeo_prover_copy(prover, SGEO_LONGS, SGEO_SOURCE, images * words, codes);
}

static bool agreement_case(struct sgeo_prover *prover, size_t features, size_t images)
{
    static uint32_t sums[16 * 16];
    if (!sgeo_prover_case(prover, "%zu images, %zu features", images, features))
        return true;
    for (size_t i = 0; i < images * images; i++)
        sums[i] = (uint32_t)sgeo_prover_below(prover, 1u << 20);
    const uint64_t *codes = sgeo_candidate_data(codes_of(prover, images, features));
    struct sgeo_buffer *kernel =
        sgeo_prover_copy(prover, SGEO_INTS, SGEO_INOUT, images * images, sums);
    prover->ref.u64_agreement(sgeo_ref_data(kernel), codes, images, features);
    prover->candidate->u64_agreement(sgeo_candidate_data(kernel), codes, images, features);
    return sgeo_prover_compare(prover, kernel, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

/* Lengths count words here, up to more than two chunks of them, with a few bits missing. */
bool sgeo_prove_u64_agreement(struct sgeo_prover *prover)
{
    static const size_t images[] = {0, 1, 2, 7};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t n = 0; n < sizeof images / sizeof *images; n++) {
            size_t features = 64 * sgeo_prover_length(prover, i);
            size_t missing = features ? sgeo_prover_below(prover, 64) : 0;
            if (!agreement_case(prover, features - missing, images[n]))
                return false;
        }
    return true;
}
