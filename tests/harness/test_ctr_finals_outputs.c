/* The files of trainings: a row per training, and per point of its curve; runs that share a folder
 * keep each other's. */
#include "harness/ctr_finals_outputs.h"

#include "base/csv.h"
#include "harness/clicks_rig.h"

static struct sgeo_ctr_finals *finals;

static void setup(void)
{
    clicks_create("avazu");
    finals = NULL;
}

static void teardown(void)
{
    sgeo_ctr_finals_close(finals);
    clicks_destroy();
}

static void add(const char *name)
{
    struct sgeo_ctr_named model;
    ok(sgeo_ctr_named_parse(&model, name));
    ok(sgeo_ctr_finals_add(finals, &clicks, &model, 1, 1));
}

START_TEST(test_ctr_finals_files_have_a_row_per_training_and_point)
{
    struct sgeo_text models = {0}, curves = {0};
    char path[2 * SCRATCH_PATH_BYTES];
    size_t points = 0;
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm");
    add("avazu-small");
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    for (size_t i = 0; i < 2; i++) {
        points += sgeo_ctr_finals_at(finals, i)->n_points;
    }
    sgeo_ctr_models_write(&models, finals);
    sgeo_ctr_curves_write(&curves, finals);
    ck_assert_uint_eq(count_of(models.bytes, "\n"), 3);
    ck_assert_uint_eq(count_of(models.bytes, "\navazu,dlrm,1,"), 1);
    ck_assert_uint_eq(count_of(models.bytes, ",ok\n"), 2);
    ck_assert_uint_eq(count_of(curves.bytes, "\navazu,"), points);
    ok(sgeo_ctr_finals_publish(click_out, finals));
    snprintf(path, sizeof path, "%s/models.csv", click_out);
    ck_assert_int_eq(scratch_size(path), (long long)models.length);
    snprintf(path, sizeof path, "%s/curves.csv", click_out);
    ck_assert_int_eq(scratch_size(path), (long long)curves.length);
    sgeo_text_clear(&models);
    sgeo_text_clear(&curves);
}
END_TEST

static void read_out(struct sgeo_csv *csv, const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", click_out, name);
    ok(sgeo_csv_read(csv, path));
}

static void reopen(void)
{
    sgeo_ctr_finals_close(finals);
    finals = NULL;
    click_options.resume = true;
    ok(sgeo_ctr_finals_open(&finals, &click_options));
}

static void train_and_publish(void)
{
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    ok(sgeo_ctr_finals_publish(click_out, finals));
}

/* Two runs in a folder: the second asks for one model, and leaves the rows of the first, sorted,
 * behind its own; a training without predictions is no training. */
START_TEST(test_ctr_finals_files_keep_the_rows_of_other_runs)
{
    struct sgeo_csv before, models, curves;
    char path[2 * SCRATCH_PATH_BYTES];
    size_t points = 0;
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm");
    add("deepfm");
    train_and_publish();
    read_out(&before, "models.csv");
    for (size_t i = 0; i < 2; i++) {
        points += sgeo_ctr_finals_at(finals, i)->n_points;
    }
    reopen();
    add("dcnv2");
    train_and_publish();
    points += sgeo_ctr_finals_at(finals, 0)->n_points;
    read_out(&models, "models.csv");
    read_out(&curves, "curves.csv");
    ck_assert_uint_eq(models.n_rows, 3);
    ck_assert_str_eq(sgeo_csv_field(&models, 0, "model"), "dcnv2");
    for (size_t c = 0; c < models.n_columns; c++) {
        ck_assert_str_eq(sgeo_csv_cell(&models, 1, c), sgeo_csv_cell(&before, 1, c)); /* deepfm */
        ck_assert_str_eq(sgeo_csv_cell(&models, 2, c), sgeo_csv_cell(&before, 0, c)); /* dlrm */
    }
    ck_assert_uint_eq(curves.n_rows, points);
    sgeo_csv_clear(&before);
    sgeo_csv_clear(&models);
    sgeo_csv_clear(&curves);
    snprintf(path, sizeof path, "%s/predictions", click_out);
    scratch_remove_tree(path);
    reopen();
    add("dcnv2");
    train_and_publish();
    read_out(&models, "models.csv");
    ck_assert_uint_eq(models.n_rows, 1);
    sgeo_csv_clear(&models);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_finals_outputs");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_ctr_finals_files_have_a_row_per_training_and_point);
    tcase_add_test(tcase, test_ctr_finals_files_keep_the_rows_of_other_runs);
    return run_case("ctr_finals_outputs", tcase);
}
