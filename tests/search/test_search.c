/* What the searches share: recalling scores, the order of candidates, the list of the best; and
 * random search. */
#include "search/rig.h"

/* --- recalling -------------------------------------------------------------------------------- */

enum { SMALL = 12 };

START_TEST(test_recalled_scores_are_not_asked_for_again)
{
    struct rig rig = rig_create(), again = rig_create();
    struct sgeo_search *first = rig_search(&rig, 1, SMALL), *second = rig_search(&again, 1, SMALL);
    ok(sgeo_random_search(first));
    ck_assert_uint_eq(rig.n, SMALL);
    for (size_t i = 0; i < SMALL; i += 2) {
        struct sgeo_candidate known = first->candidates[i];
        known.score += 100.0; /* what is recalled counts, not what would be computed */
        ok(sgeo_search_recall(second, &known));
    }
    ok(sgeo_random_search(second));
    ck_assert_uint_eq(again.n, SMALL / 2);
    for (size_t i = 0; i < SMALL; i++) {
        ck_assert_double_eq(second->candidates[i].score,
                            first->candidates[i].score + (i % 2 == 0 ? 100.0 : 0.0));
        ck_assert_double_eq(second->candidates[i].seconds_cpu, 0.25);
        ck_assert_uint_eq(second->candidates[i].index, i);
    }
    sgeo_search_destroy(first);
    sgeo_search_destroy(second);
}
END_TEST

START_TEST(test_recalling_another_search_is_refused)
{
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 1, SMALL), *other = rig_search(&rig, 2, SMALL);
    ok(sgeo_random_search(search));
    struct sgeo_candidate known = search->candidates[3];
    ok(sgeo_search_recall(other, &known));
    ck_assert_int_eq(sgeo_random_search(other), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "evaluation 3 of this search is of another"));
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "--out"));
    known = search->candidates[4];
    known.index = 3;
    ck_assert_int_eq(sgeo_search_recall(other, &known), SGEO_USAGE);
    known.index = SMALL;
    ck_assert_int_eq(sgeo_search_recall(other, &known), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "evaluation 12 was recorded"));
    sgeo_search_destroy(search);
    sgeo_search_destroy(other);
}
END_TEST

START_TEST(test_stop_request_ends_a_search_before_its_next_evaluation)
{
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 1, SMALL);
    rig.stop_after = 5;
    ck_assert_int_eq(sgeo_random_search(search), SGEO_INTERRUPTED);
    ck_assert_uint_eq(rig.n, 5);
    ck_assert_int_eq(sgeo_random_search(search), SGEO_INTERRUPTED);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "before evaluation 5"));
    ck_assert_uint_eq(rig.n, 5);
    atomic_store(&rig.stop, false);
    ok(sgeo_random_search(search));
    ck_assert_uint_eq(rig.n, SMALL);
    sgeo_search_destroy(search);
}
END_TEST

/* --- order ------------------------------------------------------------------------------------ */

/* Candidates with these scores, and pointers to them. */
struct list {
    struct sgeo_candidate candidates[8];
    const struct sgeo_candidate *pointers[8];
};

static void fill(struct list *list, const double *scores, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        list->candidates[i] =
            (struct sgeo_candidate){.index = i, .score = scores[i], .scored = true};
        list->pointers[i] = &list->candidates[i];
    }
}

START_TEST(test_best_are_sorted_and_near_equal_scores_are_one)
{
    /* 1 + 5e-7 is too near to 1; 1 + 1.2e-6 is near to that one, but not to 1. */
    const double scores[8] = {2.0,        1.0 + 1.2e-6,      (double)NAN, 1.0,
                              1.0 + 5e-7, -(double)INFINITY, 3.0,         (double)INFINITY};
    const size_t expected[] = {3, 1, 0, 6};
    const struct sgeo_candidate *best[8];
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 1, 1);
    struct list list;
    fill(&list, scores, 8);
    ck_assert_uint_eq(sgeo_search_best(best, 8, list.pointers, 8, search), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(best[i]->index, expected[i]);
    }
    ck_assert_uint_eq(sgeo_search_best(best, 2, list.pointers, 8, search), 2);
    ck_assert_uint_eq(best[1]->index, 1);
    ck_assert_uint_eq(sgeo_search_best(best, 8, list.pointers, 0, search), 0);
    sgeo_search_destroy(search);
}
END_TEST

