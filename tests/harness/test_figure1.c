/* Figure 1 from a table 3 of our own making: which rows are points, with whose cost, and that a
 * folder without the table, or with another file in its place, is refused. */
#include "harness/figure.h"

#include "base/file.h"
#include "base/hash.h"
#include "harness/rig.h"

static const char table_csv[] =
    "table,setting,warmup_percent,paper_equivalent_percent,method,search_space,dataset,metric,"
    "value,ci_low,ci_high,rows,search_cost_cpu_hours,paper_value,data,by,seeds,against,gain,"
    "gain_low,gain_high,verdict,supernet_cpu_hours,search_cpu_hours,retraining_cpu_hours,"
    "validation_log_loss,model\n"
    "3,best possible,,,true probabilities,,Criteo,log_loss,0.3,,,9,,,generated,,,,,,,,,,,,\n"
    "3,hand-crafted,,,DLRM,,Criteo,log_loss,0.5,,,9,,0.4436,generated,,3,,,,,,,,0.1,0.5,dlrm\n"
    "3,one-shot,100,,DNAS,,Criteo,log_loss,,,,,,0.4442,not re-run,,,,,,,,,,,,\n"
    "3,sub-one-shot,1,0.5,SiGeo,NASRec-Small,Criteo,log_loss,0.41,0.4,0.42,9,1.5,0.4396,generated,"
    "sigeo-nasrec,3,ZiCo,,,,undecided,0.75,0.25,0.5,0.4,x\n"
    "3,sub-one-shot,1,0.5,SiGeo,NASRec-Small,Criteo,auc,0.8,0.7,0.9,9,1.5,0.8113,generated,"
    "sigeo-nasrec,3,ZiCo,,,,undecided,0.75,0.25,0.5,0.4,x\n"
    "3,sub-one-shot,1,0.5,SiGeo,NASRec-Small,Criteo,log_loss,0.43,0.4,0.45,9,2,0.4396,generated,"
    "sigeo-eq6,3,ZiCo,,,,undecided,0.75,0.75,0.5,0.4,x\n"
    "3,sub-one-shot,1,0.5,ZiCo,NASRec-Full,Criteo,log_loss,0.44,0.4,0.45,9,3,0.4403,generated,"
    "zico-nasrec,3,DLRM,,,,undecided,1,1,1,0.4,x\n"
    "3,one-shot,100,,DNAS,,Avazu,log_loss,,,,,,,not re-run,,,,,,,,,,,,\n"
    "3,one-shot,100,,NASRecNet "
    "(published),NASRec-Small,Avazu,log_loss,0.39,,,9,,0.3736,generated,,3"
    ",DLRM,,,,better,,,0.25,0.4,x\n"
    "3,one-shot,100,,DNAS,,all,search_cost_gpu_days,,,,,,0.28,not re-run,,,,,,,,,,,,\n"
    "3,sub-one-shot,1,0.5,SiGeo,NASRec-Small,all,search_cost_gpu_days,,,,,1.5,0.1,generated,"
    "sigeo-nasrec,3,,,,,,0.75,0.25,0.5,,\n"
    "3,sub-one-shot,1,0.5,SiGeo,NASRec-Small,all,search_cost_gpu_days,,,,,2,0.1,generated,"
    "sigeo-eq6,3,,,,,,0.75,0.75,0.5,,\n"
    "3,sub-one-shot,1,0.5,ZiCo,NASRec-Full,all,search_cost_gpu_days,,,,,3,0.12,generated,"
    "zico-nasrec,3,,,,,,1,1,1,,\n";

static const char figure_csv[] =
    "figure,dataset,setting,warmup_percent,method,search_space,by,log_loss,ci_low,ci_high,"
    "search_cost_cpu_hours,supernet_cpu_hours,search_cpu_hours,retraining_cpu_hours,"
    "paper_log_loss,paper_search_cost_gpu_days,in_paper_figure,data\n"
    "1,Criteo,one-shot,100,DNAS,,,,,,,,,,0.4442,0.28,yes,not re-run\n"
    "1,Criteo,sub-one-shot,1,SiGeo,NASRec-Small,sigeo-nasrec,0.41,0.4,0.42,1.5,0.75,0.25,0.5,0."
    "4396,"
    "0.1,yes,generated\n"
    "1,Criteo,sub-one-shot,1,SiGeo,NASRec-Small,sigeo-eq6,0.43,0.4,0.45,2,0.75,0.75,0.5,0.4396,0.1,"
    "yes,generated\n"
    "1,Criteo,sub-one-shot,1,ZiCo,NASRec-Full,zico-nasrec,0.44,0.4,0.45,3,1,1,1,0.4403,0.12,no,"
    "generated\n"
    "1,Avazu,one-shot,100,NASRecNet "
    "(published),NASRec-Small,,0.39,,,,,,0.25,0.3736,,no,generated\n";

static char out[SCRATCH_PATH_BYTES];
static struct sgeo_text printed;

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    scratch_remove();
}

static void print(const char *text, void *context)
{
    (void)context;
    sgeo_text_append(&printed, "%s", text);
}

