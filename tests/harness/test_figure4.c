/* Figure 4: what it searches for and how it shares that with table 3, its points from a run and
 * from the files of a table 3, its boxes. */
#include <math.h>

#include "base/file.h"
#include "harness/figure.h"
#include "harness/figure4_points.h"
#include "harness/figure4_print.h"
#include "harness/paper.h"
#include "harness/table3_rig.h"
#include "harness/table3_searches.h"

static struct sgeo_csv paper, csv;
static struct sgeo_text text;

static void setup(void)
{
    table3_create();
    ok(sgeo_paper_read(&paper, "3"));
    csv = (struct sgeo_csv){0};
    text = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_csv_clear(&paper);
    sgeo_csv_clear(&csv);
    sgeo_text_clear(&text);
    table3_destroy();
}

/* --- what is searched --- */

START_TEST(test_figure4_searches_by_every_term_alone_and_by_all)
{
    struct sgeo_figure4_rows rows;
    const struct sgeo_table3_list list = sgeo_figure4_list(&rows), all = sgeo_table3_list();
    size_t fr = 0, shared = 0;
    for (size_t r = 0; r < list.n; r++) {
        const struct sgeo_table3_row *row = &list.rows[r];
        ck_assert_int_eq(row->kind, SGEO_TABLE3_SEARCHED);
        ck_assert_double_eq(row->level, 1.0);
        if (row->has_lambda) {
            ck_assert(row->lambda.zico == 0.0 && row->lambda.fr == 1.0 && row->lambda.loss == 1.0);
            fr++;
        }
        for (size_t t = 0; t < all.n; t++) {
            char a[1024], b[1024];
            sgeo_table3_name_search(a, &click_options, clicks.task, row);
            sgeo_table3_name_search(b, &click_options, clicks.task, &all.rows[t]);
            shared += all.rows[t].kind == SGEO_TABLE3_SEARCHED && strcmp(a, b) == 0;
        }
    }
    ck_assert_uint_eq(fr, 4);      /* two readings, two spaces */
    ck_assert_uint_eq(shared, 8);  /* with table 3: two readings of two scores, two spaces */
    ck_assert_uint_eq(list.n, 12); /* FR only is no search of that table */
}
END_TEST

/* --- points --- */

static void read_text(void)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "figure4.csv", text.bytes, text.length);
    ok(sgeo_csv_read(&csv, path));
}

static const char *field(size_t row, const char *column)
{
    ck_assert_uint_ne(sgeo_csv_column(&csv, column), SGEO_CSV_NONE);
    return sgeo_csv_cell(&csv, row, sgeo_csv_column(&csv, column));
}

static double number(size_t row, const char *column)
{
    double value = (double)NAN;
    ck_assert_msg(sgeo_parse_double(field(row, column), &value), "%s is no number: %s", column,
                  field(row, column));
    return value;
}

/* Two models that a search "found", under the name of SiGeo's row. */
START_TEST(test_figure4_points_are_the_trainings_of_what_was_found)
{
    struct sgeo_figure4_rows rows;
    const struct sgeo_table3_list list = sgeo_figure4_list(&rows);
    size_t r = 0;
    rig_cells[0] = rig_cells[3];
    table.n_cells = 1;
    ok(sgeo_table3_work(&table));
    while (strcmp(list.rows[r].method, "SiGeo") != 0) {
        r++;
    }
    rig_cells[0].row = &list.rows[r];
    sgeo_text_append(&text, "%s", sgeo_figure4_header);
    sgeo_figure4_put_all(&text, &table, &paper);
    read_text();
    ck_assert_uint_eq(csv.n_rows, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct sgeo_ctr_final *final = sgeo_ctr_finals_find(
            table.finals, clicks.task, &rig_cells[0].found[i], click_options.seed);
        ck_assert_double_eq_tol(number(i, "test_log_loss"), final->test.log_loss, 1e-8);
        ck_assert_double_eq_tol(number(i, "validation_log_loss"), final->valid.log_loss, 1e-8);
        ck_assert_str_eq(field(i, "model"), final->model);
        ck_assert_str_eq(field(i, "chosen"), i == rig_cells[0].chosen ? "yes" : "no");
        ck_assert_uint_eq((size_t)number(i, "place"), i + 1);
        ck_assert_str_eq(field(i, "data"), "generated");
        ck_assert_double_eq(number(i, "paper_value"), 0.4396); /* table 3, NASRec-Small */
        ck_assert_double_eq(number(i, "paper_line"), 0.4395);  /* NASRecNet */
        ck_assert_str_eq(field(i, "lambda1"), "");
    }
}
END_TEST

