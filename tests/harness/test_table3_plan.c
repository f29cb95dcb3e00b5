/* The plan of Table 3: what there is to do, before anything is opened. */
#include "harness/table3_plan.h"

#include "harness/ctr_task.h"
#include "harness/preset.h"
#include "harness/rig.h"
#include "proxy/ctr_measure.h"

static struct sgeo_text printed;
static char out[SCRATCH_PATH_BYTES];

static struct sgeo_options options_of(const char *task)
{
    struct sgeo_options options = {.preset = SGEO_PRESET_SMOKE,
                                   .batches = 2,
                                   .batch_size = 8,
                                   .n_ctr_tasks = 1,
                                   .workers = 1,
                                   .out = out};
    options.ctr_tasks[0] = sgeo_ctr_task_find(task);
    return options;
}

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    scratch_remove();
}

/* Of the last line. */
static double number_before(const char *unit)
{
    const char *at = strstr(printed.bytes, unit);
    ck_assert_ptr_nonnull(at);
    while (at > printed.bytes && at[-1] != ' ') {
        at--;
    }
    return atof(at);
}

static double core_hours(const struct sgeo_options *options)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    sgeo_text_clear(&printed);
    ck_assert_msg(sgeo_table3_print_plan(options, &list, collect, &printed) == SGEO_OK, "%s",
                  sgeo_error_text());
    return number_before(" core-hours");
}

START_TEST(test_table3_plan_counts_searches_and_trainings)
{
    struct sgeo_options options = options_of("criteo");
    options.levels[options.n_levels++] = 0.0;
    options.proxies[options.n_proxies++] = sgeo_ctr_proxy_find("zico-nasrec");
    ck_assert_double_gt(core_hours(&options), 0.0);
    const struct sgeo_search_size size = sgeo_search_size(SGEO_PRESET_SMOKE);
    char line[256];
    snprintf(line, sizeof line,
             "criteo: 2 searches of 48 evaluations, 0 of them done; %zu trainings from scratch at "
             "most, %zu seeds",
             5 * size.final_seeds + 2 * (size.best + size.final_seeds - 1), size.final_seeds);
    ck_assert_msg(strstr(printed.bytes, line) != NULL, "%s", printed.bytes);
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

START_TEST(test_table3_plan_grows_with_what_is_asked_for)
{
    struct sgeo_options few = options_of("kdd12"), many = options_of("kdd12");
    few.levels[few.n_levels++] = 0.0;
    double hours = core_hours(&few);
    ck_assert_double_gt(core_hours(&many), hours);
    few.preset = SGEO_PRESET_DEFAULT;
    ck_assert_double_gt(core_hours(&few), 4.0 * hours);
}
END_TEST

START_TEST(test_table3_plan_leaves_out_searches_that_are_over)
{
    struct sgeo_options options = options_of("criteo");
    char path[SCRATCH_PATH_BYTES];
    options.levels[options.n_levels++] = 0.0;
    options.proxies[options.n_proxies++] = sgeo_ctr_proxy_find("zico-nasrec");
    tiny_folder("out");
    tiny_folder("out/searches");
    tiny_folder("out/searches/criteo-small-zico-nasrec-w0-s0");
    scratch_write(path, "out/searches/criteo-small-zico-nasrec-w0-s0/search_best.csv", "", 0);
    core_hours(&options);
    ck_assert_uint_eq(count_of(printed.bytes, " 0 of them done"), 1);
    options.resume = true;
    core_hours(&options);
    ck_assert_uint_eq(count_of(printed.bytes, " 1 of them done"), 1);
}
END_TEST

/* Searches without a supernet do not wait for each other, those with one do. */
START_TEST(test_table3_plan_says_the_hours_of_its_workers)
{
    struct sgeo_options options = options_of("criteo");
    double all = core_hours(&options);
    ck_assert_double_eq(number_before(" hours with --workers 1,"), all);
    options.workers = 2;
    core_hours(&options);
    double two = number_before(" hours with --workers 2,");
    ck_assert(two < 0.6 * all && two > 0.49 * all);
    options.workers = 1000;
    core_hours(&options);
    ck_assert_double_gt(number_before(" hours with --workers 1000,"), all / 100.0);
}
END_TEST

static void write_rows(size_t n)
{
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    for (size_t i = 0; i < n; i++) {
        sgeo_text_append(&text, "0%-39s\n", "");
    }
    scratch_write(path, "criteo/train.txt", text.bytes, text.length);
    sgeo_text_clear(&text);
}

START_TEST(test_table3_plan_looks_at_the_rows_of_the_folder)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    struct sgeo_options options = options_of("criteo");
    options.data = scratch_directory;
    options.levels[options.n_levels++] = 0.0;
    double generated = core_hours(&options);
    ck_assert_uint_eq(count_of(printed.bytes, "about 20000 generated rows"), 1);
    tiny_folder("criteo");
    write_rows(10000);
    ck_assert_double_lt(core_hours(&options), generated);
    ck_assert_uint_eq(count_of(printed.bytes, "about 10000 real rows"), 1);
    write_rows(100);
    ck_assert_int_eq(sgeo_table3_print_plan(&options, &list, collect, &printed), SGEO_USAGE);
    assert_error_has("criteo has 80 for training");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3_plan");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_table3_plan_counts_searches_and_trainings);
    tcase_add_test(tcase, test_table3_plan_grows_with_what_is_asked_for);
    tcase_add_test(tcase, test_table3_plan_says_the_hours_of_its_workers);
    tcase_add_test(tcase, test_table3_plan_looks_at_the_rows_of_the_folder);
    tcase_add_test(tcase, test_table3_plan_leaves_out_searches_that_are_over);
    return run_case("table3_plan", tcase);
}
