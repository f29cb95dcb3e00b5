/* --score: one row per proxy, the same numbers as a table's, from words or from standard input. */
#include "harness/rig.h"
#include "harness/score.h"

static struct sgeo_text rows;

static void setup(void)
{
    tiny_create();
    rows = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&rows);
    scratch_remove();
}

static void score(const struct sgeo_options *options, const char *arch)
{
    sgeo_text_clear(&rows);
    ck_assert_msg(sgeo_score(options, arch, NULL, collect, &rows) == SGEO_OK, "%s",
                  sgeo_error_text());
}

/* The score in the first row. */
static void first_score(char text[64])
{
    const char *at = strchr(rows.bytes, '\n') + 1;
    for (size_t comma = 0; comma < 8; comma++) {
        at = strchr(at, ',') + 1;
    }
    ck_assert_int_eq(sscanf(at, "%63[^,]", text), 1);
}

START_TEST(test_score_has_a_header_and_one_row_per_proxy)
{
    struct sgeo_options options = tiny_options(NULL);
    options.n_proxies = 2;
    options.proxies[1] = sgeo_proxy_find("params");
    score(&options, tiny_archs[2]);
    ck_assert_int_eq(strncmp(rows.bytes, "task,arch,arch_index,proxy,", 27), 0);
    ck_assert_uint_eq(count_of(rows.bytes, "\n"), 3);
    ck_assert_ptr_nonnull(
        strstr(rows.bytes, ",20,zico,0,none,0,0,")); /* the list's number of the architecture */
    ck_assert_ptr_nonnull(strstr(rows.bytes, ",20,params,0,none,0,0,"));
}
END_TEST

START_TEST(test_score_equals_the_tables_score)
{
    char out[SCRATCH_PATH_BYTES], scored[64], listed[64];
    scratch_path(out, "out");
    struct sgeo_options options = tiny_options(out);
    struct sgeo_campaign *campaign = NULL;
    options.n_archs = 3;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_int_eq(sgeo_campaign_run(campaign, NULL, NULL), SGEO_OK);
    snprintf(listed, sizeof listed, "%.9g", campaign->records[2].scores[0].score.value);
    sgeo_campaign_destroy(campaign);
    score(&options, tiny_archs[2]);
    first_score(scored);
    ck_assert_str_eq(scored, listed);
}
END_TEST

START_TEST(test_score_repeats_change_the_time_only)
{
    char once[64], often[64];
    struct sgeo_options options = tiny_options(NULL);
    score(&options, tiny_archs[0]);
    first_score(once);
    options.repeat = 3;
    score(&options, tiny_archs[0]);
    first_score(often);
    ck_assert_str_eq(once, often);
    ck_assert_uint_eq(count_of(rows.bytes, "\n"), 2);
}
END_TEST

START_TEST(test_score_reads_lines_and_skips_blank_ones)
{
    char path[SCRATCH_PATH_BYTES], text[1024];
    struct sgeo_options options = tiny_options(NULL);
    snprintf(text, sizeof text, "%s\r\n\n%s", tiny_archs[1], tiny_archs[3]);
    scratch_write(path, "input", text, strlen(text));
    FILE *input = fopen(path, "r");
    ck_assert_ptr_nonnull(input);
    ck_assert_int_eq(sgeo_score(&options, "-", input, collect, &rows), SGEO_OK);
    ck_assert_uint_eq(count_of(rows.bytes, "\n"), 3);
    ck_assert_ptr_nonnull(strstr(rows.bytes, ",10,zico,"));
    ck_assert_ptr_nonnull(strstr(rows.bytes, ",30,zico,"));
    ck_assert_int_eq(fclose(input), 0);
}
END_TEST

START_TEST(test_score_by_formula_needs_no_data_and_no_seed)
{
    char first[64], second[64];
    struct sgeo_options options = tiny_options(NULL);
    options.data = NULL;
    options.data_formula = true;
    score(&options, tiny_archs[0]);
    first_score(first);
    options.seed = 5;
    score(&options, tiny_archs[0]);
    first_score(second);
    ck_assert_str_eq(first, second);
}
END_TEST

/* The original counts the ReLUs of tnb101's cell convolutions twice: more units that agree, so a
 * larger determinant. */
START_TEST(test_score_naswot_of_tnb101_counts_twice_by_the_suites_convention)
{
    char suite[64], ours[64];
    struct sgeo_options options = tiny_options(NULL);
    options.tasks[0] = sgeo_task_find("tnb101-object");
    options.proxies[0] = sgeo_proxy_find("naswot");
    options.data = NULL;
    options.data_formula = true;
    score(&options, "64-41414-0_00_200");
    first_score(suite);
    ck_assert_uint_eq(count_of(rows.bytes, ",ok,suite,f32\n"), 1);
    options.convention = SGEO_CONVENTION_OURS;
    score(&options, "64-41414-0_00_200");
    first_score(ours);
    ck_assert_uint_eq(count_of(rows.bytes, ",ok,ours,f32\n"), 1);
    ck_assert_double_gt(strtod(suite, NULL), strtod(ours, NULL) + 1e-3);
}
END_TEST

START_TEST(test_score_works_without_ground_truth_but_not_with_a_damaged_one)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_options options = tiny_options(NULL);
    scratch_write(path, "groundtruth/nb201.csv", "no,such,columns\n", 16);
    ck_assert_int_eq(sgeo_score(&options, tiny_archs[0], NULL, collect, &rows), SGEO_IO);
    ck_assert_int_eq(unlink(path), 0);
    score(&options, tiny_archs[0]);
    ck_assert_ptr_nonnull(strstr(rows.bytes, ",0,zico,"));
}
END_TEST

START_TEST(test_score_malformed_architecture_is_usage)
{
    struct sgeo_options options = tiny_options(NULL);
    ck_assert_int_eq(sgeo_score(&options, "|nor_conv_5x5~0|", NULL, collect, &rows), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("score");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_score_has_a_header_and_one_row_per_proxy);
    tcase_add_test(tcase, test_score_equals_the_tables_score);
    tcase_add_test(tcase, test_score_repeats_change_the_time_only);
    tcase_add_test(tcase, test_score_reads_lines_and_skips_blank_ones);
    tcase_add_test(tcase, test_score_by_formula_needs_no_data_and_no_seed);
    tcase_add_test(tcase, test_score_naswot_of_tnb101_counts_twice_by_the_suites_convention);
    tcase_add_test(tcase, test_score_works_without_ground_truth_but_not_with_a_damaged_one);
    tcase_add_test(tcase, test_score_malformed_architecture_is_usage);
    return run_case("score", tcase);
}
