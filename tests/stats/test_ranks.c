#include "stats/ranks.h"

#include "sample.h"

START_TEST(test_ties_share_the_mean_of_their_ranks)
{
    const double values[] = {30.0, 10.0, 20.0, 20.0, 10.0, 10.0};
    const double expected[] = {6.0, 2.0, 4.5, 4.5, 2.0, 2.0};
    double ranks[6];
    ck_assert_int_eq(sgeo_ranks_mid(ranks, COLUMN(values)), SGEO_OK);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_double_eq(ranks[i], expected[i]);
    }
}
END_TEST

START_TEST(test_infinities_rank_at_the_ends)
{
    const double values[] = {(double)INFINITY, 0.0, -(double)INFINITY, (double)INFINITY};
    const double expected[] = {3.5, 2.0, 1.0, 3.5};
    double ranks[4];
    ck_assert_int_eq(sgeo_ranks_mid(ranks, COLUMN(values)), SGEO_OK);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq(ranks[i], expected[i]);
    }
}
END_TEST

START_TEST(test_zeros_of_both_signs_tie)
{
    const double values[] = {0.0, -0.0, 1.0};
    double ranks[3];
    ck_assert_int_eq(sgeo_ranks_mid(ranks, COLUMN(values)), SGEO_OK);
    ck_assert_double_eq(ranks[0], 1.5);
    ck_assert_double_eq(ranks[1], 1.5);
}
END_TEST

START_TEST(test_mid_rank_counts_the_values_below_and_beside)
{
    struct sgeo_rng rng = sgeo_rng_stream(1, "ranks", 0);
    double values[200];
    double ranks[200];
    draw_tied(values, 200, 40, &rng);
    ck_assert_int_eq(sgeo_ranks_mid(ranks, COLUMN(values)), SGEO_OK);
    for (size_t i = 0; i < 200; i++) {
        double below = 0.0;
        double beside = 0.0;
        for (size_t j = 0; j < 200; j++) {
            below += values[j] < values[i] ? 1.0 : 0.0;
            beside += values[j] == values[i] ? 1.0 : 0.0;
        }
        ck_assert_double_eq(ranks[i], below + 0.5 * (beside + 1.0));
    }
}
END_TEST

START_TEST(test_groups_number_distinct_values_in_order)
{
    const double values[] = {5.0, -1.0, 5.0, 2.0};
    const uint32_t expected[] = {2, 0, 2, 1};
    uint32_t group[4];
    size_t n_groups;
    ck_assert_int_eq(sgeo_ranks_group(group, &n_groups, COLUMN(values)), SGEO_OK);
    ck_assert_uint_eq(n_groups, 3);
    ck_assert_mem_eq(group, expected, sizeof expected);
}
END_TEST

START_TEST(test_tied_counts_every_member_of_a_tie)
{
    const double values[] = {1.0, 2.0, 1.0, 3.0, 2.0, 1.0};
    const double distinct[] = {1.0, 2.0, 3.0};
    size_t n_tied;
    ck_assert_int_eq(sgeo_ranks_tied(&n_tied, COLUMN(values)), SGEO_OK);
    ck_assert_uint_eq(n_tied, 5);
    ck_assert_int_eq(sgeo_ranks_tied(&n_tied, COLUMN(distinct)), SGEO_OK);
    ck_assert_uint_eq(n_tied, 0);
}
END_TEST

START_TEST(test_nan_is_refused_by_its_position)
{
    const double values[] = {1.0, 2.0, (double)NAN};
    double ranks[3] = {7.0, 7.0, 7.0};
    assert_usage(sgeo_ranks_mid(ranks, COLUMN(values)), "value 2 is nan");
    ck_assert_double_eq(ranks[0], 7.0); /* untouched */
}
END_TEST

START_TEST(test_single_value_is_refused)
{
    const double values[] = {1.0};
    uint32_t group[1];
    size_t n_groups;
    size_t n_tied;
    assert_usage(sgeo_ranks_group(group, &n_groups, COLUMN(values)), "at least 2");
    assert_usage(sgeo_ranks_tied(&n_tied, COLUMN(values)), "at least 2");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ranks");
    tcase_add_test(tcase, test_ties_share_the_mean_of_their_ranks);
    tcase_add_test(tcase, test_infinities_rank_at_the_ends);
    tcase_add_test(tcase, test_zeros_of_both_signs_tie);
    tcase_add_test(tcase, test_mid_rank_counts_the_values_below_and_beside);
    tcase_add_test(tcase, test_groups_number_distinct_values_in_order);
    tcase_add_test(tcase, test_tied_counts_every_member_of_a_tie);
    tcase_add_test(tcase, test_nan_is_refused_by_its_position);
    tcase_add_test(tcase, test_single_value_is_refused);
    return run_case("stats/ranks", tcase);
}
