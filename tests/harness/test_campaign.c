/* Campaigns: the list of jobs, the journal, and records that do not depend on how often a run was
 * interrupted. */
#include "base/file.h"
#include "harness/rig.h"

static char out[SCRATCH_PATH_BYTES];

static void setup(void)
{
    tiny_create();
    scratch_path(out, "out");
}

/* Create, run, and leave the campaign open. */
static struct sgeo_campaign *run(const struct sgeo_options *options)
{
    struct sgeo_campaign *campaign = NULL;
    ck_assert_msg(sgeo_campaign_create(&campaign, options) == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_msg(sgeo_campaign_run(campaign, NULL, NULL) == SGEO_OK, "%s", sgeo_error_text());
    return campaign;
}

static enum sgeo_status refuse(const struct sgeo_options *options)
{
    struct sgeo_campaign *campaign = NULL;
    enum sgeo_status status = sgeo_campaign_create(&campaign, options);
    ck_assert_ptr_null(campaign);
    return status;
}

static void write_list(char path[SCRATCH_PATH_BYTES], const char *text)
{
    scratch_write(path, "archs.txt", text, strlen(text));
}

START_TEST(test_campaign_lists_warmups_first_then_scores_by_level)
{
    struct sgeo_options options = tiny_options(out);
    struct sgeo_campaign *campaign = NULL;
    options.dry_run = true;
    options.n_archs = 3;
    options.n_levels = 3;
    options.levels[1] = 10.0;
    options.levels[2] = 100.0;
    options.seeds = 2;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_uint_eq(campaign->n_jobs, 2 * 2 + 3 * 3 * 2);
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        const struct sgeo_job *job = &campaign->jobs[i];
        ck_assert_int_eq(job->key.kind, i < 4 ? SGEO_JOB_WARMUP : SGEO_JOB_SCORE);
        ck_assert(job->cost > 0.0);
        if (i > 4) {
            ck_assert(job->key.level >= job[-1].key.level);
        }
    }
    ck_assert(campaign->jobs[0].key.level == 100.0 && campaign->jobs[3].key.level == 10.0);
    ck_assert(campaign->lists[0].is_prefix);
    ck_assert_int_eq((int)scratch_size(out), -1); /* a dry run writes nothing */
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_records_every_job_in_key_order)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 4;
    options.workers = 2;
    struct sgeo_campaign *campaign = run(&options);
    ck_assert_uint_eq(campaign->n_records, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(campaign->records[i].key.arch_index, 10 * i); /* the list's own numbers */
        ck_assert_str_eq(campaign->records[i].arch, tiny_archs[i]);
    }
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_resumes_without_computing_again_and_grows)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 2;
    struct sgeo_campaign *campaign = run(&options);
    double first = campaign->records[0].scores[0].score.seconds_cpu,
           value = campaign->records[0].scores[0].score.value;
    sgeo_campaign_destroy(campaign);
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("holds a run already");
    options.resume = true;
    options.n_archs = 3;
    campaign = run(&options);
    ck_assert_uint_eq(campaign->n_records, 3);
    ck_assert(campaign->records[0].scores[0].score.seconds_cpu ==
              first); /* the very measurement of the first run */
    ck_assert(campaign->records[0].scores[0].score.value == value);
    sgeo_campaign_destroy(campaign);
}
END_TEST

