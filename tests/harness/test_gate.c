/* The regression gate: what it reads, and when it says that something changed. */
#include "base/rng.h"
#include "base/suite.h"
#include "harness/gate/verdict.h"

/* --- samples --- */

#define CONTEXT                                                                                    \
    "{\"context\":{\"cpu\":\"C\",\"isa\":\"avx2\",\"compiler\":\"gcc\","                           \
    "\"schema\":\"1\"},\"benchmarks\":["
#define BENCH(name, time)                                                                          \
    "{\"run_name\":\"" name "\",\"run_type\":\"iteration\",\"cpu_time\":" time                     \
    ",\"time_unit\":\"us\"}"

START_TEST(test_gate_process_counts_the_median_of_its_repetitions)
{
    struct sgeo_gate_samples samples = {0};
    const char *json =
        CONTEXT BENCH("a", "3") "," BENCH("a", "1") "," BENCH("a", "100") "," BENCH("b", "7") "]}";
    ck_assert_int_eq(sgeo_gate_add_process(&samples, json), SGEO_OK);
    ck_assert_int_eq(sgeo_gate_add_process(&samples, json), SGEO_OK);
    ck_assert_uint_eq(samples.n, 2);
    ck_assert_uint_eq(samples.benches[0].n, 2);
    ck_assert_double_eq_tol(samples.benches[0].values[1], 3e-6, 1e-18);
    ck_assert_str_eq(samples.setting.isa, "avx2");
    sgeo_gate_samples_clear(&samples);
}
END_TEST

START_TEST(test_gate_aggregates_are_no_rounds)
{
    struct sgeo_gate_samples samples = {0};
    const char *json = CONTEXT BENCH("a", "3") ",{\"run_name\":\"a\",\"run_type\":\"aggregate\","
                                               "\"cpu_time\":9,\"time_unit\":\"us\"}]}";
    ck_assert_int_eq(sgeo_gate_add_process(&samples, json), SGEO_OK);
    ck_assert_double_eq_tol(samples.benches[0].values[0], 3e-6, 1e-18);
    sgeo_gate_samples_clear(&samples);
}
END_TEST

static const char *const unusable[] = {
    "no json",
    CONTEXT "]}",                             /* nothing measured */
    "{\"benchmarks\":[" BENCH("a", "1") "]}", /* no setting */
    CONTEXT BENCH("a", "0") "]}",             /* no time */
    CONTEXT "{\"cpu_time\":1}]}",             /* no name */
    CONTEXT "{\"run_name\":\"a\",\"run_type\":\"iteration\",\"error_occurred\":true}]}",
    CONTEXT "{\"run_name\":\"a\",\"run_type\":\"iteration\",\"cpu_time\":1,\"time_unit\":\"h\"}]}",
};

START_TEST(test_gate_unusable_output_is_refused)
{
    struct sgeo_gate_samples samples = {0};
    ck_assert_int_eq(sgeo_gate_add_process(&samples, unusable[_i]), SGEO_IO);
    ck_assert_uint_eq(samples.n, 0);
    sgeo_gate_samples_clear(&samples);
}
END_TEST

START_TEST(test_gate_another_setting_is_refused)
{
    struct sgeo_gate_setting here = {"seconds", "C", "avx2", "gcc", "1"}, there = here;
    ck_assert_int_eq(sgeo_gate_same_setting(&here, &there), SGEO_OK);
    snprintf(there.isa, sizeof there.isa, "avx512");
    ck_assert_int_eq(sgeo_gate_same_setting(&here, &there), SGEO_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "isa"));
}
END_TEST

/* `n` rounds of a bench around `level`, with `noise` as relative deviation. */
static void add_rounds(struct sgeo_gate_samples *samples, const char *name, size_t n, double level,
                       double noise, uint64_t seed)
{
    struct sgeo_rng rng = sgeo_rng_stream(seed, name, 0);
    for (size_t i = 0; i < n; i++) {
        double value = level * (1.0 + noise * sgeo_rng_normal(&rng));
        ck_assert_int_eq(sgeo_gate_add(samples, name, value), SGEO_OK);
    }
}

