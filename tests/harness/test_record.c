/* Records: what is written is read back bit for bit, and nothing else is taken for a record. */
#include <float.h>
#include <math.h>

#include "base/memory.h"
#include "base/suite.h"
#include "harness/ctr_list.h"
#include "harness/record.h"
#include "proxy/ctr_measure.h"

static void assert_same_bits(double a, double b)
{
    ck_assert_msg(memcmp(&a, &b, sizeof a) == 0, "%a is not %a", a, b);
}

/* Written, read, compared field by field, and written again to the same text. */
static void assert_round_trip(const struct sgeo_record *record)
{
    struct sgeo_text line = {0}, again = {0};
    struct sgeo_record parsed;
    sgeo_record_write(&line, record);
    ck_assert_ptr_null(strchr(line.bytes, '\n'));
    ck_assert_int_eq(sgeo_record_parse(&parsed, line.bytes), SGEO_OK);
    ck_assert(sgeo_job_key_equal(&parsed.key, &record->key));
    ck_assert_str_eq(parsed.arch, record->arch);
    ck_assert_str_eq(parsed.data, record->data);
    ck_assert_uint_eq(parsed.steps, record->steps);
    ck_assert_uint_eq(parsed.n_scores, record->n_scores);
    ck_assert_int_eq((int)parsed.convention, (int)record->convention);
    assert_same_bits(parsed.loss, record->loss);
    assert_same_bits(parsed.val, record->val);
    assert_same_bits(parsed.test, record->test);
    assert_same_bits(parsed.seconds, record->seconds);
    for (size_t i = 0; i < record->n_scores; i++) {
        ck_assert_ptr_eq(parsed.scores[i].proxy, record->scores[i].proxy);
        assert_same_bits(parsed.scores[i].score.value, record->scores[i].score.value);
        assert_same_bits(parsed.scores[i].score.term_zico, record->scores[i].score.term_zico);
        assert_same_bits(parsed.scores[i].score.term_fr, record->scores[i].score.term_fr);
        assert_same_bits(parsed.scores[i].score.term_loss, record->scores[i].score.term_loss);
        assert_same_bits(parsed.scores[i].score.seconds_cpu, record->scores[i].score.seconds_cpu);
        ck_assert(parsed.scores[i].score.degenerate == record->scores[i].score.degenerate);
    }
    sgeo_record_write(&again, &parsed);
    ck_assert_str_eq(line.bytes, again.bytes);
    sgeo_text_clear(&line);
    sgeo_text_clear(&again);
}

static struct sgeo_record score_record(void)
{
    struct sgeo_record record = {
        .key = {SGEO_JOB_SCORE, sgeo_task_find("nb201-cf10"), 10.0, SGEO_WARMUP_SUPERNET, 7, 123},
        .arch = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
        .data = "0123456789abcdef",
        .steps = 550,
        .n_scores = 2};
    record.scores[0].proxy = sgeo_proxy_find("zico");
    record.scores[0].score = (struct sgeo_score){0.1, 0.1, (double)NAN, (double)NAN, 1.5, false};
    record.scores[1].proxy = sgeo_proxy_find("sigeo-eq6");
    record.scores[1].score =
        (struct sgeo_score){(double)INFINITY, -(double)INFINITY, 2.0 / 3.0, 1e-300, 0.25, false};
    return record;
}

START_TEST(test_record_score_round_trips_bit_for_bit)
{
    struct sgeo_record record = score_record();
    assert_round_trip(&record);
    record.key.mode = SGEO_WARMUP_CANDIDATE;
    record.scores[1].score.degenerate = true;
    assert_round_trip(&record);
    record.key.mode = SGEO_WARMUP_SUPERNET;
    record.key.level = 0.0;
    record.steps = 0;
    assert_round_trip(&record);
}
END_TEST

/* The suite's is not written, so that records from before the switch are the suite's. */
START_TEST(test_record_convention_is_written_where_it_is_ours)
{
    struct sgeo_record record = score_record(), parsed;
    struct sgeo_text line = {0};
    sgeo_record_write(&line, &record);
    ck_assert_ptr_null(strstr(line.bytes, "convention"));
    sgeo_text_clear(&line);
    record.convention = SGEO_CONVENTION_OURS;
    assert_round_trip(&record);
    sgeo_record_write(&line, &record);
    char *name = strstr(line.bytes, "\"ours\"");
    ck_assert_ptr_nonnull(name);
    memcpy(name, "\"your\"", 6);
    ck_assert_int_eq(sgeo_record_parse(&parsed, line.bytes), SGEO_IO);
    sgeo_text_clear(&line);
}
END_TEST