static const char first[] = "nasrec-small first", second[] = "nasrec-small second";

static void write_table(const char *models)
{
    static const char table_csv[] =
        "dataset,search_space,by,warmup_percent,paper_equivalent_percent,data\n"
        "Criteo,NASRec-Small,zico-nasrec,0,0,real sample\n"
        "Criteo,NASRec-Small,zico-nasrec,1,0.25,real sample\n";
    char path[SCRATCH_PATH_BYTES], folder[SCRATCH_PATH_BYTES], best[256];
    snprintf(best, sizeof best, "arch,score\n%s,2\n%s,1\n", first, second);
    scratch_path(folder, "t/searches/criteo-small-zico-nasrec-w1-s3");
    ok(sgeo_directory_create(folder));
    scratch_write(path, "t/searches/criteo-small-zico-nasrec-w1-s3/search_best.csv", best,
                  strlen(best));
    scratch_write(path, "t/table3.csv", table_csv, sizeof table_csv - 1);
    scratch_write(path, "t/models.csv", models, strlen(models));
}

static void collect_printed(const char *printed, void *context)
{
    (void)context;
    sgeo_text_append(&text, "%s", printed);
}

static enum sgeo_status derive(uint64_t seed)
{
    struct sgeo_options options = {.seed = seed, .n_ctr_tasks = 1};
    char directory[SCRATCH_PATH_BYTES];
    options.ctr_tasks[0] = clicks.task;
    scratch_path(directory, "t");
    sgeo_text_append(&text, "%s", sgeo_figure4_header);
    return sgeo_figure4_derive(&text, directory, &options, &paper);
}

/* The second seed of the first model, and a model of another data set, are not its points. */
START_TEST(test_figure4_from_table3_joins_searches_and_models)
{
    write_table("task,model,seed,params,valid_log_loss,test_log_loss,test_auc,status\n"
                "criteo,nasrec-small first,3,10,0.5,0.6,0.7,ok\n"
                "criteo,nasrec-small first,4,10,0.1,0.1,0.1,ok\n"
                "kdd12,nasrec-small second,3,20,0.1,0.1,0.1,ok\n"
                "criteo,nasrec-small second,3,20,0.25,999.99,,diverged\n");
    ok(derive(3));
    read_text();
    ck_assert_uint_eq(csv.n_rows, 2);
    ck_assert_str_eq(field(0, "model"), first);
    ck_assert_double_eq(number(0, "test_log_loss"), 0.6);
    ck_assert_double_eq(number(0, "paper_equivalent_percent"), 0.25);
    ck_assert_str_eq(field(0, "chosen"), "no");
    ck_assert_str_eq(field(0, "method"), "ZiCo");
    ck_assert_str_eq(field(0, "data"), "real sample");
    ck_assert_str_eq(field(1, "model"), second);
    ck_assert_str_eq(field(1, "chosen"), "yes");
    ck_assert_str_eq(field(1, "status"), "diverged");
    ck_assert_str_eq(field(1, "test_auc"), "");
    ck_assert_double_eq(number(1, "test_log_loss"), 999.99);
}
END_TEST

START_TEST(test_figure4_from_table3_says_what_is_missing)
{
    write_table("task,model,seed,params,valid_log_loss,test_log_loss,test_auc,status\n"
                "criteo,nasrec-small first,3,10,0.5,0.6,0.7,ok\n");
    ck_assert_int_eq(derive(3), SGEO_IO);
    assert_error_has("has not trained number 2 of ");
    ck_assert_int_eq(derive(4), SGEO_IO);
    assert_error_has("has no search of figure 4 with seed 4");
}
END_TEST

