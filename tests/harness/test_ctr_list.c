/* The list of random architectures: the same in all runs, and its tasks by what records say. */
#include "harness/ctr_list.h"

#include "base/suite.h"

START_TEST(test_ctr_list_is_the_same_again_and_has_no_architecture_twice)
{
    enum { N = 40 };
    static struct sgeo_nasrec_arch archs[2][N];
    for (size_t space = 0; space < 2; space++) {
        for (size_t i = N; i > 0; i--) { /* in any order */
            sgeo_ctr_list_arch(&archs[space][i - 1], (enum sgeo_nasrec_space)space, i - 1);
        }
        for (size_t i = 0; i < N; i++) {
            struct sgeo_nasrec_arch again;
            sgeo_ctr_list_arch(&again, (enum sgeo_nasrec_space)space, i);
            ck_assert(sgeo_nasrec_equal(&again, &archs[space][i]));
            ck_assert_uint_eq(again.space, space);
            for (size_t j = 0; j < i; j++) {
                ck_assert(!sgeo_nasrec_equal(&archs[space][j], &archs[space][i]));
            }
        }
    }
}
END_TEST

START_TEST(test_ctr_list_tasks_are_found_by_data_set_and_space)
{
    for (const struct sgeo_ctr_task *const *task = sgeo_ctr_task_all(); *task != NULL; task++) {
        for (size_t space = 0; space < 2; space++) {
            struct sgeo_nasrec_arch arch;
            char text[SGEO_NASREC_TEXT_MAX];
            sgeo_ctr_list_arch(&arch, (enum sgeo_nasrec_space)space, 7);
            sgeo_nasrec_encode(text, &arch);
            const struct sgeo_task *found =
                sgeo_ctr_list_task(*task, (enum sgeo_nasrec_space)space);
            ck_assert_str_eq(found->name, (*task)->name);
            ck_assert_str_eq(found->space, space == 0 ? "nasrec-small" : "nasrec-full");
            ck_assert_ptr_eq(sgeo_ctr_list_task_of((*task)->name, text), found);
        }
    }
    ck_assert_ptr_null(sgeo_ctr_list_task_of("criteo", "nasrec-smaller x"));
    ck_assert_ptr_null(sgeo_ctr_list_task_of("criteo", "dlrm"));
    ck_assert_ptr_null(sgeo_ctr_list_task_of("nb201-cf10", "nasrec-small x"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_list");
    tcase_add_test(tcase, test_ctr_list_is_the_same_again_and_has_no_architecture_twice);
    tcase_add_test(tcase, test_ctr_list_tasks_are_found_by_data_set_and_space);
    return run_case("harness/ctr_list", tcase);
}
