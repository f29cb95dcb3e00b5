/* From what was found to what is reported: every candidate with the first seed, the best by
 * validation with all of them. */
#include "harness/table3_cells.h"

#include "harness/table3_rig.h"

START_TEST(test_table3_chooses_by_validation_and_trains_the_chosen_with_all_seeds)
{
    ok(sgeo_table3_work(&table));
    const struct sgeo_table3_cell *cell = &rig_cells[3];
    const struct sgeo_ctr_final *found[2];
    for (size_t i = 0; i < 2; i++) {
        found[i] =
            sgeo_ctr_finals_find(table.finals, clicks.task, &cell->found[i], click_options.seed);
        ck_assert_ptr_nonnull(found[i]);
    }
    size_t better = found[1]->valid.log_loss < found[0]->valid.log_loss ? 1 : 0;
    ck_assert_uint_eq(cell->chosen, better);
    ck_assert_double_eq(cell->retraining, found[0]->seconds + found[1]->seconds);
    ck_assert_ptr_nonnull(sgeo_ctr_finals_find(table.finals, clicks.task, &cell->found[better],
                                               click_options.seed + 1));
    ck_assert_ptr_null(sgeo_ctr_finals_find(table.finals, clicks.task, &cell->found[1 - better],
                                            click_options.seed + 1));
    ck_assert_uint_eq(sgeo_ctr_finals_count(table.finals), 4 + 3);
    ck_assert_ptr_eq(sgeo_table3_final(&table, cell, 0), found[better]);
    ck_assert(isnan(rig_cells[2].retraining));
}
END_TEST

START_TEST(test_table3_generates_rows_where_the_folder_has_none)
{
    struct sgeo_options options = click_options;
    options.data = scratch_directory;
    ck_assert_ptr_null(sgeo_table3_options(&options, clicks.task).data);
    tiny_folder("criteo");
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "criteo/train.txt", "x", 1);
    ck_assert_ptr_nonnull(sgeo_table3_options(&options, clicks.task).data);
    ck_assert_ptr_null(sgeo_table3_options(&options, sgeo_ctr_task_find("kdd12")).data);
    ck_assert_uint_eq(sgeo_table3_options(&options, clicks.task).n_ctr_tasks, 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3_cells");
    tcase_add_checked_fixture(tcase, table3_create, table3_destroy);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_table3_chooses_by_validation_and_trains_the_chosen_with_all_seeds);
    tcase_add_test(tcase, test_table3_generates_rows_where_the_folder_has_none);
    return run_case("table3_cells", tcase);
}
