/*
 * That the cases of a proof meet all that a contract allows: faults that show in one combination of
 * a size with a variant (an alias, an output left out, a kind of labels), or in one layout.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/prove/guard.h"
#include "kernels/strip.h"
#include "suite.h"

/* The scalar bundle with one kernel replaced is not proven, and the proof says where. */
static void assert_caught(const char *op, const struct sgeo_kernels *faulty)
{
    struct sgeo_proof proof;
    ck_assert_int_eq(sgeo_prove(&proof, op, faulty, PROOF_SEED), SGEO_OK);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_uint_gt(strlen(proof.where), 0);
}

static struct sgeo_kernels sound_kernels(void)
{
    struct sgeo_kernels kernels;
    ck_assert(sgeo_kernels_fill(&kernels, SGEO_ISA_SCALAR));
    return kernels;
}

/* --- affine sums: which of the outputs there are, and over which source --- */

static void assert_affine_caught(sgeo_f32_affine_sum_fn faulty)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_affine_sum = faulty;
    assert_caught("f32_affine_sum", &kernels);
}

static void affine_sum_of_ref(float *dst, float *relu, const struct sgeo_affine_term *terms,
                              size_t n_terms, const float *shift, const struct sgeo_layout *layout)
{
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_affine_sum(dst, relu, terms, n_terms, shift, layout);
}

static bool is_a_source(const float *dst, const struct sgeo_affine_term *terms, size_t n_terms)
{
    bool found = false;
    for (size_t t = 0; t < n_terms; t++)
        found = found || terms[t].src == dst;
    return found;
}

/* Batch norm with its ReLU and nothing else: one term, no sum that is kept, nothing in place. */
static void affine_sum_spoils_relu_alone(float *dst, float *relu,
                                         const struct sgeo_affine_term *terms, size_t n_terms,
                                         const float *shift, const struct sgeo_layout *layout)
{
    affine_sum_of_ref(dst, relu, terms, n_terms, shift, layout);
    if (!dst && n_terms == 1 && !is_a_source(relu, terms, n_terms) && layout->n > 0)
        relu[0] = 3e6f;
}

static void affine_sum_spoils_two_terms_in_place(float *dst, float *relu,
                                                 const struct sgeo_affine_term *terms,
                                                 size_t n_terms, const float *shift,
                                                 const struct sgeo_layout *layout)
{
    bool in_place = dst && !relu && n_terms == 2 && is_a_source(dst, terms, n_terms);
    affine_sum_of_ref(dst, relu, terms, n_terms, shift, layout);
    if (in_place && layout->n > 0)
        dst[0] = 3e6f;
}

START_TEST(test_every_output_of_an_affine_sum_meets_every_number_of_terms)
{
    assert_affine_caught(affine_sum_spoils_relu_alone);
    assert_affine_caught(affine_sum_spoils_two_terms_in_place);
}
END_TEST

/* --- affine sums: rows of strips --- */

/* Where a walk that takes a set of strips for a row finds lane j of strip s in the first pixel. */
static size_t row_at(const struct sgeo_strip_set *set, size_t s, size_t j)
{
    return set->strip[0].offset + s * SGEO_LANES + j;
}

/* The second strip of a row gets what is the first one's. */
static void affine_sum_repeats_a_strip(float *dst, float *relu,
                                       const struct sgeo_affine_term *terms, size_t n_terms,
                                       const float *shift, const struct sgeo_layout *layout)
{
    float *out = dst ? dst : relu;
    affine_sum_of_ref(dst, relu, terms, n_terms, shift, layout);
    for (size_t first = 0; layout->n > 0 && first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t j = 0; sgeo_strip_set_is_row(&set) && j < SGEO_LANES; j++)
            out[row_at(&set, 1, j)] = out[row_at(&set, 0, j)];
    }
}

