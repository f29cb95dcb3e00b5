/* Samples of proofs, by which bounds are measured: a case a seed, each seed for itself. */
#include <math.h>

#include "kernels/symbols.h"
#include "suite.h"

static struct sgeo_kernels scalar_kernels(void)
{
    struct sgeo_kernels kernels;
    ck_assert(sgeo_kernels_fill(&kernels, SGEO_ISA_SCALAR));
    return kernels;
}

static struct sgeo_proof prove_samples(const char *op, const struct sgeo_kernels *kernels,
                                       uint64_t seed, uint64_t n_seeds)
{
    struct sgeo_proof proof;
    ck_assert_int_eq(sgeo_prove_samples(&proof, op, kernels, seed, n_seeds), SGEO_OK);
    return proof;
}

START_TEST(test_samples_of_two_ranges_are_those_of_both)
{
    struct sgeo_kernels kernels = scalar_kernels();
    for (size_t i = 0; i < sgeo_prove_count(); i++) {
        const char *op = sgeo_prove_op(i);
        struct sgeo_proof both = prove_samples(op, &kernels, 0, 60);
        struct sgeo_proof first = prove_samples(op, &kernels, 0, 25);
        struct sgeo_proof second = prove_samples(op, &kernels, 25, 35);
        ck_assert_msg(both.verdict == SGEO_PROVEN, "%s, seed %llu: %s", op,
                      (unsigned long long)both.seed, both.failure);
        ck_assert_uint_eq(both.cases, 60);
        ck_assert_double_eq(both.worst_error, fmax(first.worst_error, second.worst_error));
    }
}
END_TEST

START_TEST(test_worst_sample_comes_again_with_its_seed)
{
    struct sgeo_kernels kernels = scalar_kernels();
    struct sgeo_proof many = prove_samples("f32_fm", &kernels, 1000, 200);
    struct sgeo_proof one = prove_samples("f32_fm", &kernels, many.seed, 1);
    ck_assert_double_gt(many.worst_error, 0.0);
    ck_assert_double_eq(one.worst_error, many.worst_error);
    ck_assert_str_eq(one.where, many.where);
}
END_TEST

/* Wrong in one kind of values alone. */
static void gated_sum_loses_nan(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
    for (size_t i = 0; i < count; i++)
        dst[i] = isnan(dst[i]) ? 0.0f : dst[i];
}

/* Found by some seed, and again by that one alone. */
START_TEST(test_samples_find_a_planted_fault)
{
    struct sgeo_kernels kernels = scalar_kernels();
    kernels.f32_gated_sum = gated_sum_loses_nan;
    struct sgeo_proof proof = prove_samples("f32_gated_sum", &kernels, 0, 2000);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    struct sgeo_proof again = prove_samples("f32_gated_sum", &kernels, proof.seed, 1);
    ck_assert_int_eq(again.verdict, SGEO_WRONG);
    ck_assert_str_eq(again.where, proof.where);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("samples");
    tcase_add_test(tcase, test_samples_of_two_ranges_are_those_of_both);
    tcase_add_test(tcase, test_worst_sample_comes_again_with_its_seed);
    tcase_add_test(tcase, test_samples_find_a_planted_fault);
    return run_case("kern/prove_samples", tcase);
}
