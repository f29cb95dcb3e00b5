/* KDD12's rows and their join with user profiles, worked out by hand. */
#include <math.h>

#include "clicks.h"

#define PROFILES "490234\t1\t5\n0\t2\t0\n23907634\t0\t6\n"
#define KNOWN    "0\t1\t4298118681424644510\t7686695\t385\t3\t3\t1601\t5521\t7709\t576\t490234\n"
#define UNKNOWN                                                                                    \
    "2\t5\t18446744073709551615\t641707\t14847\t1\t1\t22122010\t1188089\t3735796\t2934101\t"       \
    "20004010\n"
#define USER_ZERO                                                                                  \
    "1\t1\t12057878999086460853\t20157098\t27961\t2\t1\t75606\t15055\t12391\t13532\t0\n"

/* By Python, as NASRec's preparation and transform have it. */
static const int32_t expected[3][10] = {
    {4888, 627919, 386, 1602, 5522, 7710, 577, 490235, 2, 6},
    {4, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    {11153, 264182, 13115, 75607, 15056, 12392, 13533, 1, 3, 1}};

static struct sgeo_ctr_source source = {.schema = &sgeo_ctr_kdd12};

static enum sgeo_status read_texts(const char *training, const char *profiles)
{
    static char paths[2][2 * FIXTURE_PATH_MAX];
    fixture_write_text("training.txt", training);
    fixture_write_text("userid_profile.txt", profiles);
    snprintf(paths[0], sizeof paths[0], "%s", fixture_path("training.txt"));
    snprintf(paths[1], sizeof paths[1], "%s", fixture_path("userid_profile.txt"));
    source.path = paths[0];
    source.profiles = paths[1];
    return clicks_read(&source);
}

static void expect_refused(const char *training, const char *profiles, const char *part)
{
    ck_assert_int_eq(read_texts(training, profiles), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_str_ne(sgeo_error_hint(), "");
}

START_TEST(test_kdd12_rows_are_joined_and_reordered_as_nasrec_does)
{
    static const double x[3][3] = {{1, 3, 3}, {5, 1, 1}, {1, 2, 1}};
    static const uint8_t label[3] = {0, 1, 1};
    ck_assert_int_eq(read_texts(KNOWN UNKNOWN USER_ZERO, PROFILES), SGEO_OK);
    ck_assert_uint_eq(clicks.n, 3);
    for (size_t r = 0; r < 3; r++) {
        ck_assert_uint_eq(clicks.label[r], label[r]);
        clicks_expect(r, expected[r], 10);
        for (size_t d = 0; d < 3; d++) {
            ck_assert_double_eq((double)clicks.dense[r * 3 + d], (double)(float)log(x[r][d] + 1.0));
        }
    }
}
END_TEST

START_TEST(test_kdd12_last_profile_of_a_user_counts)
{
    ck_assert_int_eq(read_texts(KNOWN, "490234\t2\t6\n" PROFILES), SGEO_OK);
    clicks_expect(0, expected[0], 10);
}
END_TEST

START_TEST(test_kdd12_users_beyond_the_table_have_no_profile)
{
    ck_assert_int_eq(read_texts(UNKNOWN, "5\t1\t1\n"), SGEO_OK);
    clicks_expect(0, expected[1], 10);
}
END_TEST

START_TEST(test_kdd12_missing_profiles_are_an_error)
{
    ck_assert_int_eq(read_texts(KNOWN, PROFILES), SGEO_OK);
    source.profiles = fixture_path("none.txt");
    ck_assert_int_eq(clicks_read(&source), SGEO_IO);
    ck_assert(fixture_error_says("none.txt"));
    expect_refused(KNOWN, "", "userid_profile.txt is empty");
}
END_TEST

START_TEST(test_kdd12_bad_profile_names_its_line_whatever_may_be_skipped)
{
    source.skip_bad = 9;
    expect_refused(KNOWN, PROFILES "7\t3\t1\n",
                   "userid_profile.txt:4: gender '3' is not 0, 1 or 2");
    expect_refused(KNOWN, "7\t0\t7\n", "userid_profile.txt:1: age '7' is not");
    expect_refused(KNOWN, "7\t0\n", "userid_profile.txt:1: 2 fields instead of 3");
    expect_refused(KNOWN, "67108864\t0\t1\n", "user_id '67108864' is not");
    expect_refused(KNOWN, "\t0\t1\n", "user_id '' is not");
    expect_refused(KNOWN, "1\t0\t1", "userid_profile.txt:1: the file ends within this line");
    source.skip_bad = 0;
}
END_TEST

START_TEST(test_kdd12_bad_row_names_its_column)
{
    expect_refused("-1\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\n", PROFILES,
                   "training.txt:1: click '-1' is not a whole number from 0");
    expect_refused(KNOWN "0\t\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\n", PROFILES,
                   "training.txt:2: impression '' is not");
    expect_refused("0\t1\t18446744073709551616\t3\t4\t5\t6\t7\t8\t9\t10\t11\n", PROFILES,
                   "display_url '18446744073709551616' is not");
    expect_refused("0\t1\t2\t3\t4\t5\t2147483648\t7\t8\t9\t10\t11\n", PROFILES,
                   "position '2147483648' is not");
    expect_refused("0\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\tu\n", PROFILES, "user_id 'u' is not");
    expect_refused("0\t1\t2\n", PROFILES, "3 fields instead of 12");
}
END_TEST

START_TEST(test_kdd12_real_rows_are_read_without_error)
{
    size_t n, clicked;
    char path[2 * FIXTURE_PATH_MAX];
    if (fixture_real_file("kdd12/training.txt") == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s", fixture_real_file("kdd12/training.txt"));
    source.path = path;
    source.profiles = fixture_real_file("kdd12/userid_profile.txt");
    ck_assert_ptr_nonnull(source.profiles);
    clicks_scan(&source, &n, &clicked);
    ck_assert_uint_gt(n, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_kdd12_rows_are_joined_and_reordered_as_nasrec_does,
        test_kdd12_last_profile_of_a_user_counts,
        test_kdd12_users_beyond_the_table_have_no_profile,
        test_kdd12_missing_profiles_are_an_error,
        test_kdd12_bad_profile_names_its_line_whatever_may_be_skipped,
        test_kdd12_bad_row_names_its_column,
        test_kdd12_real_rows_are_read_without_error,
    };
    return clicks_run("data/kdd12", tests, sizeof tests / sizeof *tests);
}