static bool ends_like_a_row(const struct sgeo_strip_set *set)
{
    const struct sgeo_strip *first = &set->strip[0], *last = &set->strip[set->n - 1];
    return set->n > 1 && first->width == SGEO_LANES && last->width == SGEO_LANES &&
           first->stride > SGEO_LANES && last->offset == row_at(set, set->n - 1, 0);
}

/* Sixteen lanes of every strip, also where a strip between two whole ones has fewer. */
static void affine_sum_trusts_the_ends(float *dst, float *relu,
                                       const struct sgeo_affine_term *terms, size_t n_terms,
                                       const float *shift, const struct sgeo_layout *layout)
{
    float *out = dst ? dst : relu;
    affine_sum_of_ref(dst, relu, terms, n_terms, shift, layout);
    for (size_t first = 0; layout->n > 0 && first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t s = 0; ends_like_a_row(&set) && s < set.n; s++)
            for (size_t j = set.strip[s].width; j < SGEO_LANES; j++)
                out[row_at(&set, s, j)] = 0.0f;
    }
}

START_TEST(test_rows_of_strips_are_proven)
{
    assert_affine_caught(affine_sum_repeats_a_strip);
}
END_TEST

START_TEST(test_a_partial_strip_between_whole_ones_is_proven)
{
    assert_affine_caught(affine_sum_trusts_the_ends);
}
END_TEST

/* --- codes: images that differ --- */

/* Takes the first image for the last where there are more than two. */
static void agreement_mixes_images_up(uint32_t *kernel, const uint64_t *codes, size_t images,
                                      size_t features)
{
    static uint64_t mixed[SGEO_GUARD_BYTES / sizeof(uint64_t)];
    size_t words = SGEO_CODE_WORDS(features);
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    if (images * words > 0)
        memcpy(mixed, codes, images * words * sizeof *mixed);
    if (images > 2 && words > 0)
        memcpy(mixed + (images - 1) * words, codes, words * sizeof *mixed);
    ref.u64_agreement(kernel, mixed, images, features);
}

START_TEST(test_agreement_is_proven_for_many_images_that_differ)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.u64_agreement = agreement_mixes_images_up;
    assert_caught("u64_agreement", &kernels);
}
END_TEST

/* --- gates: sources of the full width --- */

static void gate_spoils_the_full_width(float *dst, const float *src, const float *gate,
                                       const struct sgeo_gating *shape)
{
    bool full = shape->src_width == shape->width && shape->width > 1 && dst != src;
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_gate(dst, src, gate, shape);
    if (full && shape->batch > 0)
        dst[shape->width - 1] = 3e6f;
}

static void gate_spoils_its_source(float *dst, const float *src, const float *gate,
                                   const struct sgeo_gating *shape)
{
    bool over_src = dst == src && shape->width > SGEO_LANES;
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_gate(dst, src, gate, shape);
    if (over_src && shape->batch > 0)
        dst[SGEO_LANES] = 3e6f;
}

START_TEST(test_gates_of_the_full_width_are_proven_apart_and_in_place)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_gate = gate_spoils_the_full_width;
    assert_caught("f32_gate", &kernels);
    kernels.f32_gate = gate_spoils_its_source;
    assert_caught("f32_gate", &kernels);
}
END_TEST

/* --- exact kernels: every bit of a number --- */

/* As a processor does that flushes denormals. */
static void padded_sum_grad_flushes(float *const *dsrc, const size_t *widths, size_t n_src,
                                    const float *ddst, size_t batch, size_t width)
{
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_padded_sum_grad(dsrc, widths, n_src, ddst, batch, width);
    for (size_t t = 0; t < n_src; t++)
        for (size_t i = 0; dsrc[t] && i < batch * widths[t]; i++)
            if (fabsf(dsrc[t][i]) < FLT_MIN)
                dsrc[t][i] = 0.0f;
}

