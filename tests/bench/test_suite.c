/* The suite: which cases there are, what they are called, and that only proven kernels are timed.
 */
#include "bench/suite.h"

#include <math.h>

#include "base/clock.h"
#include "rig.h"

static struct sgeo_bench_suite *suite_of(const char *shapes, bool with_ref)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_bench_suite *suite = NULL;
    scratch_write(path, "shapes.txt", shapes, strlen(shapes));
    const struct sgeo_bench_suite_options options = {
        .shapes = scratch_directory, .pool = {50000, 1 << 20}, .with_ref = with_ref};
    rig_ok(sgeo_bench_suite_create(&suite, &options));
    return suite;
}

static struct sgeo_bench_case *case_of(struct sgeo_bench_suite *suite, const char *name)
{
    for (size_t i = 0; i < sgeo_bench_suite_count(suite); i++)
        if (strcmp(sgeo_bench_suite_at(suite, i)->name, name) == 0)
            return sgeo_bench_suite_at(suite, i);
    ck_abort_msg("no case %s", name);
    return NULL;
}

START_TEST(test_suite_names_say_kernel_bundle_cache_and_shape)
{
    struct sgeo_bench_suite *suite = suite_of("f32_sgd_step n=1003 momentum=1\n", false);
    ck_assert_str_eq(sgeo_bench_suite_at(suite, 0)->name,
                     "f32_sgd_step/scalar/hot/n:1003/momentum:1");
    case_of(suite, "f32_sgd_step/scalar/cold/n:1003/momentum:1");
    for (size_t i = 0; i < sgeo_bench_suite_count(suite); i++)
        ck_assert_int_ne(sgeo_bench_suite_at(suite, i)->isa, SGEO_ISA_REF);
    sgeo_bench_suite_destroy(suite);
    suite = suite_of("f32_sgd_step n=1003\n", true);
    case_of(suite, "f32_sgd_step/ref/hot/n:1003");
    sgeo_bench_suite_destroy(suite);
}
END_TEST

START_TEST(test_suite_cases_run_in_every_bundle_hot_and_cold)
{
    struct sgeo_bench_suite *suite =
        suite_of("f32_sgd_step n=1003\nf32_grad_moments k=2 n=5\n", true);
    for (size_t i = 0; i < sgeo_bench_suite_count(suite); i++) {
        struct sgeo_bench_case *own = sgeo_bench_suite_at(suite, i);
        rig_ok(sgeo_bench_case_prepare(own));
        sgeo_bench_case_run(own, 7);
        ck_assert_str_eq(own->row.failure, "");
        ck_assert(own->row.work.bytes > 0.0);
        ck_assert(own->cold ? own->row.sets > 1 : own->row.sets == 1);
    }
    sgeo_bench_suite_destroy(suite);
}
END_TEST

/* The scalar tier comes first and is what the others of the same inputs are compared with. */
START_TEST(test_suite_baseline_is_the_scalar_tier_of_the_same_inputs)
{
    struct sgeo_bench_suite *suite = suite_of("f32_sgd_step n=1003\nf32_sgd_step n=5\n", true);
    for (size_t i = 0; i < sgeo_bench_suite_count(suite); i++) {
        const struct sgeo_bench_case *own = sgeo_bench_suite_at(suite, i);
        if (own->isa == SGEO_ISA_REF) {
            ck_assert_ptr_null(own->row.baseline);
            continue;
        }
        ck_assert_str_eq(own->row.baseline->isa, "scalar");
        ck_assert_str_eq(own->row.baseline->shape, own->row.shape);
        ck_assert_str_eq(own->row.baseline->cache, own->row.cache);
        ck_assert(own->row.baseline <= &own->row);
    }
    sgeo_bench_suite_destroy(suite);
}
END_TEST

static void forgetful_step(float *theta, float *velocity, const float *grad,
                           const struct sgeo_sgd *sgd, size_t n)
{
    (void)theta;
    (void)velocity;
    (void)grad;
    (void)sgd;
    (void)n;
}