START_TEST(test_record_hard_numbers_round_trip)
{
    static const double hard[] = {
        0.0,     -0.0,        1.0, -3.0,      1e15,   123456789012345680.0, 1e22, DBL_MAX, -DBL_MAX,
        DBL_MIN, DBL_EPSILON, 0.1, 1.0 / 3.0, 5e-324, 9007199254740993.0};
    struct sgeo_record record = score_record();
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        record.scores[0].score.value = hard[i];
        assert_round_trip(&record);
    }
}
END_TEST

START_TEST(test_record_warmup_round_trips)
{
    const struct sgeo_record record = {.key = {SGEO_JOB_WARMUP, sgeo_task_find("nb201-fmnist"), 0.5,
                                               SGEO_WARMUP_SUPERNET, ((uint64_t)1 << 62) - 1, 0},
                                       .data = "formula",
                                       .steps = 12,
                                       .loss = 2.302585092994046};
    assert_round_trip(&record);
}
END_TEST

START_TEST(test_record_truth_round_trips)
{
    const struct sgeo_record record = {
        .key = {SGEO_JOB_TRUTH, sgeo_task_find("nb201-fmnist"), 0.0, SGEO_WARMUP_SUPERNET, 0,
                15624},
        .arch = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
        .data = "0123456789abcdef",
        .steps = 939,
        .loss = (double)NAN,
        .val = 91.37,
        .test = 90.91,
        .seconds = 61.2};
    assert_round_trip(&record);
}
END_TEST

START_TEST(test_record_every_truncation_is_refused)
{
    struct sgeo_record record = score_record(), untouched = record;
    struct sgeo_text line = {0};
    sgeo_record_write(&line, &record);
    for (size_t length = 0; length < line.length; length++) {
        char *cut = sgeo_strdup(line.bytes);
        cut[length] = '\0';
        ck_assert_int_eq(sgeo_record_parse(&record, cut), SGEO_IO);
        sgeo_free(cut);
    }
    ck_assert_mem_eq(&record, &untouched, sizeof record);
    sgeo_text_clear(&line);
}
END_TEST

/* The line of score_record with one word exchanged. */
static enum sgeo_status parse_changed(const char *word, const char *other)
{
    struct sgeo_record record = score_record();
    struct sgeo_text line = {0}, changed = {0};
    sgeo_record_write(&line, &record);
    const char *at = strstr(line.bytes, word);
    ck_assert_msg(at != NULL, "no %s in %s", word, line.bytes);
    sgeo_text_append(&changed, "%.*s%s%s", (int)(at - line.bytes), line.bytes, other,
                     at + strlen(word));
    enum sgeo_status status = sgeo_record_parse(&record, changed.bytes);
    sgeo_text_clear(&line);
    sgeo_text_clear(&changed);
    return status;
}

START_TEST(test_record_damaged_lines_are_refused)
{
    static const char *const damages[][2] = {
        {"\"score\",", "\"scores\","},
        {"nb201-cf10", "nb201-cf11"},
        {"\"warmup\":10", "\"warmup\":101"},
        {"\"warmup\":10", "\"warmup\":-1"},
        {"\"warmup\":10", "\"warmup\":\"nan\""},
        {"\"warmup\":10", "\"warmup\":0"},
        {"supernet", "supernot"},
        {"\"seed\":7", "\"seed\":-7"},
        {"\"seed\":7", "\"seed\":7.5"},
        {"\"steps\":550", "\"step\":550"},
        {"0123456789abcdef", "0123456789abcdef0"},
        {"0123456789abcdef", "01234567\\\\9abcde"},
        {"|none~0|+", "|none~0\\n+"},
        {"|none~0|+", "|none~0\\\"+"},
        {"\"index\":123", "\"index\":\"123\""},
        {"\"zico\",", "\"zicco\","},
        {"\"nan\"", "\"nun\""},
        {"\"inf\"", "null"},
        {"\"seconds\":1.5", "\"seconds\":1.5,\"degenerate\":1"},
        {"\"proxies\":[", "\"proxies\":7,\"x\":["},
        {"{\"job\"", "[\"job\""}};
    ck_assert_int_eq(parse_changed("\"seed\":7", "\"seed\":8"), SGEO_OK);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        ck_assert_msg(parse_changed(damages[i][0], damages[i][1]) == SGEO_IO, "%s is accepted",
                      damages[i][1]);
    }
}
END_TEST