/* As where a journal alone was kept: the supernet is trained again where a score needs it. */
START_TEST(test_campaign_trains_a_lost_supernet_again)
{
    struct sgeo_options options = tiny_options(out);
    char path[SCRATCH_PATH_BYTES], fewer[SCRATCH_PATH_BYTES];
    options.levels[0] = 50.0;
    options.n_archs = 3;
    struct sgeo_campaign *campaign = run(&options);
    double value = campaign->records[3].scores[0].score.value;
    sgeo_campaign_destroy(campaign);
    scratch_path(fewer, "fewer");
    scratch_path(path, "fewer/checkpoints/nb201-cf10-w50-s0.ckpt");
    options.out = fewer;
    options.n_archs = 2;
    sgeo_campaign_destroy(run(&options));
    ck_assert_int_eq(remove(path), 0);
    options.resume = true;
    sgeo_campaign_destroy(run(&options));
    ck_assert(!sgeo_file_exists(path)); /* nobody needs it */
    options.n_archs = 3;
    campaign = run(&options);
    ck_assert(sgeo_file_exists(path));
    ck_assert_uint_eq(campaign->n_records, 4);
    ck_assert(campaign->records[3].scores[0].score.value == value);
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_resumed_smaller_keeps_the_whole_journal_and_the_asked_proxies)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 3;
    options.n_proxies = 2;
    options.proxies[1] = sgeo_proxy_find("params");
    sgeo_campaign_destroy(run(&options));
    options.resume = true;
    options.n_archs = 2;
    options.n_proxies = 1;
    options.proxies[0] = sgeo_proxy_find("params");
    struct sgeo_campaign *campaign = run(&options);
    ck_assert_uint_eq(campaign->n_records, 3);
    ck_assert_uint_eq(campaign->records[0].n_scores, 1);
    ck_assert_ptr_eq(campaign->records[0].scores[0].proxy, sgeo_proxy_find("params"));
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_record_without_an_asked_proxy_is_computed_again_once)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 2;
    sgeo_campaign_destroy(run(&options));
    options.resume = true;
    options.n_proxies = 2;
    options.proxies[1] = sgeo_proxy_find("flops");
    sgeo_campaign_destroy(run(&options));
    options.n_proxies = 1; /* the journal has two records of each job now */
    struct sgeo_campaign *campaign = run(&options);
    ck_assert_uint_eq(campaign->n_records, 2);
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_journal_of_other_settings_or_images_is_usage)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 1;
    sgeo_campaign_destroy(run(&options));
    options.resume = true;
    options.batches = 3;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    options.batches = 2;
    options.executor.layout = SGEO_KERNELS_X86 ? SGEO_LAYOUT_NHWC : SGEO_LAYOUT_BLOCKED;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    options.executor.layout =
        SGEO_KERNELS_X86 ? SGEO_LAYOUT_BLOCKED : SGEO_LAYOUT_NHWC; /* as auto */
    options.executor.winograd = true;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    options.executor.winograd = false;
    options.executor.precision = SGEO_BF16;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    options.executor.precision = SGEO_F32;
    sgeo_campaign_destroy(run(&options));
    tiny_batch("cifar-10-batches-bin/data_batch_1.bin", 5000);
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("other images of nb201-cf10");
}
END_TEST

/* First line of the journal under `out`. */
static void journal_header(char text[512])
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "out/journal.jsonl");
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(text, 512, file));
    fclose(file);
}

/* A journal that names no convention is the suite's, as those from before the switch. */
START_TEST(test_campaign_journal_of_another_convention_is_usage)
{
    char header[512];
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 1;
    options.proxies[0] = sgeo_proxy_find("naswot");
    sgeo_campaign_destroy(run(&options));
    journal_header(header);
    ck_assert_ptr_null(strstr(header, "convention"));
    options.resume = true;
    options.convention = SGEO_CONVENTION_OURS;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("belongs to a run with other arguments");
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "--out"));
    options.convention = SGEO_CONVENTION_SUITE;
    sgeo_campaign_destroy(run(&options));
}
END_TEST

START_TEST(test_campaign_of_a_dry_run_counts_what_the_journal_holds)
{
    struct sgeo_options options = tiny_options(out);
    struct sgeo_campaign *campaign = NULL;
    options.n_archs = 1;
    sgeo_campaign_destroy(run(&options));
    options.n_archs = 2;
    options.resume = options.dry_run = true;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_uint_eq(campaign->n_jobs, 2);
    ck_assert_uint_eq(campaign->n_records, 1);
    ck_assert_int_ne(campaign->done[0], campaign->done[1]);
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_by_our_convention_says_so_and_refuses_the_suites_records)
{
    char header[512], path[SCRATCH_PATH_BYTES];
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 1;
    options.convention = SGEO_CONVENTION_OURS;
    struct sgeo_campaign *campaign = run(&options);
    ck_assert_int_eq((int)campaign->records[0].convention, SGEO_CONVENTION_OURS);
    struct sgeo_record record = campaign->records[0];
    sgeo_campaign_destroy(campaign);
    journal_header(header);
    ck_assert_ptr_nonnull(strstr(header, ",\"convention\":\"ours\""));
    options.resume = true;
    sgeo_campaign_destroy(run(&options));
    record.convention = SGEO_CONVENTION_SUITE; /* a line of another journal behind its own */
    struct sgeo_text line = {0};
    sgeo_record_write(&line, &record);
    scratch_path(path, "out/journal.jsonl");
    FILE *file = fopen(path, "a");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s\n", line.bytes);
    fclose(file);
    sgeo_text_clear(&line);
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("scores by --convention suite, not ours");
}
END_TEST

