/* Every kernel of every bundle that this machine runs; and that the prover catches what is wrong.
 */
#include <signal.h>
#include <string.h>

#include "kernels/bf16.h"
#include "kernels/prove/upper_halves.h"
#include "kernels/symbols.h"
#include "suite.h"

#define BUNDLE_SECONDS 600 /* under emulation */

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
static struct sgeo_proof prove_faulty(const char *op, const struct sgeo_kernels *faulty)
{
    struct sgeo_proof proof;
    ck_assert_int_eq(sgeo_prove(&proof, op, faulty, PROOF_SEED), SGEO_OK);
    ck_assert_uint_gt(strlen(proof.where), 0);
    ck_assert_uint_gt(strlen(proof.failure), 0);
    return proof;
}

static struct sgeo_kernels sound_kernels(void)
{
    struct sgeo_kernels kernels;
    ck_assert(sgeo_kernels_fill(&kernels, SGEO_ISA_SCALAR));
    return kernels;
}

static struct sgeo_proof prove_gated_sum(sgeo_f32_gated_sum_fn faulty)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_gated_sum = faulty;
    return prove_faulty("f32_gated_sum", &kernels);
}

static struct sgeo_proof prove_bf16_gated_sum(sgeo_bf16_gated_sum_fn faulty)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.bf16_gated_sum = faulty;
    return prove_faulty("bf16_gated_sum", &kernels);
}

static struct sgeo_proof prove_avgpool(sgeo_f32_avgpool_fn faulty)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_avgpool = faulty;
    return prove_faulty("f32_avgpool", &kernels);
}

static struct sgeo_proof prove_sgd_step(sgeo_f32_sgd_step_fn faulty)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_sgd_step = faulty;
    return prove_faulty("f32_sgd_step", &kernels);
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
    struct sgeo_proof proof = prove_gated_sum(gated_sum_reads_on);
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
    struct sgeo_proof proof = prove_gated_sum(gated_sum_writes_before);
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
    ck_assert_int_eq(prove_gated_sum(gated_sum_skips_last).verdict, SGEO_WRONG);
}
END_TEST

/* Cuts off what does not fit, and is less than one step off. */
static void gated_sum_truncates(uint16_t *dst, const uint16_t *gate, const uint16_t *const *gated,
                                size_t n_gated, const uint16_t *const *plain, size_t n_plain,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float sum = 0.0f;
        for (size_t t = 0; t < n_gated; t++)
            sum += sgeo_bf16_value(gate[i]) > 0.0f ? sgeo_bf16_value(gated[t][i]) : 0.0f;
        for (size_t t = 0; t < n_plain; t++)
            sum += sgeo_bf16_value(plain[t][i]);
        uint32_t bits;
        memcpy(&bits, &sum, sizeof bits);
        dst[i] = (uint16_t)(bits >> 16);
    }
}

START_TEST(test_prover_catches_a_bf16_that_is_cut_off)
{
    ck_assert_int_eq(prove_bf16_gated_sum(gated_sum_truncates).verdict, SGEO_WRONG);
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
    struct sgeo_proof proof = prove_gated_sum(gated_sum_multiplies);
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
    struct sgeo_proof proof = prove_avgpool(avgpool_counts_padding);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "error"));
}
END_TEST

/* One element more than asked for: past the end of the page, or over the marks. */
static void sgd_step_stores_one_more(float *theta, float *velocity, const float *grad,
                                     const struct sgeo_sgd *sgd, size_t n)
{
    sgeo_f32_sgd_step__ref(theta, velocity, grad, sgd, n);
    theta[n] = 0.0f;
}

START_TEST(test_prover_catches_an_off_by_one_store)
{
    ck_assert_int_eq(prove_sgd_step(sgd_step_stores_one_more).verdict, SGEO_CRASHED);
}
END_TEST

/* The same where nothing faults: the buffer is not at the end of its page. */
static void sgd_step_stores_one_more_quietly(float *theta, float *velocity, const float *grad,
                                             const struct sgeo_sgd *sgd, size_t n)
{
    sgeo_f32_sgd_step__ref(theta, velocity, grad, sgd, n);
    if ((uintptr_t)(theta + n) % 4096 != 0)
        theta[n] = 0.0f;
}

START_TEST(test_prover_catches_an_off_by_one_store_inside_the_page)
{
    struct sgeo_proof proof = prove_sgd_step(sgd_step_stores_one_more_quietly);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "next to"));
}
END_TEST

/* Whole tiles are right; what is left of the last one is computed from the tile before. */
static void sgd_step_repeats_in_the_tail(float *theta, float *velocity, const float *grad,
                                         const struct sgeo_sgd *sgd, size_t n)
{
    size_t whole = n / 16 * 16;
    sgeo_f32_sgd_step__ref(theta, velocity, grad, sgd, whole);
    if (whole > 0 && velocity)
        sgeo_f32_sgd_step__ref(theta + whole, velocity + whole, grad + whole - 16, sgd, n - whole);
    else
        sgeo_f32_sgd_step__ref(theta + whole, velocity ? velocity + whole : NULL, grad + whole, sgd,
                               n - whole);
}

START_TEST(test_prover_catches_a_wrong_tail)
{
    struct sgeo_proof proof = prove_sgd_step(sgd_step_repeats_in_the_tail);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "error"));
}
END_TEST

