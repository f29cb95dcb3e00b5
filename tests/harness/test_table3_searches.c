/*
 * The searches of Table 3 as jobs: what they find and cost, that searches of one supernet share its
 * training, progress of the whole, the end of all when one fails.
 */
#include "harness/table3_searches.h"

#include "base/csv.h"
#include "harness/table3_rig.h"

static double last_fraction;
static size_t last_done, calls;

static void note_progress(const struct sgeo_progress *progress, void *context)
{
    ck_assert_ptr_eq(context, &table);
    ck_assert_uint_eq(progress->jobs_total, table.n_cells);
    ck_assert(progress->fraction >= last_fraction && progress->fraction < 1.0 + 1e-9);
    ck_assert_uint_ge(progress->jobs_done, last_done);
    last_fraction = progress->fraction;
    last_done = progress->jobs_done;
    calls++;
}

/* A searched row of NASRec-Small. */
static const struct sgeo_table3_row *searched_row(const char *proxy, double level)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    const struct sgeo_table3_row *rows = list.rows;
    size_t n = list.n, r = 0;
    while (r < n && !(rows[r].proxy != NULL && strcmp(rows[r].proxy, proxy) == 0 &&
                      rows[r].space == SGEO_NASREC_SMALL && rows[r].level == level)) {
        r++;
    }
    ck_assert_uint_lt(r, n);
    return &rows[r];
}

static void add(const char *proxy, double level)
{
    rig_cells[table.n_cells++] = (struct sgeo_table3_cell){
        .row = searched_row(proxy, level), .clicks = &clicks, .retraining = (double)NAN};
}

/* Rows as a search opens them. */
static void setup(void)
{
    const struct sgeo_search_size size = sgeo_search_size(SGEO_PRESET_SMOKE);
    scratch_create();
    clicks_open("criteo", NULL, &size);
    click_options.preset = SGEO_PRESET_SMOKE;
    click_options.batches = 2;
    click_options.batch_size = 8;
    table = (struct sgeo_table3){.options = &click_options,
                                 .size = size,
                                 .sets = &clicks,
                                 .n_sets = 1,
                                 .cells = rig_cells,
                                 .progress = note_progress,
                                 .progress_context = &table};
    last_fraction = 0.0;
    last_done = calls = 0;
}

/* The search_best.csv of a cell. */
static void read_best(struct sgeo_csv *csv, const struct sgeo_table3_cell *cell)
{
    char path[SGEO_TABLE3_PATH], file[SGEO_TABLE3_PATH + 32];
    sgeo_table3_name_search(path, &click_options, clicks.task, cell->row);
    snprintf(file, sizeof file, "%s/search_best.csv", path);
    ok(sgeo_csv_read(csv, file));
}

START_TEST(test_table3_search_finds_the_best_of_each_search)
{
    add("zico-nasrec", 0.0);
    add("sigeo-nasrec", 0.0);
    ck_assert(!sgeo_table3_share_supernet(&rig_cells[0], &rig_cells[1])); /* none is trained */
    ok(sgeo_table3_search(&table));
    for (size_t i = 0; i < table.n_cells; i++) {
        const struct sgeo_table3_cell *cell = &rig_cells[i];
        struct sgeo_csv csv;
        read_best(&csv, cell);
        ck_assert_uint_eq(cell->n_found, table.size.best);
        for (size_t f = 0; f < cell->n_found; f++) {
            char text[SGEO_NASREC_TEXT_MAX];
            sgeo_ctr_named_text(text, &cell->found[f]);
            ck_assert_str_eq(text, sgeo_csv_cell(&csv, f, sgeo_csv_column(&csv, "arch")));
        }
        ck_assert_double_gt(cell->search, 0.0);
        sgeo_csv_clear(&csv);
    }
    ck_assert_double_eq_tol(last_fraction, 1.0, 1e-9);
    ck_assert_uint_eq(last_done, 2);
    ck_assert_uint_ge(calls, 2 * sgeo_evolution_evaluations(&table.size.evolution));
}
END_TEST

static ino_t checkpoint_number(void)
{
    struct stat about;
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/checkpoints/nasrec-small-criteo-w1-s3.ckpt", click_out);
    ck_assert_int_eq(stat(path, &about), 0);
    return about.st_ino;
}

static ino_t first_number; /* of the checkpoint when the first search is over */

static void note_checkpoint(const struct sgeo_progress *progress, void *context)
{
    note_progress(progress, context);
    if (progress->jobs_done == 1 && first_number == 0) {
        first_number = checkpoint_number();
    }
}

/* A checkpoint that is written again is another file. */
START_TEST(test_table3_searches_of_one_supernet_train_it_once)
{
    add("zico-nasrec", 1.0);
    add("sigeo-nasrec", 1.0);
    table.progress = note_checkpoint;
    ck_assert(sgeo_table3_share_supernet(&rig_cells[0], &rig_cells[1]));
    ok(sgeo_table3_search(&table));
    ck_assert(first_number != 0 && first_number == checkpoint_number());
    ck_assert_double_gt(rig_cells[1].preparation, 0.0);
    ck_assert_uint_eq(last_done, 2);
}
END_TEST

/* The job whose checkpoint is none fails; the other one is not waited for. */
START_TEST(test_table3_search_ends_as_the_first_that_fails)
{
    char path[SCRATCH_PATH_BYTES];
    add("sigeo-nasrec", 0.0);
    add("sigeo-eq6", 1.0);
    tiny_folder("out/checkpoints");
    scratch_write(path, "out/checkpoints/nasrec-small-criteo-w1-s3.ckpt", "none", 4);
    ck_assert_int_eq(sgeo_table3_search(&table), SGEO_IO);
    assert_error_has("is not a checkpoint of a training");
    ck_assert_uint_eq(rig_cells[1].n_found, 0);
    ck_assert_uint_lt(calls, sgeo_evolution_evaluations(&table.size.evolution));
}
END_TEST

START_TEST(test_table3_without_searches_has_nothing_to_search)
{
    rig_cell("DLRM", "dlrm", NULL);
    ok(sgeo_table3_search(&table));
    ck_assert_uint_eq(rig_cells[0].n_found, 1);
    ck_assert_uint_eq(calls, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3_searches");
    tcase_add_checked_fixture(tcase, setup, clicks_destroy);
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, test_table3_search_finds_the_best_of_each_search);
    tcase_add_test(tcase, test_table3_searches_of_one_supernet_train_it_once);
    tcase_add_test(tcase, test_table3_search_ends_as_the_first_that_fails);
    tcase_add_test(tcase, test_table3_without_searches_has_nothing_to_search);
    return run_case("table3_searches", tcase);
}
