/* Presets: the sizes of the three presets, and that what is given wins. */
#include "base/suite.h"
#include "harness/preset.h"

static struct sgeo_run_size size_of(const char *task, enum sgeo_preset preset)
{
    const struct sgeo_options options = {.preset = preset};
    return sgeo_run_size(&options, sgeo_task_find(task));
}

static void assert_levels(const struct sgeo_run_size *size, size_t n, const double *levels)
{
    ck_assert_uint_eq(size->n_levels, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert(size->levels[i] == levels[i]);
    }
}

static const double seven[] = {0, 1, 10, 20, 40, 60, 100};
static const double four[] = {0, 1, 10, 100};

START_TEST(test_preset_embedded_sizes)
{
    struct sgeo_run_size size = size_of("nb201-fmnist", SGEO_PRESET_SMOKE);
    assert_levels(&size, 2, (const double[]){0, 10});
    ck_assert_uint_eq(size.n_archs, 24);
    ck_assert_uint_eq(size.epochs, 1);
    size = size_of("nb201-fmnist", SGEO_PRESET_DEFAULT);
    assert_levels(&size, 4, four);
    ck_assert_uint_eq(size.n_archs, 200);
    ck_assert_uint_eq(size.epochs, 2);
    ck_assert_uint_eq(size.seeds, 1);
    size = size_of("nb201-fmnist", SGEO_PRESET_PAPER);
    assert_levels(&size, 7, seven);
    ck_assert_uint_eq(size.epochs, 10);
    ck_assert_uint_eq(size.seeds, 3);
}
END_TEST

START_TEST(test_preset_real_task_sizes)
{
    struct sgeo_run_size size = size_of("nb201-cf10", SGEO_PRESET_SMOKE);
    assert_levels(&size, 1, (const double[]){0});
    ck_assert_uint_eq(size.n_archs, 24);
    size = size_of("nb201-cf10", SGEO_PRESET_DEFAULT);
    assert_levels(&size, 4, four);
    ck_assert_uint_eq(size.n_archs, 300);
    size = size_of("nb201-cf10", SGEO_PRESET_PAPER);
    assert_levels(&size, 7, seven);
    ck_assert_uint_eq(size.n_archs, 1000);
    ck_assert_uint_eq(size.epochs, 10);
}
END_TEST

START_TEST(test_preset_given_options_win)
{
    const struct sgeo_options options = {.preset = SGEO_PRESET_PAPER,
                                         .levels = {5, 50},
                                         .n_levels = 2,
                                         .n_archs = 9,
                                         .epochs = 4,
                                         .seeds = 2};
    struct sgeo_run_size size = sgeo_run_size(&options, sgeo_task_find("nb201-cf10"));
    assert_levels(&size, 2, (const double[]){5, 50});
    ck_assert_uint_eq(size.n_archs, 9);
    ck_assert_uint_eq(size.epochs, 4);
    ck_assert_uint_eq(size.seeds, 2);
}
END_TEST

/* 2 epochs of its supernet and mini-batches of 32, unless they are given. */
START_TEST(test_preset_task_of_its_own_sizes)
{
    const struct sgeo_task *task = sgeo_task_find("tnb101-object");
    struct sgeo_options options = {
        .preset = SGEO_PRESET_PAPER, .batch_size = 64, .own_batch_sizes = true};
    ck_assert_uint_eq(sgeo_run_size(&options, task).epochs, 2);
    ck_assert_uint_eq(sgeo_batch_size(&options, task), 32);
    ck_assert_uint_eq(sgeo_batch_size(&options, sgeo_task_find("nb201-cf10")), 64);
    options.warmup_mode = SGEO_WARMUP_CANDIDATE;
    ck_assert_uint_eq(sgeo_run_size(&options, task).epochs, 10);
    options.own_batch_sizes = false;
    options.epochs = 3;
    ck_assert_uint_eq(sgeo_run_size(&options, task).epochs, 3);
    ck_assert_uint_eq(sgeo_batch_size(&options, task), 64);
}
END_TEST

START_TEST(test_preset_search_sizes)
{
    struct sgeo_search_size size = sgeo_search_size(SGEO_PRESET_SMOKE);
    ck_assert_uint_eq(size.evolution.population, 16);
    ck_assert_uint_eq(size.evolution.generations, 8);
    ck_assert_uint_eq(size.rows, 20000);
    ck_assert_uint_eq(size.epochs, 1);
    ck_assert_uint_eq(size.cap, 10000);
    size = sgeo_search_size(SGEO_PRESET_DEFAULT);
    ck_assert_uint_eq(sgeo_evolution_evaluations(&size.evolution), 32 + 24 * 4);
    ck_assert_uint_eq(size.evolution.sample, 16);
    ck_assert_uint_eq(size.oneshot_steps, 50);
    ck_assert_uint_eq(size.best, 5);
    ck_assert_uint_eq(size.rows, 50000);
    ck_assert_uint_eq(size.epochs, 8);
    ck_assert_uint_eq(size.cap, 500000);
    size = sgeo_search_size(SGEO_PRESET_PAPER);
    ck_assert_uint_eq(sgeo_evolution_evaluations(&size.evolution), 2048);
    ck_assert_uint_eq(size.evolution.sample, 64);
    ck_assert_uint_eq(size.evolution.generations * size.evolution.kept, 480);
    ck_assert_uint_eq(size.oneshot_steps, 500);
    ck_assert_uint_eq(size.best, 15);
    ck_assert_uint_eq(size.rows, 3700000);
    ck_assert_uint_eq(size.final_seeds, 3);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("preset");
    tcase_add_test(tcase, test_preset_embedded_sizes);
    tcase_add_test(tcase, test_preset_real_task_sizes);
    tcase_add_test(tcase, test_preset_given_options_win);
    tcase_add_test(tcase, test_preset_task_of_its_own_sizes);
    tcase_add_test(tcase, test_preset_search_sizes);
    return run_case("preset", tcase);
}