/* Jobs know their architecture by its number in the list. */
START_TEST(test_campaign_journal_of_another_list_is_usage)
{
    char text[512];
    struct sgeo_options options = tiny_options(out);
    options.n_archs = 1;
    sgeo_campaign_destroy(run(&options));
    snprintf(text, sizeof text, "naslib_idx,arch,cifar10_val,cifar10_test\n0,%s,60,60\n",
             tiny_archs[1]);
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "groundtruth/nb201.csv", text, strlen(text));
    options.resume = true;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("another list of nb201-cf10: number 0 was |nor_conv_3x3~0|");
}
END_TEST

START_TEST(test_campaign_malformed_architecture_in_the_truth_is_io)
{
    static const char truth[] = "naslib_idx,arch,cifar10_val,cifar10_test\n0,|none~0|,60,60\n";
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_options options = tiny_options(out);
    scratch_write(path, "groundtruth/nb201.csv", truth, strlen(truth));
    options.n_archs = 1;
    ck_assert_int_eq(refuse(&options), SGEO_IO);
    assert_error_has("groundtruth/nb201.csv:2: nb201 architecture");
}
END_TEST

START_TEST(test_campaign_shards_are_disjoint_and_complete)
{
    size_t total = 0;
    bool seen[10 * TINY_ARCHS] = {false};
    for (size_t shard = 0; shard < 3; shard++) {
        struct sgeo_options options = tiny_options(out);
        struct sgeo_campaign *campaign = NULL;
        options.dry_run = true;
        options.n_archs = TINY_ARCHS;
        options.shard = shard;
        options.shards = 3;
        ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
        for (size_t i = 0; i < campaign->n_jobs; i++) {
            ck_assert(!seen[campaign->jobs[i].key.arch_index]);
            seen[campaign->jobs[i].key.arch_index] = true;
            total++;
        }
        sgeo_campaign_destroy(campaign);
    }
    ck_assert_uint_eq(total, TINY_ARCHS);
}
END_TEST

START_TEST(test_campaign_takes_architectures_from_a_file_in_its_order)
{
    char path[SCRATCH_PATH_BYTES], text[1024];
    struct sgeo_options options = tiny_options(out);
    struct sgeo_campaign *campaign = NULL;
    snprintf(text, sizeof text, "# chosen\r\n%s\r\n\n%s", tiny_archs[4], tiny_archs[1]);
    write_list(path, text);
    options.archs_file = path;
    options.dry_run = true;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_uint_eq(campaign->lists[0].n, 2);
    ck_assert(!campaign->lists[0].is_prefix);
    ck_assert_str_eq(campaign->lists[0].entries[0]->arch, tiny_archs[4]);
    ck_assert_str_eq(campaign->lists[0].entries[1]->arch, tiny_archs[1]);
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_repeated_architecture_in_a_file_is_usage)
{
    char path[SCRATCH_PATH_BYTES], text[1024];
    struct sgeo_options options = tiny_options(out);
    snprintf(text, sizeof text, "%s\n%s\n%s\n", tiny_archs[4], tiny_archs[1], tiny_archs[4]);
    write_list(path, text);
    options.archs_file = path;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("line 3 of");
}
END_TEST

START_TEST(test_campaign_more_architectures_than_truth_is_usage)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = TINY_ARCHS + 1;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("8 architectures asked for, nb201-cf10 has 7");
}
END_TEST

START_TEST(test_campaign_dedupe_of_another_space_is_usage)
{
    static const char truth[] = "naslib_idx,arch,class_object_val_final,class_object_test_best\n"
                                "0,64-41414-1_02_333,40.5,50.5\n";
    struct sgeo_options options = tiny_options(out);
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "groundtruth/tnb101.csv", truth, strlen(truth));
    options.tasks[0] = sgeo_task_find("tnb101-object");
    options.n_archs = 1;
    options.dedupe = true;
    ck_assert_int_eq(refuse(&options), SGEO_USAGE);
    assert_error_has("tnb101-object is of tnb101");
}
END_TEST

START_TEST(test_campaign_dedupe_scores_equal_functions_once_and_records_all)
{
    struct sgeo_options options = tiny_options(out);
    options.dedupe = true;
    options.n_archs = TINY_ARCHS;
    options.seeds = 2;
    struct sgeo_campaign *campaign = run(&options);
    ck_assert_uint_eq(campaign->n_jobs, 2 * (TINY_ARCHS - 1));
    ck_assert_uint_eq(campaign->n_records, 2 * TINY_ARCHS);
    for (size_t seed = 0; seed < 2; seed++) {
        const struct sgeo_record *last = &campaign->records[(seed + 1) * TINY_ARCHS - 1];
        ck_assert_uint_eq(last->key.seed, seed);
        ck_assert_str_eq(last->arch, tiny_archs[TINY_ARCHS - 1]);
        ck_assert(last->scores[0].score.value == last[-1].scores[0].score.value);
    }
    sgeo_campaign_destroy(campaign);
}
END_TEST