static enum sgeo_status show(const char *text, const char *directory)
{
    const struct sgeo_options options = {.out = directory, .workers = 1};
    char path[SCRATCH_PATH_BYTES], program[] = "bench_sigeo", *argv[] = {program};
    scratch_write(path, "table3.csv", text, strlen(text));
    return sgeo_figure_run("1", &options, scratch_directory, 1, argv, print, NULL, NULL);
}

START_TEST(test_figure1_has_the_methods_that_search_with_their_own_cost)
{
    unsigned char *bytes;
    char path[2 * SCRATCH_PATH_BYTES];
    size_t n;
    ck_assert_msg(show(table_csv, out) == SGEO_OK, "%s", sgeo_error_text());
    snprintf(path, sizeof path, "%s/figure1.csv", out);
    ck_assert_int_eq(sgeo_file_read(path, (size_t)1 << 20, &bytes, &n), SGEO_OK);
    ck_assert_str_eq((char *)bytes, figure_csv);
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_figure1_prints_a_line_a_point_and_writes_nowhere_unasked)
{
    ck_assert_msg(show(table_csv, NULL) == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_uint_eq(count_of(printed.bytes, "\nCriteo\n"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "\nAvazu\n"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "SiGeo"), 2);
    ck_assert_uint_eq(count_of(printed.bytes, "0.4100      1.500    0.4396      0.10\n"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "DLRM"), 0);
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

/* With the hash of the table, and nothing is written over. */
START_TEST(test_figure1_in_a_folder_of_its_own_says_what_it_was_made_of)
{
    char hex[SGEO_SHA256_HEX], path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes;
    size_t n;
    ck_assert_msg(show(table_csv, out) == SGEO_OK, "%s", sgeo_error_text());
    sgeo_sha256(hex, table_csv, sizeof table_csv - 1);
    snprintf(path, sizeof path, "%s/meta.json", out);
    ck_assert_int_eq(sgeo_file_read(path, (size_t)1 << 20, &bytes, &n), SGEO_OK);
    ck_assert_uint_eq(count_of((char *)bytes, "/table3.csv\""), 1);
    ck_assert_uint_eq(count_of((char *)bytes, hex), 1);
    sgeo_free(bytes);
    ck_assert_int_eq(show(table_csv, out), SGEO_USAGE);
    assert_error_has("meta.json would be written over");
}
END_TEST

START_TEST(test_figure1_of_a_table_is_not_put_into_a_run_unasked)
{
    char path[SCRATCH_PATH_BYTES];
    tiny_folder("out");
    scratch_write(path, "out/journal.jsonl", "{}\n", 3);
    ck_assert_int_eq(show(table_csv, out), SGEO_USAGE);
    assert_error_has("holds a run already");
    scratch_path(path, "out/figure1.csv");
    ck_assert_int_eq((int)scratch_size(path), -1);
}
END_TEST

START_TEST(test_figure1_beside_its_table_leaves_the_other_files)
{
    struct sgeo_options options = {.out = scratch_directory, .workers = 1};
    char path[SCRATCH_PATH_BYTES], program[] = "bench_sigeo", *argv[] = {program};
    scratch_write(path, "meta.json", "{}", 2);
    ck_assert_msg(show(table_csv, scratch_directory) == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_int_eq((int)scratch_size(path), 2);
    scratch_path(path, "figure1.csv");
    ck_assert_int_gt((int)scratch_size(path), 0);
    ck_assert_int_eq(show(table_csv, scratch_directory), SGEO_USAGE);
    assert_error_has("has a figure1.csv already");
    options.resume = true;
    ck_assert_int_eq(sgeo_figure_run("1", &options, scratch_directory, 1, argv, print, NULL, NULL),
                     SGEO_OK);
}
END_TEST

START_TEST(test_figure1_takes_the_whole_table)
{
    const struct sgeo_options options = {.out = out, .seed = 1};
    char program[] = "bench_sigeo", *argv[] = {program};
    ck_assert_int_eq(sgeo_figure_run("1", &options, scratch_directory, 1, argv, print, NULL, NULL),
                     SGEO_USAGE);
    assert_error_has("takes no --seed");
}
END_TEST

START_TEST(test_figure1_of_another_file_is_io)
{
    ck_assert_int_eq(show("a,b\n1,2\n", NULL), SGEO_IO);
    assert_error_has("has no column setting");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("figure1");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_figure1_has_the_methods_that_search_with_their_own_cost);
    tcase_add_test(tcase, test_figure1_prints_a_line_a_point_and_writes_nowhere_unasked);
    tcase_add_test(tcase, test_figure1_in_a_folder_of_its_own_says_what_it_was_made_of);
    tcase_add_test(tcase, test_figure1_of_a_table_is_not_put_into_a_run_unasked);
    tcase_add_test(tcase, test_figure1_beside_its_table_leaves_the_other_files);
    tcase_add_test(tcase, test_figure1_takes_the_whole_table);
    tcase_add_test(tcase, test_figure1_of_another_file_is_io);
    return run_case("harness/figure1", tcase);
}