START_TEST(test_gate_file_gives_the_same_samples)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "rounds.csv");
    struct sgeo_gate_samples samples = {.setting = {"seconds", "A, \"B\"", "avx2", "gcc 12", "1"}},
                             read = {0};
    add_rounds(&samples, "x/1", 3, 1e-6, 0.1, 1);
    add_rounds(&samples, "y,2", 2, 1e-3, 0.1, 1);
    ck_assert_int_eq(sgeo_gate_samples_publish(&samples, path), SGEO_OK);
    ck_assert_int_eq(sgeo_gate_samples_read(&read, path), SGEO_OK);
    ck_assert_uint_eq(read.n, 2);
    ck_assert_str_eq(read.setting.cpu, "A, \"B\"");
    ck_assert_str_eq(read.benches[1].name, "y,2");
    ck_assert_uint_eq(read.benches[0].n, 3);
    ck_assert_double_eq_tol(read.benches[0].values[2], samples.benches[0].values[2], 1e-14);
    sgeo_gate_samples_clear(&read);
    scratch_write(path, "short.csv", "bench,round\na,1\n", 16);
    ck_assert_int_eq(sgeo_gate_samples_read(&read, path), SGEO_IO);
    sgeo_gate_samples_clear(&samples);
}
END_TEST

/* --- verdicts --- */

struct sides {
    struct sgeo_gate_samples base, candidate;
    struct sgeo_gate_report report;
    bool side_by_side;
};

static void judge(struct sides *sides, const struct sgeo_gate_samples *floors)
{
    struct sgeo_gate_rule rule = sgeo_gate_rule_defaults();
    rule.floors = floors;
    rule.side_by_side = sides->side_by_side;
    ck_assert_int_eq(sgeo_gate_judge(&sides->report, &sides->base, &sides->candidate, &rule),
                     SGEO_OK);
}

static void clear(struct sides *sides)
{
    sgeo_gate_report_clear(&sides->report);
    sgeo_gate_samples_clear(&sides->base);
    sgeo_gate_samples_clear(&sides->candidate);
}

/* The verdict on one bench among eleven that did not change, in 12 rounds. */
static enum sgeo_gate_verdict verdict_of(struct sides sides, double ratio, double noise,
                                         uint64_t seed)
{
    add_rounds(&sides.base, "bench", 12, 1.0, noise, 2 * seed);
    add_rounds(&sides.candidate, "bench", 12, ratio, noise, 2 * seed + 1);
    for (size_t b = 0; b < 11; b++) {
        char name[16];
        snprintf(name, sizeof name, "other %zu", b);
        add_rounds(&sides.base, name, 12, 1.0, noise, 2 * seed);
        add_rounds(&sides.candidate, name, 12, 1.0, noise, 2 * seed + 1);
    }
    judge(&sides, NULL);
    enum sgeo_gate_verdict verdict = sides.report.rows[0].verdict;
    clear(&sides);
    return verdict;
}

static enum sgeo_gate_verdict verdict_on(double ratio, double noise, uint64_t seed)
{
    struct sides apart = {0}, together = {.side_by_side = true};
    enum sgeo_gate_verdict verdict = verdict_of(apart, ratio, noise, seed);
    ck_assert_int_eq(verdict_of(together, ratio, noise, seed), verdict);
    return verdict;
}

START_TEST(test_gate_equal_programs_are_the_same)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        ck_assert_int_eq(verdict_on(1.0, 0.01, seed), SGEO_GATE_SAME);
    }
}
END_TEST

START_TEST(test_gate_finds_what_became_slower_or_faster)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        ck_assert_int_eq(verdict_on(1.2, 0.02, seed), SGEO_GATE_REGRESSED);
        ck_assert_int_eq(verdict_on(0.8, 0.02, seed), SGEO_GATE_IMPROVED);
    }
}
END_TEST

/* Significant, but smaller than what counts. */
START_TEST(test_gate_small_effects_do_not_count)
{
    ck_assert_int_eq(verdict_on(1.02, 0.002, 1), SGEO_GATE_SAME);
    ck_assert_int_eq(verdict_on(0.98, 0.002, 1), SGEO_GATE_SAME);
}
END_TEST

/* A machine that is 1.4 times as slow for some rounds, and for one from its middle on. */
static void slow_down_at_times(struct sgeo_gate_samples *base, struct sgeo_gate_samples *candidate)
{
    for (size_t b = 0; b < base->n; b++) {
        for (size_t i = 3; i < 8; i++) {
            base->benches[b].values[i] *= i == 3 ? 1.0 : 1.4;
            candidate->benches[b].values[i] *= 1.4;
        }
    }
}

START_TEST(test_gate_rounds_side_by_side_bear_a_machine_that_changes)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (int slower = 0; slower <= 1; slower++) {
            struct sides sides = {.side_by_side = true};
            add_rounds(&sides.base, "bench", 12, 1.0, 0.01, 2 * seed);
            add_rounds(&sides.candidate, "bench", 12, slower ? 1.2 : 1.0, 0.01, 2 * seed + 1);
            slow_down_at_times(&sides.base, &sides.candidate);
            judge(&sides, NULL);
            ck_assert_int_eq(sides.report.rows[0].verdict,
                             slower ? SGEO_GATE_REGRESSED : SGEO_GATE_SAME);
            sgeo_gate_report_clear(&sides.report);
            sides.side_by_side = false;
            judge(&sides, NULL);
            ck_assert_int_eq(sides.report.rows[0].verdict, SGEO_GATE_INCONCLUSIVE);
            clear(&sides);
        }
    }
}
END_TEST