static void gate_loses_the_sign_of_zero(float *dst, const float *src, const float *gate,
                                        const struct sgeo_gating *shape)
{
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_gate(dst, src, gate, shape);
    for (size_t i = 0; i < shape->batch * shape->width; i++)
        dst[i] = dst[i] == 0.0f ? 0.0f : dst[i]; /* of either sign */
}

START_TEST(test_exact_kernels_keep_denormals_and_signs_of_zeros)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_padded_sum_grad = padded_sum_grad_flushes;
    assert_caught("f32_padded_sum_grad", &kernels);
    kernels.f32_gate = gate_loses_the_sign_of_zero;
    assert_caught("f32_gate", &kernels);
}
END_TEST

/* --- running moments: the number of batches --- */

static void moments_add_forgets_to_count(struct sgeo_moment_stream *stream, const float *g,
                                         const float *theta, size_t n)
{
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_moments_add(stream, g, theta, n);
    stream->batches = 0;
}

START_TEST(test_running_moments_count_their_batches)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_moments_add = moments_add_forgets_to_count;
    assert_caught("f32_moments_add", &kernels);
}
END_TEST

/* --- losses: gradients of either kind of targets, apart and in place --- */

static bool spoils_soft, spoils_in_place;

static void xent_spoils_gradients(double *losses, float *dlogits, const float *logits,
                                  const struct sgeo_class_targets *targets, size_t batch,
                                  size_t classes, double scale)
{
    bool in_place = dlogits == logits, soft = targets->soft != NULL;
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_softmax_xent(losses, dlogits, logits, targets, batch, classes, scale);
    if (dlogits && batch > 1 && soft == spoils_soft && in_place == spoils_in_place)
        dlogits[classes] = 3e6f;
}

START_TEST(test_gradients_of_a_softmax_are_proven_for_both_kinds_of_targets)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_softmax_xent = xent_spoils_gradients;
    for (int form = 0; form < 4; form++) {
        spoils_soft = form & 1;
        spoils_in_place = form & 2;
        assert_caught("f32_softmax_xent", &kernels);
    }
}
END_TEST

/* --- layer norms: every batch apart and in place --- */

static size_t spoilt_batch;

static void layer_norm_spoils(float *dst, double *stats, const float *src, size_t batch, size_t dim,
                              const struct sgeo_layer_norm *norm)
{
    bool in_place = dst == src;
    struct sgeo_kernels ref;
    sgeo_kernels_fill(&ref, SGEO_ISA_REF);
    ref.f32_layer_norm(dst, stats, src, batch, dim, norm);
    if (batch == spoilt_batch && in_place == spoils_in_place && dim > 0)
        dst[batch * dim - 1] = 3e6f;
}

START_TEST(test_layer_norms_of_a_batch_are_proven_apart_and_in_place)
{
    static const size_t batches[] = {1, 4, 5, 70};
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_layer_norm = layer_norm_spoils;
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
        for (int form = 0; form < 2; form++) {
            spoilt_batch = batches[b];
            spoils_in_place = form;
            assert_caught("f32_layer_norm", &kernels);
        }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("variants");
    tcase_add_test(tcase, test_every_output_of_an_affine_sum_meets_every_number_of_terms);
    tcase_add_test(tcase, test_rows_of_strips_are_proven);
    tcase_add_test(tcase, test_a_partial_strip_between_whole_ones_is_proven);
    tcase_add_test(tcase, test_agreement_is_proven_for_many_images_that_differ);
    tcase_add_test(tcase, test_gates_of_the_full_width_are_proven_apart_and_in_place);
    tcase_add_test(tcase, test_exact_kernels_keep_denormals_and_signs_of_zeros);
    tcase_add_test(tcase, test_running_moments_count_their_batches);
    tcase_add_test(tcase, test_gradients_of_a_softmax_are_proven_for_both_kinds_of_targets);
    tcase_add_test(tcase, test_layer_norms_of_a_batch_are_proven_apart_and_in_place);
    return run_case("kern/prove_variants", tcase);
}