static size_t steps_taken;

static void counting_step(float *theta, float *velocity, const float *grad,
                          const struct sgeo_sgd *sgd, size_t n)
{
    forgetful_step(theta, velocity, grad, sgd, n);
    steps_taken++;
}

/* First touches of memory would be taken for the time of a call. */
START_TEST(test_suite_calls_every_set_of_inputs_before_it_is_timed)
{
    static const char shapes[] = "f32_sgd_step n=1003\n";
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_bench_suite *suite = NULL;
    struct sgeo_kernels counting;
    scratch_write(path, "shapes.txt", shapes, strlen(shapes));
    const struct sgeo_bench_suite_options options = {
        .shapes = scratch_directory, .pool = {50000, 1 << 20}, .unproven = true};
    rig_ok(sgeo_bench_suite_create(&suite, &options));
    sgeo_kernels_fill(&counting, SGEO_ISA_SCALAR);
    counting.f32_sgd_step = counting_step;
    sgeo_bench_suite_replace(suite, SGEO_ISA_SCALAR, &counting);
    struct sgeo_bench_case *own = case_of(suite, "f32_sgd_step/scalar/cold/n:1003");
    steps_taken = 0;
    rig_ok(sgeo_bench_case_prepare(own));
    ck_assert_uint_ge(steps_taken, 2 * own->row.sets);
    ck_assert_uint_eq(steps_taken % own->row.sets, 0);
    size_t before = steps_taken;
    rig_ok(sgeo_bench_case_prepare(own));
    ck_assert_uint_eq(steps_taken, before);
    sgeo_bench_suite_destroy(suite);
}
END_TEST

/* Roofs that were never measured but of L1: what other programs share comes from the meter. */
START_TEST(test_suite_measures_shared_limits_beside_the_case)
{
    static const char shapes[] = "f32_sgd_step n=1003\n";
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_machine machine;
    struct sgeo_roof_meter *meter = NULL;
    struct sgeo_bench_suite *suite = NULL;
    struct sgeo_stopwatch stopwatch = sgeo_stopwatch_of(sgeo_thread_cpu_seconds, 1e-4, 1);
    const struct sgeo_roofs roofs = {.update = {7.0}, .cache_bytes = {1 << 15, 1 << 20, 1 << 21}};
    scratch_write(path, "shapes.txt", shapes, strlen(shapes));
    sgeo_machine_describe(&machine);
    rig_ok(sgeo_roof_meter_create(&meter, &machine, (size_t)8 << 20, &stopwatch));
    const struct sgeo_bench_suite_options options = {
        .shapes = scratch_directory, .pool = {50000, 1 << 20}, .roofs = &roofs, .meter = meter};
    rig_ok(sgeo_bench_suite_create(&suite, &options));
    struct sgeo_bench_case *hot = case_of(suite, "f32_sgd_step/scalar/hot/n:1003");
    struct sgeo_bench_case *cold = case_of(suite, "f32_sgd_step/scalar/cold/n:1003");
    rig_ok(sgeo_bench_case_prepare(hot));
    ck_assert_str_eq(hot->row.limit.name, "update:L1");
    ck_assert_double_eq(hot->row.limit.value, 7.0);
    rig_ok(sgeo_bench_case_prepare(cold));
    ck_assert_str_eq(cold->row.limit.name, "update:DRAM");
    ck_assert_double_gt(cold->row.limit.value, 0.0);
    double once = cold->row.limit.value;
    rig_ok(sgeo_bench_case_prepare(cold));
    ck_assert_double_eq(cold->row.limit.value, once);
    sgeo_bench_suite_destroy(suite);
    sgeo_roof_meter_destroy(meter);
}
END_TEST