/* Comparisons with NaN are false: a maximum made of them loses it. */
static void gated_sum_loses_nan(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
    for (size_t i = 0; i < count; i++)
        dst[i] = dst[i] == dst[i] ? dst[i] : 0.0f;
}

START_TEST(test_prover_catches_a_lost_nan)
{
    struct sgeo_proof proof = prove_gated_sum(gated_sum_loses_nan);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.where, "nonfinite"));
}
END_TEST

static void gated_sum_is_illegal(float *dst, const float *gate, const float *const *gated,
                                 size_t n_gated, const float *const *plain, size_t n_plain,
                                 size_t count)
{
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
    raise(SIGILL);
}

START_TEST(test_prover_names_an_illegal_instruction)
{
    struct sgeo_proof proof = prove_gated_sum(gated_sum_is_illegal);
    ck_assert_int_eq(proof.verdict, SGEO_CRASHED);
    ck_assert_ptr_nonnull(strstr(proof.failure, "instruction that this CPU lacks"));
}
END_TEST

#if SGEO_KERNELS_X86
/* What a kernel with a lost vzeroupper does to its caller. */
static void sgd_step_leaves_its_registers(float *theta, float *velocity, const float *grad,
                                          const struct sgeo_sgd *sgd, size_t n)
{
    sgeo_f32_sgd_step__ref(theta, velocity, grad, sgd, n);
    __asm__ volatile("vcmptrueps %%ymm15, %%ymm15, %%ymm15" : : : "xmm15");
}

START_TEST(test_prover_catches_upper_halves_left_in_use)
{
    if (!sgeo_upper_halves_show())
        return; /* no AVX here, or an emulator that does not tell */
    struct sgeo_proof proof = prove_sgd_step(sgd_step_leaves_its_registers);
    ck_assert_int_eq(proof.verdict, SGEO_WRONG);
    ck_assert_ptr_nonnull(strstr(proof.failure, "upper halves"));
}
END_TEST
#endif

static volatile int forever = 1;

static void gated_sum_never_ends(float *dst, const float *gate, const float *const *gated,
                                 size_t n_gated, const float *const *plain, size_t n_plain,
                                 size_t count)
{
    while (count > 16 && forever)
        ;
    sgeo_f32_gated_sum__ref(dst, gate, gated, n_gated, plain, n_plain, count);
}

START_TEST(test_prover_ends_an_endless_loop)
{
    struct sgeo_proof proof = prove_gated_sum(gated_sum_never_ends);
    ck_assert_int_eq(proof.verdict, SGEO_STUCK);
    ck_assert_ptr_nonnull(strstr(proof.failure, "no end"));
    ck_assert_str_eq(sgeo_proof_verdict_name(proof.verdict), "stuck");
}
END_TEST

/* Plausible, and a ten-thousandth too large. */
static void moments_drift(struct sgeo_moments *moments, const float *const *g, size_t k,
                          const float *theta, size_t n)
{
    sgeo_f32_grad_moments__ref(moments, g, k, theta, n);
    moments->ratio_sum *= 1.0 + 1e-4;
}

START_TEST(test_prover_catches_an_error_past_the_bound)
{
    struct sgeo_kernels kernels = sound_kernels();
    kernels.f32_grad_moments = moments_drift;
    struct sgeo_proof proof = prove_faulty("f32_grad_moments", &kernels);
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

/* A case a bundle, so that CK_RUN_CASE=avx2 proves that one alone. */
static void add_bundles(Suite *suite)
{
    for (int isa = SGEO_ISA_REF; isa < SGEO_ISA_COUNT; isa++) {
        TCase *tcase = tcase_create(sgeo_isa_name((enum sgeo_isa)isa));
        tcase_set_timeout(tcase, BUNDLE_SECONDS);
        tcase_add_loop_test(tcase, test_kernels_of_every_bundle_agree_with_the_reference, isa,
                            isa + 1);
        suite_add_tcase(suite, tcase);
    }
}

static TCase *faults(void)
{
    TCase *tcase = tcase_create("faults");
    tcase_set_timeout(tcase, BUNDLE_SECONDS);
    tcase_add_test(tcase, test_prover_catches_a_read_past_the_end);
    tcase_add_test(tcase, test_prover_catches_a_write_before_the_start);
    tcase_add_test(tcase, test_prover_catches_an_element_left_out);
    tcase_add_test(tcase, test_prover_catches_a_nan_behind_a_closed_gate);
    tcase_add_test(tcase, test_prover_catches_a_wrong_border);
    tcase_add_test(tcase, test_prover_catches_an_off_by_one_store);
    tcase_add_test(tcase, test_prover_catches_an_off_by_one_store_inside_the_page);
    tcase_add_test(tcase, test_prover_catches_a_wrong_tail);
    tcase_add_test(tcase, test_prover_catches_a_lost_nan);
    tcase_add_test(tcase, test_prover_catches_a_bf16_that_is_cut_off);
    tcase_add_test(tcase, test_prover_names_an_illegal_instruction);
#if SGEO_KERNELS_X86
    tcase_add_test(tcase, test_prover_catches_upper_halves_left_in_use);
#endif
    tcase_add_test(tcase, test_prover_ends_an_endless_loop);
    tcase_add_test(tcase, test_prover_catches_an_error_past_the_bound);
    tcase_add_test(tcase, test_unknown_kernel_is_a_usage_error);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("kern/prove");
    add_bundles(suite);
    suite_add_tcase(suite, faults());
    return run_suite(suite);
}