START_TEST(test_figure4_from_table3_takes_numbers_only)
{
    write_table("task,model,seed,params,valid_log_loss,test_log_loss,test_auc,status\n"
                "criteo,nasrec-small first,3,10,0.5,0.6,0.7,ok\n"
                "criteo,nasrec-small second,3,many,0.5,0.6,0.7,ok\n");
    ck_assert_int_eq(derive(3), SGEO_IO);
    assert_error_has("t/models.csv:3: params 'many' is no number");
    write_table("task,model,seed,params,valid_log_loss,test_log_loss,test_auc,status\n"
                "criteo,nasrec-small first,3,10,0.5,,0.7,ok\n"
                "criteo,nasrec-small second,3,20,0.5,0.6,0.7,ok\n");
    ck_assert_int_eq(derive(3), SGEO_IO);
    assert_error_has("t/models.csv:2: test_log_loss '' is no number");
}
END_TEST

static enum sgeo_status show(const struct sgeo_options *options)
{
    char directory[SCRATCH_PATH_BYTES], program[] = "bench_sigeo", *argv[] = {program};
    scratch_path(directory, "t");
    return sgeo_figure_run("4", options, directory, 1, argv, collect_printed, NULL, NULL);
}

START_TEST(test_figure4_from_a_folder_needs_a_place_for_its_file)
{
    const struct sgeo_options options = {.preset = SGEO_PRESET_SMOKE};
    write_table("task\ncriteo\n");
    ck_assert_int_eq(show(&options), SGEO_USAGE);
    assert_error_has("has no figure4.csv");
}
END_TEST

static const char two_models[] =
    "task,model,seed,params,valid_log_loss,test_log_loss,test_auc,status\n"
    "criteo,nasrec-small first,3,10,0.5,0.6,0.7,ok\n"
    "criteo,nasrec-small second,3,20,0.25,0.3,0.8,ok\n";

/* A figure 4 that ran in the folder before, of another seed, is not what is asked for. */
START_TEST(test_figure4_is_made_of_the_table_beside_an_older_figure)
{
    struct sgeo_options options = {.seed = 3, .n_ctr_tasks = 1, .workers = 1};
    char made[SCRATCH_PATH_BYTES], path[SCRATCH_PATH_BYTES];
    options.ctr_tasks[0] = clicks.task;
    write_table(two_models);
    scratch_write(path, "t/figure4.csv", "figure\n4\n", 9);
    scratch_path(made, "made");
    options.out = made;
    ok(show(&options));
    scratch_path(path, "made/figure4.csv");
    ok(sgeo_csv_read(&csv, path));
    ck_assert_uint_eq(csv.n_rows, 2);
    ck_assert_str_eq(field(0, "model"), first);
    ck_assert_str_eq(field(0, "seed"), "3");
    ck_assert_uint_eq(count_of(text.bytes, "zico-nasrec"), 1);
    scratch_path(path, "made/meta.json");
    ck_assert_int_gt((int)scratch_size(path), 0);
    ck_assert_int_eq(show(&options), SGEO_USAGE);
    assert_error_has("holds results without their journal");
}
END_TEST

START_TEST(test_figure4_that_is_there_is_printed_whole)
{
    struct sgeo_options options = {.seed = 3};
    char path[SCRATCH_PATH_BYTES];
    write_table(two_models);
    scratch_write(path, "t/figure4.csv", "figure\n4\n", 9);
    ck_assert_int_eq(show(&options), SGEO_USAGE);
    assert_error_has("takes no --seed");
    options = (struct sgeo_options){.n_ctr_tasks = 1};
    options.ctr_tasks[0] = clicks.task;
    ck_assert_int_eq(show(&options), SGEO_USAGE);
    assert_error_has("takes no --task");
}
END_TEST

/* --- boxes --- */

static void put(const char *method, const char *by, double loss, const char *chosen)
{
    sgeo_text_append(&text, "Criteo,NASRec-Small,%s,%s,%g,%s,%s,0.4396,0.4395,generated\n", method,
                     by, loss, chosen, loss > 900.0 ? "diverged" : "ok");
}

/* Models at equal distances from the first on. */
static void put_box(const char *method, size_t n, double from, double step, size_t chosen)
{
    for (size_t i = 0; i < n; i++) {
        put(method, "sigeo-nasrec", from + step * (double)i, i == chosen ? "yes" : "no");
    }
}

static struct sgeo_text printed;

static void start_figure(void)
{
    printed = (struct sgeo_text){0};
    sgeo_text_append(&text, "dataset,search_space,method,by,test_log_loss,chosen,status,"
                            "paper_value,paper_line,data\n");
}

