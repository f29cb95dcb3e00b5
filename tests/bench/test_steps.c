/*
 * Step benches on tiny inputs: what they compute is the golden vectors' number, or follows from
 * another step's; their names and refusals.
 */
#include <math.h>

#include "bench/steps.h"
#include "rig.h"

static struct sgeo_bench_steps *open_step(const char *line)
{
    struct sgeo_bench_steps *steps = NULL;
    rig_ok(sgeo_bench_steps_create(&steps, NULL, line));
    ck_assert_uint_eq(sgeo_bench_steps_count(steps), 1);
    return steps;
}

/* The row of a step that is called three times, what the first call leaves in it. */
static struct sgeo_bench_row row_of(const char *line)
{
    struct sgeo_bench_steps *steps = open_step(line);
    struct sgeo_bench_step *step = sgeo_bench_steps_at(steps, 0);
    ck_assert_msg(sgeo_bench_step_prepare(step) == SGEO_OK, "%s: %s", line, step->row.failure);
    ck_assert(step->row.has_value && step->row.work.flops > 0.0 && step->work.amount > 0.0);
    sgeo_bench_step_run(step, 2);
    ck_assert_str_eq(step->row.failure, "");
    struct sgeo_bench_row row = step->row; /* its strings are gone */
    sgeo_bench_steps_destroy(steps);
    return row;
}

static double value_of(const char *line)
{
    return row_of(line).value;
}

/* A single step's loss is that of the first batch: bce_loss of golden/recsys.json. */
START_TEST(test_steps_start_from_the_golden_loss)
{
    double dlrm = value_of("step_train model=dlrm rows=50 batch=8 steps=1");
    double nasrec = value_of("step_train model=nasrec path=criteo-small rows=50 batch=8 steps=1");
    ck_assert_double_eq_tol(dlrm, 0.6916399021790092, 1e-6);
    ck_assert_double_eq_tol(nasrec, 0.6738693500792785, 1e-6);
}
END_TEST

/* As many steps on the same rows bring another loss, each its own number again. */
START_TEST(test_steps_train_the_same_way_each_time)
{
    static const char *const lines[] = {
        "step_train model=dlrm rows=50 batch=8",
        "step_train model=dcnv2 rows=50 batch=8",
        "step_train model=nasrec path=avazu-small rows=50 batch=8",
        "step_train model=supernet path=criteo-small rows=50 batch=8",
        "step_train model=dcnv2 hot=mlperf rows=50 batch=8",
        "step_train model=supernet path=criteo-small hot=mlperf rows=50 batch=8",
    };
    double value = value_of(lines[_i]);
    ck_assert(value > 0.0 && value < 10.0);
    ck_assert_double_eq(value_of(lines[_i]), value);
    char single[128];
    snprintf(single, sizeof single, "%s steps=1", lines[_i]);
    ck_assert_double_ne(value_of(single), value);
}
END_TEST

/* A path has layer norms over the supernet's widths, which the network alone lacks. */
START_TEST(test_steps_of_the_supernet_have_paths_of_their_own)
{
    double path = value_of("step_train model=supernet path=criteo-small rows=50 batch=8 steps=1");
    double full = value_of("step_train model=supernet path=full rows=50 batch=8 steps=1");
    double alone = value_of("step_train model=nasrec path=criteo-small rows=50 batch=8 steps=1");
    ck_assert_double_ne(path, full);
    ck_assert_double_ne(path, alone);
}
END_TEST

/* 26 tables more among the layers. */
START_TEST(test_steps_sigeo_counts_tables_where_they_learn)
{
    double network = value_of("step_sigeo model=dlrm tables=frozen rows=50 batch=8");
    double all = value_of("step_sigeo model=dlrm tables=learn rows=50 batch=8");
    ck_assert(network > 0.0);
    ck_assert(all > network + 26.0); /* the logarithm of hundreds of ratios each */
}
END_TEST

/* Norms of what the first call wrote. A step's gradients are clipped to norm 5. */
START_TEST(test_steps_of_trainings_tell_what_they_wrote)
{
    static const char *const lines[] = {
        "step_train model=dlrm rows=50 batch=8",
        "step_train model=dcnv2 hot=mlperf rows=50 batch=8",
        "step_train model=supernet path=criteo-small rows=50 batch=8",
    };
    double written[2][3];
    for (size_t i = 0; i < 2; i++) {
        char line[128];
        snprintf(line, sizeof line, "%s%s", lines[_i], i == 0 ? "" : " steps=1");
        const struct sgeo_bench_row row = row_of(line);
        ck_assert_int_eq(sscanf(row.terms, "network_squares=%lf table_squares=%lf table_moves=%lf",
                                &written[i][0], &written[i][1], &written[i][2]),
                         3);
    }
    for (size_t t = 0; t < 3; t++)
        ck_assert(written[1][t] > 0.0 && written[0][t] > written[1][t]);
    ck_assert(hypot(written[1][0], written[1][1]) <= 5.0 * (1.0 + 1e-6));
}
END_TEST