START_TEST(test_best_of_proxies_are_the_highest)
{
    const double scores[5] = {-1.0, 4.0, (double)INFINITY, 4.0, 0.5};
    const size_t expected[] = {1, 4, 0}; /* 3 has the score of 1, and came later */
    const struct sgeo_candidate *best[5];
    struct rig rig = rig_create();
    rig.negate = true;
    struct sgeo_search *search = rig_search(&rig, 1, 1);
    struct list list;
    fill(&list, scores, 5);
    ck_assert_uint_eq(sgeo_search_best(best, 5, list.pointers, 5, search), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(best[i]->index, expected[i]);
    }
    sgeo_search_destroy(search);
}
END_TEST

/* In this order, in both directions of better. */
START_TEST(test_finite_scores_come_before_others_and_earlier_before_later)
{
    const double scores[6] = {1.0, 2.0, 2.0, (double)NAN, -(double)INFINITY, (double)INFINITY};
    struct rig rig = rig_create();
    rig.negate = _i == 1;
    struct sgeo_search *search = rig_search(&rig, 1, 1);
    struct list list;
    fill(&list, scores, 6);
    if (rig.negate) {
        list.candidates[0].score = 3.0;
    }
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            ck_assert_int_eq(sgeo_search_before(search, &list.candidates[i], &list.candidates[j]),
                             i < j);
        }
    }
    sgeo_search_destroy(search);
}
END_TEST

/* --- random search ---------------------------------------------------------------------------- */

START_TEST(test_random_search_draws_every_candidate_from_its_own_stream)
{
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 9, SMALL);
    ok(sgeo_random_search(search));
    ck_assert_uint_eq(search->n, SMALL);
    for (size_t i = 0; i < SMALL; i++) {
        struct sgeo_rng rng = sgeo_rng_stream(9, "search:draw", i);
        struct sgeo_nasrec_arch arch;
        sgeo_nasrec_sample(&arch, SGEO_NASREC_FULL, &rng);
        ck_assert(sgeo_nasrec_equal(&search->candidates[i].arch, &arch));
        ck_assert_uint_eq(search->candidates[i].generation, 0);
        ck_assert_double_eq(search->candidates[i].score, rig_score(&rig, &arch));
        ck_assert(search->candidates[i].scored);
    }
    sgeo_search_destroy(search);
}
END_TEST

START_TEST(test_degenerate_scores_are_counted)
{
    struct rig rig = rig_create();
    struct sgeo_search *search = rig_search(&rig, 3, 400);
    size_t expected = 0;
    rig.bad_fraction = 0.25;
    ok(sgeo_random_search(search));
    for (size_t i = 0; i < search->n; i++) {
        expected += isfinite(search->candidates[i].score) ? 0 : 1;
    }
    ck_assert_uint_eq(sgeo_search_count_degenerate(search), expected);
    ck_assert_uint_gt(expected, 60);
    ck_assert_uint_lt(expected, 140);
    sgeo_search_destroy(search);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("search");
    tcase_add_test(tcase, test_recalled_scores_are_not_asked_for_again);
    tcase_add_test(tcase, test_recalling_another_search_is_refused);
    tcase_add_test(tcase, test_stop_request_ends_a_search_before_its_next_evaluation);
    tcase_add_test(tcase, test_best_are_sorted_and_near_equal_scores_are_one);
    tcase_add_test(tcase, test_best_of_proxies_are_the_highest);
    tcase_add_loop_test(tcase, test_finite_scores_come_before_others_and_earlier_before_later, 0,
                        2);
    tcase_add_test(tcase, test_random_search_draws_every_candidate_from_its_own_stream);
    tcase_add_test(tcase, test_degenerate_scores_are_counted);
    return run_case("search", tcase);
}
