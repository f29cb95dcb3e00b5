/* The rows of Table 3: the paper's 21 are all there, once; which of them a run has. */
#include "harness/table3_rows.h"

#include <math.h>

#include "base/csv.h"
#include "harness/paper.h"
#include "harness/rig.h"
#include "proxy/ctr_measure.h"

static const struct sgeo_options all = {.preset = SGEO_PRESET_DEFAULT};

static size_t count_rows(const struct sgeo_options *options, enum sgeo_table3_kind kind)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    size_t count = 0;
    for (size_t r = 0; r < list.n; r++) {
        count += list.rows[r].kind == kind && sgeo_table3_has_row(options, &list.rows[r]);
    }
    return count;
}

static bool names(const struct sgeo_csv *paper, size_t line, const struct sgeo_table3_row *row)
{
    const char *setting = sgeo_csv_cell(paper, line, sgeo_csv_column(paper, "setting"));
    const char *method = sgeo_csv_cell(paper, line, sgeo_csv_column(paper, "method"));
    const char *space = sgeo_csv_cell(paper, line, sgeo_csv_column(paper, "search_space"));
    return row->paper_method != NULL && strcmp(row->paper_method, method) == 0 &&
           strcmp(row->method, method) == 0 && strcmp(row->setting, setting) == 0 &&
           strcmp(row->search_space, space) == 0;
}

/* Seven numbers a method; SiGeo's are faced by both readings. */
START_TEST(test_table3_has_every_method_of_the_paper)
{
    struct sgeo_csv paper;
    const struct sgeo_table3_list list = sgeo_table3_list();
    const struct sgeo_table3_row *rows = list.rows;
    size_t n = list.n, methods = 0;
    ck_assert_int_eq(sgeo_paper_read(&paper, "3"), SGEO_OK);
    for (size_t line = 0; line < paper.n_rows; line += 7) {
        size_t found = 0;
        for (size_t r = 0; r < n; r++) {
            found += sgeo_table3_has_row(&all, &rows[r]) && names(&paper, line, &rows[r]);
        }
        const char *method = sgeo_csv_cell(&paper, line, sgeo_csv_column(&paper, "method"));
        ck_assert_uint_eq(found, strcmp(method, "SiGeo") == 0 ? 2 : 1);
        methods++;
    }
    ck_assert_uint_eq(methods, 21);
    sgeo_csv_clear(&paper);
}
END_TEST

START_TEST(test_table3_leaves_three_methods_to_the_paper)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    const struct sgeo_table3_row *rows = list.rows;
    size_t n = list.n, left = 0;
    for (size_t r = 0; r < n; r++) {
        bool not_rerun = rows[r].kind == SGEO_TABLE3_NOT_RERUN;
        bool named = strcmp(rows[r].method, "AutoCTR") == 0 ||
                     strcmp(rows[r].method, "PROFIT") == 0 || strcmp(rows[r].method, "DNAS") == 0;
        ck_assert(not_rerun == named);
        left += not_rerun;
    }
    ck_assert_uint_eq(left, 3);
}
END_TEST

START_TEST(test_table3_rows_follow_levels_and_proxies)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    struct sgeo_options options = all;
    ck_assert_uint_eq(count_rows(&all, SGEO_TABLE3_CRAFTED), 5);
    ck_assert_uint_eq(count_rows(&all, SGEO_TABLE3_PUBLISHED), 2);
    ck_assert_uint_eq(count_rows(&all, SGEO_TABLE3_SEARCHED), 4 + 4 + 2 * 6);
    options.levels[options.n_levels++] = 0.0;
    ck_assert_uint_eq(count_rows(&options, SGEO_TABLE3_CRAFTED), 5);
    ck_assert_uint_eq(count_rows(&options, SGEO_TABLE3_NOT_RERUN), 0);
    ck_assert_uint_eq(count_rows(&options, SGEO_TABLE3_SEARCHED), 6);
    options.proxies[options.n_proxies++] = sgeo_ctr_proxy_find("zico");
    ck_assert_uint_eq(count_rows(&options, SGEO_TABLE3_SEARCHED), 2);
    options.levels[0] = 100.0;
    ck_assert_uint_eq(count_rows(&options, SGEO_TABLE3_SEARCHED), 0);
    ck_assert_int_eq(sgeo_table3_check(&options, &list), SGEO_OK);
}
END_TEST

START_TEST(test_table3_refuses_levels_and_proxies_without_rows)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    struct sgeo_options options = all;
    options.levels[options.n_levels++] = 10.0;
    ck_assert_int_eq(sgeo_table3_check(&options, &list), SGEO_USAGE);
    assert_error_has("table 3 has no rows at 10 % warm-up");
    ck_assert_str_eq(sgeo_error_hint(), "--warmup 0,1,100");
    options.n_levels = 0;
    options.proxies[options.n_proxies++] = sgeo_proxy_find("naswot");
    ck_assert_int_eq(sgeo_table3_check(&options, &list), SGEO_USAGE);
    assert_error_has("no rows by naswot");
}
END_TEST

/* Whom a row is tested against: one method, of the same space and level unless it is crafted. */
START_TEST(test_table3_rows_have_their_opponents)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    const struct sgeo_table3_row *rows = list.rows;
    size_t n = list.n;
    for (size_t r = 0; r < n; r++) {
        size_t opponents = 0;
        for (size_t o = 0; o < n; o++) {
            bool against = sgeo_table3_is_against(&rows[r], &rows[o]);
            opponents += against && sgeo_table3_has_row(&all, &rows[o]);
            ck_assert(!against || rows[o].kind == SGEO_TABLE3_CRAFTED ||
                      (rows[o].space == rows[r].space && rows[o].level == rows[r].level));
        }
        ck_assert_uint_eq(opponents, rows[r].against == NULL ? 0 : 1);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3_rows");
    tcase_add_test(tcase, test_table3_has_every_method_of_the_paper);
    tcase_add_test(tcase, test_table3_leaves_three_methods_to_the_paper);
    tcase_add_test(tcase, test_table3_rows_follow_levels_and_proxies);
    tcase_add_test(tcase, test_table3_refuses_levels_and_proxies_without_rows);
    tcase_add_test(tcase, test_table3_rows_have_their_opponents);
    return run_case("table3_rows", tcase);
}
