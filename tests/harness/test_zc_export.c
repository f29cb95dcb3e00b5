/* --export zc-json: what is written is read back by the suite's own reader. */
#include <math.h>

#include "base/file.h"
#include "data/zcjson.h"
#include "harness/rig.h"
#include "harness/score.h"
#include "harness/zc_export.h"

static char out[SCRATCH_PATH_BYTES];

static void setup(void)
{
    tiny_create();
    scratch_path(out, "out");
}

static void teardown(void)
{
    scratch_remove();
}

static char *exported(void)
{
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    snprintf(path, sizeof path, "%s/zc_nb201.json", out);
    ck_assert_msg(sgeo_file_read(path, (size_t)1 << 24, &bytes, &n_bytes) == SGEO_OK, "%s",
                  sgeo_error_text());
    return (char *)bytes;
}

/* The first `n` tiny architectures in their order, each with its accuracy. */
static void assert_accuracies(size_t n)
{
    char path[2 * SCRATCH_PATH_BYTES], text[SGEO_ARCH_TEXT_MAX];
    const struct sgeo_space *space = sgeo_space_find("nb201");
    struct sgeo_truth truth = {0};
    struct sgeo_arch arch;
    snprintf(path, sizeof path, "%s/zc_nb201.json", out);
    ck_assert_msg(sgeo_zcjson_read(&truth, path, "cifar10") == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_uint_eq(truth.n, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(space->decode_naslib(&arch, truth.entries[i].arch), SGEO_OK);
        space->encode(text, &arch);
        ck_assert_str_eq(text, tiny_archs[i]);
        ck_assert_double_eq(truth.entries[i].accuracy[SGEO_TRUTH_VAL],
                            60.0 + 3.0 * (double)(i * 5 % 7));
    }
    sgeo_truth_clear(&truth);
}

static struct sgeo_options options_of(size_t n_archs)
{
    struct sgeo_options options = tiny_options(out);
    options.export_zc = true;
    options.n_archs = n_archs;
    options.n_proxies = 2;
    options.proxies[0] = sgeo_proxy_find("naswot");
    options.proxies[1] = sgeo_proxy_find("sigeo-naslib");
    return options;
}

START_TEST(test_zc_export_of_a_campaign_reads_back_with_its_accuracies)
{
    struct sgeo_options options = options_of(TINY_ARCHS);
    struct sgeo_campaign *campaign = NULL;
    options.seeds = 2;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_int_eq(sgeo_campaign_run(campaign, NULL, NULL), SGEO_OK);
    ck_assert_msg(sgeo_zc_export(&campaign->context, campaign->records, campaign->n_records) ==
                      SGEO_OK,
                  "%s", sgeo_error_text());
    sgeo_campaign_destroy(campaign);
    assert_accuracies(TINY_ARCHS);
    char *text = exported();
    ck_assert_uint_eq(count_of(text, "\"nwot\": {\"score\": "), TINY_ARCHS);
    ck_assert_uint_eq(count_of(text, "\"nwot/seed=1\": {\"score\": "), TINY_ARCHS);
    ck_assert_uint_eq(count_of(text, "\"sigeo-naslib\": {\"score\": "), TINY_ARCHS);
    ck_assert_uint_eq(count_of(text, "\"term_fr\": "), 2 * TINY_ARCHS);
    ck_assert_uint_eq(count_of(text, "\"test_accuracy\": 60.5}"), 1);
    sgeo_free(text);
}
END_TEST

/* Records made by hand: numbers that JSON lacks, conventions, levels and modes in names, and no accuracies. */
START_TEST(test_zc_export_writes_python_numbers_and_names_warm_scores)
{
    const struct sgeo_options options = options_of(1);
    struct sgeo_run_context context = {.options = &options};
    struct sgeo_record records[3];
    memset(records, 0, sizeof records);
    for (size_t r = 0; r < 3; r++) {
        records[r].key = (struct sgeo_job_key){.kind = SGEO_JOB_SCORE, .task = options.tasks[0]};
        snprintf(records[r].arch, sizeof records[r].arch, "%s", tiny_archs[0]);
        records[r].n_scores = 1;
        records[r].scores[0].proxy = sgeo_proxy_find("zico");
    }
    records[0].scores[0].score = sgeo_plain_score((double)NAN, 0.5);
    records[1].scores[0].score = sgeo_plain_score(-(double)INFINITY, 0.5);
    records[1].key.level = 10.0;
    records[2].scores[0].score = sgeo_plain_score((double)INFINITY, 0.5);
    records[2].key.level = 0.5;
    records[2].key.mode = SGEO_WARMUP_CANDIDATE;
    records[2].convention = SGEO_CONVENTION_OURS;
    ck_assert_msg(sgeo_zc_export(&context, records, 3) == SGEO_OK, "%s", sgeo_error_text());
    char *text = exported();
    ck_assert_str_eq(text,
                     "{\"cifar10\": {\n\"(2, 1, 1, 0, 3, 0)\": {"
                     "\"zico\": {\"score\": NaN, \"time\": 0.5}, "
                     "\"zico/convention=ours/warmup=0.5/mode=candidate\": {\"score\": Infinity, \"time\": 0.5}, "
                     "\"zico/warmup=10\": {\"score\": -Infinity, \"time\": 0.5}}\n}}\n");
    sgeo_free(text);
}
END_TEST

START_TEST(test_zc_export_of_scored_lines_has_each_architecture_once)
{
    char path[SCRATCH_PATH_BYTES], lines[1024];
    const struct sgeo_options options = options_of(0);
    struct sgeo_text rows = {0};
    snprintf(lines, sizeof lines, "%s\n%s\n%s\n", tiny_archs[1], tiny_archs[0], tiny_archs[1]);
    scratch_write(path, "input", lines, strlen(lines));
    FILE *input = fopen(path, "r");
    ck_assert_ptr_nonnull(input);
    ck_assert_msg(sgeo_score(&options, "-", input, collect, &rows) == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert_int_eq(fclose(input), 0);
    assert_accuracies(2);
    sgeo_text_clear(&rows);
}
END_TEST

START_TEST(test_zc_export_of_a_damaged_record_leaves_no_file)
{
    char path[2 * SCRATCH_PATH_BYTES];
    const struct sgeo_options options = options_of(1);
    struct sgeo_run_context context = {.options = &options};
    struct sgeo_record record = {.key = {.kind = SGEO_JOB_SCORE, .task = options.tasks[0]},
                                 .arch = "|none~0|"};
    ck_assert_int_eq(sgeo_zc_export(&context, &record, 1), SGEO_USAGE);
    snprintf(path, sizeof path, "%s/zc_nb201.json", out);
    ck_assert(!sgeo_file_exists(path));
    snprintf(path, sizeof path, "%s/zc_nb201.json.tmp", out);
    ck_assert(!sgeo_file_exists(path));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("zc_export");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_zc_export_of_a_campaign_reads_back_with_its_accuracies);
    tcase_add_test(tcase, test_zc_export_writes_python_numbers_and_names_warm_scores);
    tcase_add_test(tcase, test_zc_export_of_scored_lines_has_each_architecture_once);
    tcase_add_test(tcase, test_zc_export_of_a_damaged_record_leaves_no_file);
    return run_case("zc_export", tcase);
}
