/* Click-through tasks: the published recipe on the published rows, and on samples of them. */
#include "harness/ctr_task.h"

#include "base/suite.h"

static const struct sgeo_options silent = {.own_batch_sizes = true};
enum { SAMPLE_EPOCHS = 8 };

static struct sgeo_ctr_recipe recipe_of(const char *task, const struct sgeo_options *options,
                                        double level, size_t rows)
{
    struct sgeo_ctr_recipe recipe;
    enum sgeo_status status =
        sgeo_ctr_recipe(&recipe, sgeo_ctr_task_find(task), options, level, SAMPLE_EPOCHS, rows);
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
    return recipe;
}

START_TEST(test_ctr_tasks_by_name)
{
    static const char *const names[] = {"criteo", "avazu", "kdd12"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(sgeo_ctr_task_all()[i]->name, names[i]);
        ck_assert_ptr_eq(sgeo_ctr_task_find(names[i]), sgeo_ctr_task_all()[i]);
    }
    ck_assert_ptr_null(sgeo_ctr_task_all()[3]);
    ck_assert_ptr_null(sgeo_ctr_task_find("nb201-cf10"));
}
END_TEST

/* Spec nasrec, sections 1.3 and 1.4: 716 of 71,625 steps are 1 % of Criteo. */
START_TEST(test_ctr_recipe_on_published_rows_is_the_authors)
{
    static const struct {
        const char *task;
        size_t rows, steps, batch, fade, valid_batches;
    } published[] = {{"criteo", 36672495, 71625, 512, 15000, 150},
                     {"avazu", 32343175, 63170, 512, 12500, 125},
                     {"kdd12", 119711284, 116905, 1024, 20000, 175}};
    for (size_t i = 0; i < 3; i++) {
        struct sgeo_ctr_recipe recipe =
            recipe_of(published[i].task, &silent, 100.0, published[i].rows);
        ck_assert_uint_eq(recipe.epochs, 1);
        ck_assert_uint_eq(recipe.steps, published[i].steps);
        ck_assert_uint_eq(recipe.all_steps, published[i].steps);
        ck_assert_uint_eq(recipe.batch, published[i].batch);
        ck_assert_uint_eq(recipe.proxy_batch, published[i].batch);
        ck_assert_uint_eq(recipe.one_shot_batch, published[i].batch);
        ck_assert_uint_eq(recipe.fade_steps, published[i].fade);
        ck_assert_uint_eq(recipe.valid_rows, published[i].valid_batches * 8192);
        ck_assert_double_eq_tol(recipe.paper_equivalent_percent, 100.0, 0.01);
    }
    ck_assert_uint_eq(recipe_of("criteo", &silent, 1.0, 36672495).steps, 716);
    ck_assert_uint_eq(recipe_of("criteo", &silent, 0.0, 36672495).steps, 0);
}
END_TEST

START_TEST(test_ctr_recipe_on_a_sample_repeats_it)
{
    struct sgeo_ctr_recipe recipe = recipe_of("criteo", &silent, 100.0, 88000);
    ck_assert_uint_eq(recipe.epochs, SAMPLE_EPOCHS);
    ck_assert_uint_eq(recipe.batch, 256);
    ck_assert_uint_eq(recipe.proxy_batch, 512);
    ck_assert_uint_eq(recipe.one_shot_batch, 256);
    ck_assert_uint_eq(recipe.steps, 2750);
    ck_assert_uint_eq(recipe.fade_steps, 576); /* 15,000 of 71,625, of 2,750 */
    ck_assert_double_eq_tol(recipe.paper_equivalent_percent, 100.0 * 704000 / 36672495, 1e-9);
    recipe = recipe_of("criteo", &silent, 1.0, 88000);
    ck_assert_uint_eq(recipe.steps, 28);
    ck_assert_uint_eq(recipe.all_steps, 2750);
    ck_assert_uint_eq(recipe.fade_steps, 576); /* whatever the level */
    ck_assert_uint_eq(recipe_of("criteo", &silent, 10.0, 88000).steps, 275);
    ck_assert_uint_eq(recipe_of("criteo", &silent, 100.0, 3667248).batch, 256);
    ck_assert_uint_eq(recipe_of("criteo", &silent, 100.0, 3667249).batch, 512);
}
END_TEST