START_TEST(test_suite_does_not_time_a_kernel_that_is_not_proven)
{
    struct sgeo_bench_suite *suite =
        suite_of("f32_sgd_step n=1003\nf32_grad_moments k=2 n=5\n", false);
    struct sgeo_kernels broken;
    sgeo_kernels_fill(&broken, SGEO_ISA_SCALAR);
    broken.f32_sgd_step = forgetful_step;
    sgeo_bench_suite_replace(suite, SGEO_ISA_SCALAR, &broken);
    struct sgeo_bench_case *own = case_of(suite, "f32_sgd_step/scalar/hot/n:1003");
    ck_assert_int_eq(sgeo_bench_case_prepare(own), SGEO_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(own->row.failure, "not proven"));
    rig_ok(sgeo_bench_case_prepare(case_of(suite, "f32_grad_moments/scalar/hot/k:2/n:5")));
    sgeo_bench_suite_destroy(suite);
}
END_TEST

START_TEST(test_suite_case_that_cannot_be_made_says_why)
{
    struct sgeo_bench_suite *suite = suite_of("f32_sgd_step m=1003\n", false);
    struct sgeo_bench_case *own = sgeo_bench_suite_at(suite, 0);
    ck_assert_int_eq(sgeo_bench_case_prepare(own), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(own->row.failure, "shapes.txt:1"));
    sgeo_bench_suite_destroy(suite);
}
END_TEST

/* CPU seconds of many calls of a case; `slowdown` per cent of them wasted. */
static double seconds_of_calls(double slowdown)
{
    struct sgeo_bench_suite *suite = NULL;
    const struct sgeo_bench_suite_options options = {
        .shapes = scratch_directory, .is_gate = true, .unproven = true, .slowdown = slowdown};
    rig_ok(sgeo_bench_suite_create(&suite, &options));
    struct sgeo_bench_case *own = sgeo_bench_suite_at(suite, 0);
    rig_ok(sgeo_bench_case_prepare(own));
    double least = (double)INFINITY;
    for (size_t i = 0; i < 9; i++) {
        double start = sgeo_thread_cpu_seconds();
        sgeo_bench_case_run(own, 200);
        least = fmin(least, sgeo_thread_cpu_seconds() - start);
    }
    sgeo_bench_suite_destroy(suite);
    return least;
}

/* Three times the time of the calls; a busy machine slows down both. */
START_TEST(test_suite_planted_slowdown_wastes_its_share)
{
    static const char shapes[] = "f32_sgd_step n=10007\n";
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "shapes.txt", shapes, strlen(shapes));
    double ratio = seconds_of_calls(200.0) / seconds_of_calls(0.0);
    ck_assert_msg(ratio > 2.0 && ratio < 5.0, "200 %% slower: %g times the time", ratio);
}
END_TEST

START_TEST(test_suite_without_shapes_is_io)
{
    const struct sgeo_bench_suite_options options = {.shapes = scratch_directory};
    struct sgeo_bench_suite *suite = NULL;
    ck_assert_int_eq(sgeo_bench_suite_create(&suite, &options), SGEO_IO);
    ck_assert_ptr_null(suite);
    sgeo_bench_suite_destroy(NULL);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("suite");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_suite_names_say_kernel_bundle_cache_and_shape);
    tcase_add_test(tcase, test_suite_cases_run_in_every_bundle_hot_and_cold);
    tcase_add_test(tcase, test_suite_baseline_is_the_scalar_tier_of_the_same_inputs);
    tcase_add_test(tcase, test_suite_calls_every_set_of_inputs_before_it_is_timed);
    tcase_add_test(tcase, test_suite_measures_shared_limits_beside_the_case);
    tcase_add_test(tcase, test_suite_does_not_time_a_kernel_that_is_not_proven);
    tcase_add_test(tcase, test_suite_case_that_cannot_be_made_says_why);
    tcase_add_test(tcase, test_suite_planted_slowdown_wastes_its_share);
    tcase_add_test(tcase, test_suite_without_shapes_is_io);
    return run_case("suite", tcase);
}