START_TEST(test_gate_rounds_side_by_side_come_in_pairs)
{
    struct sides sides = {0};
    struct sgeo_gate_rule rule = sgeo_gate_rule_defaults();
    rule.side_by_side = true;
    add_rounds(&sides.base, "bench", 12, 1.0, 0.01, 1);
    add_rounds(&sides.candidate, "bench", 11, 1.0, 0.01, 2);
    ck_assert_int_eq(sgeo_gate_judge(&sides.report, &sides.base, &sides.candidate, &rule),
                     SGEO_USAGE);
    clear(&sides);
}
END_TEST

START_TEST(test_gate_noise_is_inconclusive_not_the_same)
{
    size_t n_inconclusive = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        enum sgeo_gate_verdict verdict =
            verdict_of((struct sides){.side_by_side = _i == 1}, 1.0, 0.2, seed);
        ck_assert_int_ne(verdict, SGEO_GATE_REGRESSED);
        ck_assert_int_ne(verdict, SGEO_GATE_IMPROVED);
        n_inconclusive += verdict == SGEO_GATE_INCONCLUSIVE;
    }
    ck_assert_uint_ge(n_inconclusive, 18);
}
END_TEST

START_TEST(test_gate_floor_raises_the_threshold)
{
    struct sides sides = {0};
    struct sgeo_gate_samples floors = {0};
    add_rounds(&sides.base, "bench", 10, 1.0, 0.01, 1);
    add_rounds(&sides.candidate, "bench", 10, 1.2, 0.01, 2);
    ck_assert_int_eq(sgeo_gate_add(&floors, "bench", 0.5), SGEO_OK);
    judge(&sides, &floors);
    ck_assert_int_eq(sides.report.rows[0].verdict, SGEO_GATE_SAME);
    ck_assert_double_eq(sides.report.rows[0].threshold, 0.5);
    sgeo_gate_samples_clear(&floors);
    clear(&sides);
}
END_TEST

START_TEST(test_gate_names_what_came_and_went)
{
    struct sides sides = {0};
    add_rounds(&sides.base, "gone", 10, 1.0, 0.01, 1);
    add_rounds(&sides.base, "kept", 10, 1.0, 0.01, 1);
    add_rounds(&sides.candidate, "kept", 10, 1.0, 0.01, 2);
    add_rounds(&sides.candidate, "came", 10, 1.0, 0.01, 2);
    judge(&sides, NULL);
    ck_assert_uint_eq(sides.report.n, 3);
    ck_assert_int_eq(sides.report.rows[0].verdict, SGEO_GATE_MISSING);
    ck_assert_int_eq(sides.report.rows[1].verdict, SGEO_GATE_SAME);
    ck_assert_int_eq(sides.report.rows[2].verdict, SGEO_GATE_NEW);
    ck_assert_str_eq(sides.report.rows[2].bench, "came");
    ck_assert_double_eq_tol(sides.report.rows[0].base, 1.0, 0.05);
    ck_assert_double_nan(sides.report.rows[0].candidate);
    ck_assert_double_nan(sides.report.rows[2].base);
    ck_assert_double_eq_tol(sides.report.rows[2].candidate, 1.0, 0.05);
    ck_assert_uint_eq(sgeo_gate_count(&sides.report, SGEO_GATE_NEW), 1);
    clear(&sides);
}
END_TEST

START_TEST(test_gate_refuses_rounds_that_cannot_decide)
{
    struct sides sides = {0};
    struct sgeo_gate_rule rule = sgeo_gate_rule_defaults();
    rule.side_by_side = _i == 1;
    add_rounds(&sides.base, "bench", 3, 1.0, 0.01, 1);
    add_rounds(&sides.candidate, "bench", 3, 2.0, 0.01, 2);
    ck_assert_int_eq(sgeo_gate_judge(&sides.report, &sides.base, &sides.candidate, &rule),
                     SGEO_UNSUPPORTED);
    ck_assert_ptr_null(sides.report.rows);
    clear(&sides);
}
END_TEST

