/* Every kernel of every bundle that this machine runs; and that the prover catches what is wrong.
 */
#include <string.h>
#include <sys/mman.h>

#include "kernels/symbols.h"
#include "suite.h"

START_TEST(test_kernels_of_every_bundle_agree_with_the_reference)
{
    struct sgeo_cpu cpu;
    struct sgeo_kernels kernels;
    enum sgeo_isa isa = (enum sgeo_isa)_i;
    sgeo_cpu_detect(&cpu);
    if (sgeo_cpu_supports(&cpu, isa, NULL) && sgeo_kernels_fill(&kernels, isa))
        assert_proven(&kernels, sgeo_isa_name(isa));
}
END_TEST

/* A proof of the scalar bundle with one kernel replaced. */
static struct sgeo_proof prove_with(sgeo_f32_gated_sum_fn gated_sum, sgeo_f32_avgpool_fn avgpool)
{
    struct sgeo_kernels kernels;
    struct sgeo_proof proof;
    ck_assert(sgeo_kernels_fill(&kernels, SGEO_ISA_SCALAR));
    kernels.f32_gated_sum = gated_sum ? gated_sum : kernels.f32_gated_sum;
    kernels.f32_avgpool = avgpool ? avgpool : kernels.f32_avgpool;
    const char *op = gated_sum ? "f32_gated_sum" : "f32_avgpool";
    ck_assert_int_eq(sgeo_prove(&proof, op, &kernels, PROOF_SEED), SGEO_OK);
    return proof;
}

static void gated_sum_reads_on(float *dst, const float *gate, const float *const *gated,
                               size_t n_gated, const float *const *plain, size_t n_plain,
                               size_t count)
{
    volatile float next = n_gated ? gated[0][count] : plain[0][count];
    (void)next;
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
}

START_TEST(test_prover_catches_a_read_past_the_end)
{
    struct sgeo_proof proof = prove_with(gated_sum_reads_on, NULL);
    ck_assert_int_eq(proof.verdict, SGEO_CRASHED);
    ck_assert_ptr_nonnull(strstr(proof.where, "n="));
}
END_TEST

static void gated_sum_writes_before(float *dst, const float *gate, const float *const *gated,
                                    size_t n_gated, const float *const *plain, size_t n_plain,
                                    size_t count)
{
    dst[-1] = 0.0f;
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
}

START_TEST(test_prover_catches_a_write_before_the_start)
{
    struct sgeo_proof proof = prove_with(gated_sum_writes_before, NULL);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "next to"));
}
END_TEST

static void gated_sum_skips_last(float *dst, const float *gate, const float *const *gated,
                                 size_t n_gated, const float *const *plain, size_t n_plain,
                                 size_t count)
{
    if (count > 0)
        sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count - 1);
}

START_TEST(test_prover_catches_an_element_left_out)
{
    ck_assert_int_eq(prove_with(gated_sum_skips_last, NULL).verdict, SGEO_WRONG);
}
END_TEST

/* Multiplies instead of selecting: right for every finite number, wrong for a closed NaN. */
static void gated_sum_multiplies(float *dst, const float *gate, const float *const *gated,
                                 size_t n_gated, const float *const *plain, size_t n_plain,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float sum = 0.0f;
        for (size_t t = 0; t < n_gated; t++)
            sum += gated[t][i] * (gate[i] > 0.0f ? 1.0f : 0.0f);
        for (size_t t = 0; t < n_plain; t++)
            sum += plain[t][i];
        dst[i] = sum;
    }
}

START_TEST(test_prover_catches_a_nan_behind_a_closed_gate)
{
    struct sgeo_proof proof = prove_with(gated_sum_multiplies, NULL);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.where, "nonfinite"));
}
END_TEST

/* Counts padding: right inside, wrong at the border. */
static void avgpool_counts_padding(float *dst, const float *src,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_f32_avgpool__ref(dst, src, window, in, out);
    if (window->pad > 0 && out->n > 0)
        dst[0] *= 0.5f;
}

START_TEST(test_prover_catches_a_wrong_border)
{
    struct sgeo_proof proof = prove_with(NULL, avgpool_counts_padding);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "error"));
}
END_TEST

START_TEST(test_unknown_kernel_is_a_usage_error)
{
    struct sgeo_kernels kernels;
    struct sgeo_proof proof;
    ck_assert(sgeo_kernels_fill(&kernels, SGEO_ISA_REF));
    ck_assert_int_eq(sgeo_prove(&proof, "f32_no_such", &kernels, 1), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "f32_no_such"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("prove");
    tcase_add_loop_test(tcase, test_kernels_of_every_bundle_agree_with_the_reference, SGEO_ISA_REF,
                        SGEO_ISA_COUNT);
    tcase_add_test(tcase, test_prover_catches_a_read_past_the_end);
    tcase_add_test(tcase, test_prover_catches_a_write_before_the_start);
    tcase_add_test(tcase, test_prover_catches_an_element_left_out);
    tcase_add_test(tcase, test_prover_catches_a_nan_behind_a_closed_gate);
    tcase_add_test(tcase, test_prover_catches_a_wrong_border);
    tcase_add_test(tcase, test_unknown_kernel_is_a_usage_error);
    return run_case("kern/prove", tcase);
}