static void print_figure(void)
{
    read_text();
    ok(sgeo_figure4_print(&printed, &csv));
}

/* Five and three models whose quartiles are known; p of 15 against 0 pairs is 2 / C(8,3). */
START_TEST(test_figure4_print_has_quartiles_and_a_test_against_sigeo)
{
    start_figure();
    put_box("FR only", 5, 0.54, -0.01, 2);
    put_box("SiGeo", 3, 0.40, 0.02, 0);
    print_figure();
    ck_assert_uint_eq(count_of(printed.bytes, "\nCriteo, NASRec-Small, generated; the paper's line "
                                              "0.4395\n"),
                      1);
    ck_assert_uint_eq(count_of(printed.bytes, "  5   0.5000  0.5100  0.5200  0.5300  0.5400   "
                                              "0.5200   0.4396  worse than SiGeo, p 0.036\n"),
                      1);
    ck_assert_uint_eq(count_of(printed.bytes, "  3   0.4000  0.4100  0.4200  0.4300  0.4400   "
                                              "0.4000   0.4396\n"),
                      1);
    sgeo_text_clear(&printed);
}
END_TEST

/* They are in no box, but the worst in the test. */
START_TEST(test_figure4_print_counts_models_that_diverged)
{
    start_figure();
    put_box("FR only", 4, 0.50, 0.01, 1);
    put("FR only", "sigeo-nasrec", 999.99, "no");
    put_box("SiGeo", 3, 0.40, 0.02, 0);
    put("ZiCo", "sigeo-nasrec", 999.99, "yes");
    print_figure();
    ck_assert_uint_eq(count_of(printed.bytes,
                               "  4   0.5000  0.5075  0.5150  0.5225  0.5300   0.5100   0.4396"
                               "  1 diverged  worse than SiGeo, p 0.036\n"),
                      1);
    ck_assert_uint_eq(count_of(printed.bytes,
                               "  0        -       -       -       -       - 999.9900   0.4396"
                               "  1 diverged  undecided against SiGeo, p 0.5\n"),
                      1);
    sgeo_text_clear(&printed);
}
END_TEST

/* Models of ZiCo and SiGeo alternate; those of FR only are all below. */
START_TEST(test_figure4_print_leaves_open_what_the_test_does)
{
    start_figure();
    put_box("FR only", 5, 0.30, 0.01, 0);
    put_box("ZiCo", 3, 0.41, 0.02, 0);
    put_box("SiGeo", 3, 0.40, 0.02, 0);
    print_figure();
    ck_assert_uint_eq(count_of(printed.bytes, "better than SiGeo, p 0.036\n"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "undecided against SiGeo, p 0.7\n"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "worse"), 0);
    sgeo_text_clear(&printed);
}
END_TEST

START_TEST(test_figure4_print_of_another_file_is_io)
{
    printed = (struct sgeo_text){0};
    sgeo_text_append(&text, "dataset,search_space\nCriteo,NASRec-Small\n");
    read_text();
    ck_assert_int_eq(sgeo_figure4_print(&printed, &csv), SGEO_IO);
    assert_error_has("has no column method");
    sgeo_text_clear(&printed);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("figure4");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_figure4_searches_by_every_term_alone_and_by_all);
    tcase_add_test(tcase, test_figure4_points_are_the_trainings_of_what_was_found);
    tcase_add_test(tcase, test_figure4_from_table3_joins_searches_and_models);
    tcase_add_test(tcase, test_figure4_from_table3_says_what_is_missing);
    tcase_add_test(tcase, test_figure4_from_table3_takes_numbers_only);
    tcase_add_test(tcase, test_figure4_from_a_folder_needs_a_place_for_its_file);
    tcase_add_test(tcase, test_figure4_is_made_of_the_table_beside_an_older_figure);
    tcase_add_test(tcase, test_figure4_that_is_there_is_printed_whole);
    tcase_add_test(tcase, test_figure4_print_has_quartiles_and_a_test_against_sigeo);
    tcase_add_test(tcase, test_figure4_print_counts_models_that_diverged);
    tcase_add_test(tcase, test_figure4_print_leaves_open_what_the_test_does);
    tcase_add_test(tcase, test_figure4_print_of_another_file_is_io);
    return run_case("harness/figure4", tcase);
}