START_TEST(test_campaign_scores_do_not_depend_on_workers)
{
    double values[2][2 * TINY_ARCHS];
    for (size_t w = 0; w < 2; w++) {
        char path[SCRATCH_PATH_BYTES];
        scratch_path(path, w == 0 ? "one" : "three");
        struct sgeo_options options = tiny_options(path);
        options.n_archs = 4;
        options.n_levels = 2;
        options.levels[1] = 50.0;
        options.workers = w == 0 ? 1 : 3;
        struct sgeo_campaign *campaign = run(&options);
        ck_assert_uint_eq(campaign->n_records, 9);
        size_t n = 0;
        for (size_t r = 0; r < campaign->n_records; r++) {
            if (campaign->records[r].key.kind == SGEO_JOB_SCORE) {
                values[w][n++] = campaign->records[r].scores[0].score.value;
            }
        }
        ck_assert_uint_eq(n, 8);
        sgeo_campaign_destroy(campaign);
    }
    ck_assert_mem_eq(values[0], values[1], 8 * sizeof(double));
}
END_TEST

/* A warm-up that fails ends the run although the other worker is in a training of days. */
START_TEST(test_campaign_failed_job_stops_a_long_training)
{
    struct sgeo_options options = tiny_options(out);
    struct sgeo_campaign *campaign = NULL;
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "out");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    tiny_folder("out/checkpoints");
    scratch_write(path, "out/checkpoints/nb201-cf10-w10-s0.ckpt", "not a checkpoint", 16);
    options.n_archs = 1;
    options.n_levels = 2;
    options.levels[0] = 10.0;
    options.levels[1] = 100.0;
    options.epochs = 1000000;
    options.workers = 2;
    ck_assert_int_eq(sgeo_campaign_create(&campaign, &options), SGEO_OK);
    ck_assert_int_eq(sgeo_campaign_run(campaign, NULL, NULL), SGEO_IO);
    assert_error_has("nb201-cf10-w10-s0.ckpt");
    sgeo_campaign_destroy(campaign);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("campaign");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, scratch_remove);
    tcase_add_test(tcase, test_campaign_lists_warmups_first_then_scores_by_level);
    tcase_add_test(tcase, test_campaign_records_every_job_in_key_order);
    tcase_add_test(tcase, test_campaign_resumes_without_computing_again_and_grows);
    tcase_add_test(tcase, test_campaign_trains_a_lost_supernet_again);
    tcase_add_test(tcase,
                   test_campaign_resumed_smaller_keeps_the_whole_journal_and_the_asked_proxies);
    tcase_add_test(tcase, test_campaign_record_without_an_asked_proxy_is_computed_again_once);
    tcase_add_test(tcase, test_campaign_journal_of_other_settings_or_images_is_usage);
    tcase_add_test(tcase, test_campaign_journal_of_another_convention_is_usage);
    tcase_add_test(tcase, test_campaign_of_a_dry_run_counts_what_the_journal_holds);
    tcase_add_test(tcase, test_campaign_by_our_convention_says_so_and_refuses_the_suites_records);
    tcase_add_test(tcase, test_campaign_journal_of_another_list_is_usage);
    tcase_add_test(tcase, test_campaign_malformed_architecture_in_the_truth_is_io);
    tcase_add_test(tcase, test_campaign_shards_are_disjoint_and_complete);
    tcase_add_test(tcase, test_campaign_takes_architectures_from_a_file_in_its_order);
    tcase_add_test(tcase, test_campaign_repeated_architecture_in_a_file_is_usage);
    tcase_add_test(tcase, test_campaign_more_architectures_than_truth_is_usage);
    tcase_add_test(tcase, test_campaign_dedupe_of_another_space_is_usage);
    tcase_add_test(tcase, test_campaign_dedupe_scores_equal_functions_once_and_records_all);
    tcase_add_test(tcase, test_campaign_scores_do_not_depend_on_workers);
    tcase_add_test(tcase, test_campaign_failed_job_stops_a_long_training);
    return run_case("campaign", tcase);
}
