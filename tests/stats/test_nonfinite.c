#include "stats/nonfinite.h"

#include "sample.h"

#define NOT_A_NUMBER ((double)NAN)
#define ENDLESS      ((double)INFINITY)

START_TEST(test_count_tells_nan_from_inf)
{
    const double values[] = {1.0, NOT_A_NUMBER, ENDLESS, -ENDLESS, NOT_A_NUMBER, ENDLESS, -1e308};
    struct sgeo_nonfinite count = sgeo_nonfinite_count(values, 7);
    ck_assert_uint_eq(count.n_nan, 2);
    ck_assert_uint_eq(count.n_inf, 3);
}
END_TEST

START_TEST(test_floor_maps_all_of_them_to_one_value)
{
    double values[] = {NOT_A_NUMBER, 2.0, ENDLESS, -ENDLESS, -3e8};
    sgeo_nonfinite_floor(values, 5);
    ck_assert_double_eq(values[0], -1e8);
    ck_assert_double_eq(values[1], 2.0);
    ck_assert_double_eq(values[2], -1e8); /* +inf too: a score that ran away is no good score */
    ck_assert_double_eq(values[3], -1e8);
    ck_assert_double_eq(values[4], -3e8); /* finite scores stay, even below the floor */
}
END_TEST

START_TEST(test_drop_removes_an_architecture_bad_in_any_seed)
{
    double scores[] = {1.0, 2.0,     3.0, 4.0, /* seed 0 */
                       5.0, ENDLESS, 7.0, NOT_A_NUMBER};
    double truth[] = {10.0, 20.0, 30.0, 40.0};
    bool keep[] = {true, true, true, true};
    sgeo_nonfinite_mark(keep, scores, 2, 4);
    ck_assert_uint_eq(sgeo_nonfinite_drop(scores, 2, 4, keep), 2);
    ck_assert_uint_eq(sgeo_nonfinite_drop(truth, 1, 4, keep), 2);
    const double kept_scores[] = {1.0, 3.0, 5.0, 7.0};
    const double kept_truth[] = {10.0, 30.0};
    ck_assert_mem_eq(scores, kept_scores, sizeof kept_scores);
    ck_assert_mem_eq(truth, kept_truth, sizeof kept_truth);
}
END_TEST

START_TEST(test_marks_of_several_matrices_add_up)
{
    const double sigeo[] = {1.0, NOT_A_NUMBER, 3.0};
    const double zico[] = {-ENDLESS, 2.0, 3.0};
    bool keep[] = {true, true, true};
    sgeo_nonfinite_mark(keep, sigeo, 1, 3);
    sgeo_nonfinite_mark(keep, zico, 1, 3);
    ck_assert(!keep[0] && !keep[1] && keep[2]);
}
END_TEST

START_TEST(test_nothing_is_a_valid_input)
{
    struct sgeo_nonfinite count = sgeo_nonfinite_count(NULL, 0);
    ck_assert_uint_eq(count.n_nan + count.n_inf, 0);
    sgeo_nonfinite_floor(NULL, 0);
    ck_assert_uint_eq(sgeo_nonfinite_drop(NULL, 3, 0, NULL), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nonfinite");
    tcase_add_test(tcase, test_count_tells_nan_from_inf);
    tcase_add_test(tcase, test_floor_maps_all_of_them_to_one_value);
    tcase_add_test(tcase, test_drop_removes_an_architecture_bad_in_any_seed);
    tcase_add_test(tcase, test_marks_of_several_matrices_add_up);
    tcase_add_test(tcase, test_nothing_is_a_valid_input);
    return run_case("stats/nonfinite", tcase);
}