/* One count a side is enough; 1 % is what counts. */
START_TEST(test_gate_instruction_counts_decide_alone)
{
    struct sides sides = {0};
    static const struct {
        const char *name;
        double count;
        enum sgeo_gate_verdict verdict;
    } benches[] = {{"same", 1000.0, SGEO_GATE_SAME},
                   {"little", 1009.0, SGEO_GATE_SAME},
                   {"more", 1011.0, SGEO_GATE_REGRESSED},
                   {"less", 980.0, SGEO_GATE_IMPROVED}};
    snprintf(sides.base.setting.metric, sizeof sides.base.setting.metric, SGEO_GATE_INSTRUCTIONS);
    for (size_t b = 0; b < 4; b++) {
        ck_assert_int_eq(sgeo_gate_add(&sides.base, benches[b].name, 1000.0), SGEO_OK);
        ck_assert_int_eq(sgeo_gate_add(&sides.candidate, benches[b].name, benches[b].count),
                         SGEO_OK);
    }
    judge(&sides, NULL);
    for (size_t b = 0; b < 4; b++) {
        ck_assert_int_eq(sides.report.rows[b].verdict, benches[b].verdict);
    }
    clear(&sides);
}
END_TEST

START_TEST(test_gate_calibration_grows_with_the_noise)
{
    struct sgeo_gate_samples rounds = {0}, floors = {0};
    add_rounds(&rounds, "calm", 20, 1.0, 0.01, 1);
    add_rounds(&rounds, "wild", 20, 1.0, 0.10, 1);
    ck_assert_int_eq(sgeo_gate_calibrate(&floors, &rounds, _i == 1, 1), SGEO_OK);
    double calm = sgeo_gate_find(&floors, "calm")->values[0];
    double wild = sgeo_gate_find(&floors, "wild")->values[0];
    /* A median of 10 has 1.25 / sqrt(10) of the deviation; two of them; 1.96 deviations: 1.1. */
    ck_assert_double_gt(calm, 0.005);
    ck_assert_double_lt(calm, 0.02);
    ck_assert_double_gt(wild, 0.05);
    ck_assert_double_lt(wild, 0.25);
    sgeo_gate_samples_clear(&floors);
    sgeo_gate_samples_clear(&rounds);
    add_rounds(&rounds, "few", 15, 1.0, 0.01, 1);
    ck_assert_int_eq(sgeo_gate_calibrate(&floors, &rounds, _i == 1, 1), SGEO_UNSUPPORTED);
    sgeo_gate_samples_clear(&floors);
    sgeo_gate_samples_clear(&rounds);
}
END_TEST

/* What both of a pair share is no noise between equal programs. */
START_TEST(test_gate_calibration_side_by_side_looks_at_pairs)
{
    struct sgeo_gate_samples rounds = {0}, apart = {0}, together = {0};
    add_rounds(&rounds, "bench", 24, 1.0, 0.01, 1);
    for (size_t i = 8; i < 16; i++) {
        rounds.benches[0].values[i] *= 1.4;
    }
    ck_assert_int_eq(sgeo_gate_calibrate(&apart, &rounds, false, 1), SGEO_OK);
    ck_assert_int_eq(sgeo_gate_calibrate(&together, &rounds, true, 1), SGEO_OK);
    ck_assert_double_gt(apart.benches[0].values[0], 0.1);
    ck_assert_double_lt(together.benches[0].values[0], 0.02);
    sgeo_gate_samples_clear(&apart);
    sgeo_gate_samples_clear(&together);
    sgeo_gate_samples_clear(&rounds);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("gate");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_gate_process_counts_the_median_of_its_repetitions);
    tcase_add_test(tcase, test_gate_aggregates_are_no_rounds);
    tcase_add_loop_test(tcase, test_gate_unusable_output_is_refused, 0,
                        (int)(sizeof unusable / sizeof *unusable));
    tcase_add_test(tcase, test_gate_another_setting_is_refused);
    tcase_add_test(tcase, test_gate_file_gives_the_same_samples);
    tcase_add_test(tcase, test_gate_equal_programs_are_the_same);
    tcase_add_test(tcase, test_gate_finds_what_became_slower_or_faster);
    tcase_add_test(tcase, test_gate_small_effects_do_not_count);
    tcase_add_loop_test(tcase, test_gate_noise_is_inconclusive_not_the_same, 0,
                        2); /* apart, side by side */
    tcase_add_test(tcase, test_gate_rounds_side_by_side_bear_a_machine_that_changes);
    tcase_add_test(tcase, test_gate_rounds_side_by_side_come_in_pairs);
    tcase_add_test(tcase, test_gate_floor_raises_the_threshold);
    tcase_add_test(tcase, test_gate_names_what_came_and_went);
    tcase_add_loop_test(tcase, test_gate_refuses_rounds_that_cannot_decide, 0,
                        2); /* apart, side by side */
    tcase_add_test(tcase, test_gate_instruction_counts_decide_alone);
    tcase_add_loop_test(tcase, test_gate_calibration_grows_with_the_noise, 0,
                        2); /* apart, side by side */
    tcase_add_test(tcase, test_gate_calibration_side_by_side_looks_at_pairs);
    return run_case("harness/gate", tcase);
}