START_TEST(test_steps_of_scores_tell_their_summands)
{
    const struct sgeo_bench_row row = row_of("step_sigeo model=dlrm tables=learn rows=50 batch=8");
    double zico, fr;
    ck_assert_int_eq(sscanf(row.terms, "zico=%lf fr=%lf", &zico, &fr), 2);
    ck_assert(zico > 26.0 && isfinite(fr) && fr != 0.0);
    ck_assert_double_eq_tol(zico + fr, row.value, 1e-6);
    ck_assert_str_eq(row_of("step_zico cell=skips").terms, "");
}
END_TEST

START_TEST(test_steps_are_named_by_their_arguments)
{
    struct sgeo_bench_steps *steps = NULL;
    char name[128];
    rig_ok(sgeo_bench_steps_create(&steps, NULL, NULL));
    snprintf(name, sizeof name, "step_zico/%s/hot/cell:six-3x3", sgeo_isa_name(sgeo_kernels_isa()));
    ck_assert_uint_eq(sgeo_bench_steps_count(steps), 12);
    ck_assert_str_eq(sgeo_bench_steps_at(steps, 3)->name, name);
    ck_assert_str_eq(sgeo_bench_steps_at(steps, 3)->row.shape, "cell=six-3x3");
    sgeo_bench_steps_destroy(steps);
}
END_TEST

/* The next step takes the place of the last one, which can come again. */
START_TEST(test_steps_are_prepared_in_turn)
{
    struct sgeo_bench_steps *steps = NULL;
    rig_ok(sgeo_bench_steps_create(&steps, NULL, NULL));
    struct sgeo_bench_step *skips = sgeo_bench_steps_at(steps, 0);
    struct sgeo_bench_step *pools = sgeo_bench_steps_at(steps, 1);
    rig_ok(sgeo_bench_step_prepare(skips));
    double value = skips->row.value;
    rig_ok(sgeo_bench_step_prepare(pools));
    ck_assert_double_ne(pools->row.value, value);
    rig_ok(sgeo_bench_step_prepare(skips));
    ck_assert_double_eq(skips->row.value, value);
    sgeo_bench_step_run(skips, 1);
    ck_assert_str_eq(skips->row.failure, "");
    sgeo_bench_steps_destroy(steps);
}
END_TEST

static const struct {
    const char *line, *word;
} refused[] = {
    {"step_zico cell=none", "no such cell"},
    {"step_train model=dlmr rows=50 batch=8", "no such model"},
    {"step_train model=supernet path=criteo rows=50 batch=8", "no such architecture"},
    {"step_train model=dlrm rows=0 batch=8", "0 rows"},
    {"step_train model=dlrm rows=50", "no batch="},
    {"step_train model=dlrm rows=50 batch=0", "batch=0"},
    {"step_train model=dlrm rows=50 batch=8 steps=0", "steps=0"},
    {"step_train model=dlrm rows=50 batch=8 hot=mlpref", "no such hotness"},
    {"step_train model=dlrm rows=50 batch=99999999999", "batch=99999999999"},
    {"step_train model=dlrm rows=50 batch=8 path=full", "path="},
    {"step_sigeo model=dlrm rows=50 batch=8", "no tables="},
    {"step_sigeo model=supernet tables=learn path=full rows=50 batch=8", "no such model"},
};

#define N_REFUSED ((int)(sizeof refused / sizeof *refused))

START_TEST(test_steps_that_cannot_be_say_why)
{
    struct sgeo_bench_steps *steps = open_step(refused[_i].line);
    struct sgeo_bench_step *step = sgeo_bench_steps_at(steps, 0);
    ck_assert_int_eq(sgeo_bench_step_prepare(step), SGEO_USAGE);
    ck_assert_msg(strstr(step->row.failure, refused[_i].word) != NULL, "'%s' does not say '%s'",
                  step->row.failure, refused[_i].word);
    ck_assert(!step->row.has_value);
    sgeo_bench_steps_destroy(steps);
}
END_TEST

START_TEST(test_steps_of_unknown_lines_are_usage)
{
    struct sgeo_bench_steps *steps = NULL;
    ck_assert_int_eq(sgeo_bench_steps_create(&steps, NULL, "step_zic cell=skips"), SGEO_USAGE);
    assert_error_has("unknown step 'step_zic'");
    ck_assert_int_eq(sgeo_bench_steps_create(&steps, NULL, "step_zico skips"), SGEO_USAGE);
    assert_error_has("malformed 'skips'");
    ck_assert_int_eq(sgeo_bench_steps_create(&steps, NULL, ""), SGEO_USAGE);
    ck_assert_ptr_null(steps);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("steps");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, test_steps_start_from_the_golden_loss);
    tcase_add_loop_test(tcase, test_steps_train_the_same_way_each_time, 0, 6);
    tcase_add_test(tcase, test_steps_of_the_supernet_have_paths_of_their_own);
    tcase_add_test(tcase, test_steps_sigeo_counts_tables_where_they_learn);
    tcase_add_loop_test(tcase, test_steps_of_trainings_tell_what_they_wrote, 0, 3);
    tcase_add_test(tcase, test_steps_of_scores_tell_their_summands);
    tcase_add_test(tcase, test_steps_are_named_by_their_arguments);
    tcase_add_test(tcase, test_steps_are_prepared_in_turn);
    tcase_add_loop_test(tcase, test_steps_that_cannot_be_say_why, 0, N_REFUSED);
    tcase_add_test(tcase, test_steps_of_unknown_lines_are_usage);
    return run_case("steps", tcase);
}