START_TEST(test_record_key_order_is_total_and_sees_every_field)
{
    const struct sgeo_job_key base = score_record().key;
    struct sgeo_job_key others[6] = {base, base, base, base, base, base};
    others[0].kind = SGEO_JOB_WARMUP;
    others[1].task = sgeo_task_find("nb201-cf100");
    others[2].level = 20.0;
    others[3].mode = SGEO_WARMUP_CANDIDATE;
    others[4].seed = 8;
    others[5].arch_index = 124;
    ck_assert(sgeo_job_key_equal(&base, &base));
    for (size_t i = 0; i < 6; i++) {
        int order = sgeo_job_key_compare(&base, &others[i]);
        ck_assert_int_ne(order, 0);
        ck_assert((order < 0) == (sgeo_job_key_compare(&others[i], &base) > 0));
    }
}
END_TEST

START_TEST(test_record_cold_scores_have_no_mode)
{
    ck_assert_str_eq(sgeo_warmup_mode_name(SGEO_WARMUP_CANDIDATE, 0.0), "none");
    ck_assert_str_eq(sgeo_warmup_mode_name(SGEO_WARMUP_CANDIDATE, 1.0), "candidate");
    ck_assert_str_eq(sgeo_warmup_mode_name(SGEO_WARMUP_SUPERNET, 1.0), "supernet");
}
END_TEST

/* Two spaces share a data set's name: the architecture says which. */
START_TEST(test_click_records_know_their_space)
{
    struct sgeo_record record = score_record(), other;
    const struct sgeo_ctr_task *criteo = sgeo_ctr_task_find("criteo");
    record.key.task = sgeo_ctr_list_task(criteo, SGEO_NASREC_FULL);
    snprintf(record.arch, sizeof record.arch, "nasrec-full G,A|16,16|-|0;0;0,0");
    record.scores[0].proxy = sgeo_ctr_proxy_find("oneshot");
    record.scores[1].proxy = sgeo_ctr_proxy_find("sigeo-eq6-head");
    assert_round_trip(&record);
    other = record;
    other.key.task = sgeo_ctr_list_task(criteo, SGEO_NASREC_SMALL);
    ck_assert_int_lt(sgeo_job_key_compare(&record.key, &other.key), 0);
    ck_assert_int_gt(sgeo_job_key_compare(&other.key, &record.key), 0);
    ck_assert(!sgeo_job_key_equal(&record.key, &other.key));
    struct sgeo_text line = {0}; /* a warm-up is of no space */
    sgeo_text_append(&line,
                     "{\"job\":\"warmup\",\"task\":\"criteo\",\"warmup\":10,\"mode\":\"supernet\","
                     "\"seed\":0,\"steps\":5,\"data\":\"x\",\"arch\":\"%s\",\"loss\":1}",
                     record.arch);
    ck_assert_int_eq(sgeo_record_parse(&other, line.bytes), SGEO_IO);
    sgeo_text_clear(&line);
}
END_TEST

START_TEST(test_records_are_cut_to_the_proxies_asked_for)
{
    struct sgeo_record record = score_record();
    struct sgeo_options options = {.n_proxies = 1};
    options.proxies[0] = sgeo_proxy_find("sigeo-eq6");
    ck_assert(sgeo_record_keep_proxies(&record, &options));
    ck_assert_uint_eq(record.n_scores, 1);
    ck_assert_ptr_eq(record.scores[0].proxy, options.proxies[0]);
    assert_same_bits(record.scores[0].score.seconds_cpu, 0.25);
    options.proxies[0] = sgeo_proxy_find("params");
    ck_assert(!sgeo_record_keep_proxies(&record, &options));
    ck_assert_uint_eq(record.n_scores, 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("record");
    tcase_add_test(tcase, test_record_score_round_trips_bit_for_bit);
    tcase_add_test(tcase, test_record_convention_is_written_where_it_is_ours);
    tcase_add_test(tcase, test_record_hard_numbers_round_trip);
    tcase_add_test(tcase, test_record_warmup_round_trips);
    tcase_add_test(tcase, test_record_truth_round_trips);
    tcase_add_test(tcase, test_record_every_truncation_is_refused);
    tcase_add_test(tcase, test_record_damaged_lines_are_refused);
    tcase_add_test(tcase, test_record_key_order_is_total_and_sees_every_field);
    tcase_add_test(tcase, test_record_cold_scores_have_no_mode);
    tcase_add_test(tcase, test_click_records_know_their_space);
    tcase_add_test(tcase, test_records_are_cut_to_the_proxies_asked_for);
    return run_case("record", tcase);
}
