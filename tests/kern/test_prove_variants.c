/* That the cases of a proof meet all that a contract allows: faults that show in a few of them
 * alone. */
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

int main(void)
{
    TCase *tcase = tcase_create("variants");
    tcase_add_test(tcase, test_rows_of_strips_are_proven);
    tcase_add_test(tcase, test_a_partial_strip_between_whole_ones_is_proven);
    return run_case("kern/prove_variants", tcase);
}
