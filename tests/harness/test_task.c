/* Tasks: every one names a space, a data set and a truth that exist. */
#include "base/suite.h"
#include "data/augment.h"
#include "harness/task.h"

START_TEST(test_task_every_one_has_a_space_a_recipe_and_a_truth)
{
    for (const struct sgeo_task *const *at = sgeo_task_all(); *at != NULL; at++) {
        const struct sgeo_task *task = *at;
        ck_assert_ptr_eq(sgeo_task_find(task->name), task);
        ck_assert_ptr_nonnull(sgeo_space_find(task->space));
        ck_assert_ptr_nonnull(sgeo_recipe_find(task->dataset));
        ck_assert(task->val_column != NULL || task->test_column != NULL);
        ck_assert(strcmp(task->default_truth, "val") == 0 ||
                  strcmp(task->default_truth, "test") == 0);
    }
}
END_TEST

START_TEST(test_task_unknown_name_is_null)
{
    ck_assert_ptr_null(sgeo_task_find("nb201-cf11"));
    ck_assert_ptr_null(sgeo_task_find(""));
}
END_TEST

START_TEST(test_task_networks_are_the_benchmarks)
{
    const struct sgeo_task *task = sgeo_task_find("nb201-in16");
    ck_assert_uint_eq(task->net.channels, 16);
    ck_assert_uint_eq(task->net.cells, 5);
    ck_assert_uint_eq(task->net.classes, 120);
    ck_assert_uint_eq(task->net.image_size, 16);
    ck_assert_uint_eq(sgeo_task_find("nb201-cf100")->net.classes, 100);
    ck_assert(task->net.edge_affine);
    task = sgeo_task_find("nb101-cf10");
    ck_assert_uint_eq(task->net.channels, 128);
    ck_assert_uint_eq(task->net.cells, 3);
    ck_assert_uint_eq(task->net.classes, 10);
}
END_TEST

/* The network that proxies score, not the one that was trained; its accuracies are predictions. */
START_TEST(test_task_nb301_is_naslibs_network_and_a_surrogates_truth)
{
    const struct sgeo_task *task = sgeo_task_find("nb301-cf10");
    ck_assert_mem_eq(&task->net, &sgeo_space_find("nb301")->standard, sizeof task->net);
    ck_assert(!task->net.edge_affine && task->surrogate);
    ck_assert_ptr_null(task->test_column);
    ck_assert_str_eq(task->default_truth, "val");
}
END_TEST

START_TEST(test_task_tnb101_object_is_small_batches_of_large_images)
{
    const struct sgeo_task *task = sgeo_task_find("tnb101-object");
    ck_assert_str_eq(task->space, "tnb101");
    ck_assert_uint_eq(task->net.classes, 100);
    ck_assert_uint_eq(task->net.image_size, 256);
    ck_assert_uint_eq(sgeo_recipe_side(sgeo_recipe_find(task->dataset), 32), 256);
    ck_assert_uint_eq(task->batch_size, 32);
    ck_assert_str_eq(task->paper_name, "TNB101-Object");
    ck_assert_str_eq(task->val_column, "class_object_val_final");
    ck_assert_str_eq(task->test_column, "class_object_test_best");
}
END_TEST

START_TEST(test_task_embedded_one_has_no_paper_value_and_needs_no_data)
{
    ck_assert_str_eq(sgeo_task_embedded()->name, "nb201-fmnist");
    ck_assert(sgeo_task_embedded()->embedded);
    ck_assert_ptr_null(sgeo_task_embedded()->paper_name);
    ck_assert_uint_eq(sgeo_task_embedded()->net.cells, 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("task");
    tcase_add_test(tcase, test_task_every_one_has_a_space_a_recipe_and_a_truth);
    tcase_add_test(tcase, test_task_unknown_name_is_null);
    tcase_add_test(tcase, test_task_networks_are_the_benchmarks);
    tcase_add_test(tcase, test_task_nb301_is_naslibs_network_and_a_surrogates_truth);
    tcase_add_test(tcase, test_task_tnb101_object_is_small_batches_of_large_images);
    tcase_add_test(tcase, test_task_embedded_one_has_no_paper_value_and_needs_no_data);
    return run_case("task", tcase);
}