START_TEST(test_ctr_recipe_takes_given_options)
{
    const struct sgeo_options options = {.epochs = 3, .batch_size = 64};
    struct sgeo_ctr_recipe recipe = recipe_of("kdd12", &options, 100.0, 25600);
    ck_assert_uint_eq(recipe.epochs, 3);
    ck_assert_uint_eq(recipe.steps, 300);
    ck_assert_uint_eq(recipe.batch, 256); /* of proxies alone */
    ck_assert_uint_eq(recipe.proxy_batch, 64);
    ck_assert_uint_eq(recipe.one_shot_batch, 64);
    ck_assert_uint_eq(recipe_of("avazu", &options, 100.0, 32343175).epochs, 3);
}
END_TEST

START_TEST(test_ctr_recipe_of_too_few_rows_or_steps_is_refused)
{
    struct sgeo_ctr_recipe recipe = {.epochs = 77};
    const struct sgeo_ctr_task *task = sgeo_ctr_task_find("criteo");
    ck_assert_int_eq(sgeo_ctr_recipe(&recipe, task, &silent, 1.0, 1, 511), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "512 rows, criteo has 511 for training"));
    ck_assert_int_eq(sgeo_ctr_recipe(&recipe, task, &silent, 0.1, 1, 25600), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "0.1 % of 100 steps is less than one"));
    ck_assert_uint_eq(recipe.epochs, 77);
}
END_TEST

/* Spec nasrec, section 1.6; and on samples the batches of the searches. */
START_TEST(test_ctr_final_recipe_is_the_published_one)
{
    static const struct {
        const char *task;
        size_t rows, batch;
        double peak;
    } published[] = {{"criteo", 36672495, 256, 0.16},
                     {"avazu", 32343175, 256, 0.2},
                     {"kdd12", 119711284, 512, 0.16}};
    struct sgeo_ctr_final_recipe recipe;
    for (size_t i = 0; i < 3; i++) {
        const struct sgeo_ctr_task *task = sgeo_ctr_task_find(published[i].task);
        ck_assert_int_eq(
            sgeo_ctr_final_recipe(&recipe, task, SGEO_NASREC_FULL, 3, published[i].rows), SGEO_OK);
        ck_assert_uint_eq(recipe.batch, published[i].batch);
        ck_assert_uint_eq(recipe.steps, published[i].rows / published[i].batch);
        ck_assert_double_eq(recipe.peak, published[i].peak);
        ck_assert_int_eq(sgeo_ctr_final_recipe(&recipe, task, SGEO_NASREC_SMALL, 3, 88000),
                         SGEO_OK);
        ck_assert_uint_eq(recipe.batch, 256);
        ck_assert_uint_eq(recipe.steps, 3 * 343);
        ck_assert_double_eq(recipe.peak, 0.1);
        ck_assert_int_eq(sgeo_ctr_final_recipe(&recipe, task, SGEO_NASREC_SMALL, 3, 255),
                         SGEO_USAGE);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_task");
    tcase_add_test(tcase, test_ctr_tasks_by_name);
    tcase_add_test(tcase, test_ctr_recipe_on_published_rows_is_the_authors);
    tcase_add_test(tcase, test_ctr_recipe_on_a_sample_repeats_it);
    tcase_add_test(tcase, test_ctr_recipe_takes_given_options);
    tcase_add_test(tcase, test_ctr_recipe_of_too_few_rows_or_steps_is_refused);
    tcase_add_test(tcase, test_ctr_final_recipe_is_the_published_one);
    return run_case("ctr_task", tcase);
}
