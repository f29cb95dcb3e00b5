/* --train-truth: the stratified list, and results that come from the journal. Nothing is trained
 * here. */
#include "base/csv.h"
#include "base/file.h"
#include "data/images.h"
#include "harness/rig.h"
#include "harness/truth_training.h"
#include "space/nb201.h"

enum { ARCHS = 14 };

static struct sgeo_options options;
static const struct sgeo_task *task;

static void setup(void)
{
    scratch_create();
    task = sgeo_task_embedded();
    options = (struct sgeo_options){.n_archs = ARCHS,
                                    .epochs = 3,
                                    .batches = 2,
                                    .batch_size = 2,
                                    .workers = 1,
                                    .resume = true,
                                    .out = scratch_directory};
}

/* False where this machine has no Fashion-MNIST. */
static bool data_id(char id[SGEO_DATA_ID])
{
    struct sgeo_feed *feed = NULL;
    if (sgeo_feed_open(&feed, task, NULL, false) != SGEO_OK) {
        fprintf(stderr, "skipped: %s\n", sgeo_error_text());
        return false;
    }
    snprintf(id, SGEO_DATA_ID, "%s", sgeo_feed_data_id(feed));
    sgeo_feed_close(feed);
    return true;
}

/* A journal in which the whole space is measured already: val is the number of the cell in
 * thousandths. */
static void write_journal(const char *id)
{
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    sgeo_text_append(
        &text, "{\"journal\":1,\"truth\":\"%s\",\"epochs\":3,\"images\":%zu,\"data\":\"%s\"}\n",
        task->name, SGEO_TRUTH_IMAGES, id);
    for (size_t cell = 0; cell < SGEO_NB201_CELLS; cell++) {
        struct sgeo_record record = {
            .key = {.kind = SGEO_JOB_TRUTH, .task = task, .arch_index = cell}, .seconds = 1.0};
        struct sgeo_arch arch;
        sgeo_nb201_enumerate(&arch, cell);
        sgeo_nb201.encode(record.arch, &arch);
        snprintf(record.data, sizeof record.data, "%s", id);
        record.val = (double)cell / 1000.0;
        sgeo_record_write(&text, &record);
        sgeo_text_append(&text, "\n");
    }
    scratch_write(path, "journal.jsonl", text.bytes, text.length);
    sgeo_text_clear(&text);
}

static struct sgeo_text said;

static enum sgeo_status train(void)
{
    return sgeo_train_truth(&options, task, collect, &said, NULL, NULL);
}

static size_t convolutions(const char *arch)
{
    return count_of(arch, "nor_conv");
}

START_TEST(test_truth_training_without_a_result_folder_is_usage)
{
    options.out = NULL;
    ck_assert_int_eq(train(), SGEO_USAGE);
}
END_TEST

START_TEST(test_truth_training_publishes_the_journals_rows_in_list_order)
{
    char id[SGEO_DATA_ID], path[SCRATCH_PATH_BYTES];
    struct sgeo_csv csv = {0};
    if (!data_id(id)) {
        return;
    }
    write_journal(id);
    ck_assert_msg(train() == SGEO_OK, "%s", sgeo_error_text());
    scratch_path(path, "accuracy.csv");
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    ck_assert_uint_eq(csv.n_rows, ARCHS);
    for (size_t r = 0; r < ARCHS; r++) {
        const char *arch = sgeo_csv_cell(&csv, r, sgeo_csv_column(&csv, "arch"));
        struct sgeo_arch cell;
        double index, val;
        ck_assert_int_eq(sgeo_nb201.decode(&cell, arch), SGEO_OK);
        ck_assert(sgeo_nb201_has_path(&cell));
        ck_assert(
            sgeo_parse_double(sgeo_csv_cell(&csv, r, sgeo_csv_column(&csv, "index")), &index));
        ck_assert(sgeo_parse_double(sgeo_csv_cell(&csv, r, sgeo_csv_column(&csv, "val")), &val));
        ck_assert(index == (double)r); /* tables take a prefix by this column */
        ck_assert_double_eq_tol(val, (double)sgeo_nb201_index(&cell) / 1000.0,
                                1e-9); /* its own measurement */
        ck_assert_uint_eq(convolutions(arch),
                          r % 7); /* any prefix spreads over 0..6 convolutions */
    }
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_truth_training_refuses_a_run_that_is_there_and_a_foreign_journal)
{
    char id[SGEO_DATA_ID];
    if (!data_id(id)) {
        return;
    }
    write_journal("0000000000000000");
    ck_assert_int_eq(train(), SGEO_USAGE);
    options.resume = false;
    ck_assert_int_eq(train(), SGEO_USAGE);
    assert_error_has("holds a run already");
}
END_TEST

START_TEST(test_truth_training_of_a_dry_run_tells_its_size_and_does_nothing)
{
    char id[SGEO_DATA_ID], path[SCRATCH_PATH_BYTES];
    if (!data_id(id)) {
        return;
    }
    options.dry_run = true;
    ck_assert_int_eq(train(), SGEO_OK);
    ck_assert_msg(strstr(said.bytes, "14 architectures, 3 epochs of 20000 images") != NULL, "%s",
                  said.bytes);
    sgeo_text_clear(&said);
    scratch_path(path, "journal.jsonl");
    ck_assert(!sgeo_file_exists(path));
    scratch_path(path, "accuracy.csv");
    ck_assert(!sgeo_file_exists(path));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("truth_training");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, scratch_remove);
    tcase_add_test(tcase, test_truth_training_without_a_result_folder_is_usage);
    tcase_add_test(tcase, test_truth_training_publishes_the_journals_rows_in_list_order);
    tcase_add_test(tcase, test_truth_training_refuses_a_run_that_is_there_and_a_foreign_journal);
    tcase_add_test(tcase, test_truth_training_of_a_dry_run_tells_its_size_and_does_nothing);
    return run_case("truth_training", tcase);
}
