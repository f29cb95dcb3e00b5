/* Parameters of a NASRec path from and to the supernet's vectors: inheriting and handing back. */
#include "space/nasrec_supernet_slices.h"

#include "space/nasrec_runner.h"

/* Segment `name` (rows, narrow) of the path is those columns of the supernet's, from its row
 * first_row on. */
static void assert_columns(const struct sliced *sliced, const struct runner *runner,
                           const char *name, size_t wide, size_t first_row, const size_t *cols,
                           size_t narrow)
{
    size_t mine = sgeo_store_find(sliced->store, name);
    size_t theirs = sgeo_store_find(runner->store, name);
    ck_assert_msg(mine != SGEO_NONE && theirs != SGEO_NONE, "%s", name);
    const double *got = sliced->theta + sgeo_store_place(sliced->store, mine).offset;
    const double *from = runner->theta + sgeo_store_place(runner->store, theirs).offset;
    size_t rows = sgeo_store_segment(sliced->store, mine)->count / narrow;
    ck_assert_uint_eq(sgeo_store_segment(sliced->store, mine)->count, rows * narrow);
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < narrow; c++) {
            ck_assert_msg(got[r * narrow + c] == from[(first_row + r) * wide + cols[c]],
                          "%s, row %zu, column %zu", name, r, c);
        }
    }
}

START_TEST(test_nasrec_gather_takes_the_chosen_columns)
{
    const struct sgeo_nasrec_supernet supernet = small_supernet(SGEO_NASREC_FULL);
    const struct sgeo_nasrec_path path = skipping_path();
    size_t dense[DENSE + 24], rows[FIELDS + 15], side[24];
    struct runner runner;
    struct sliced sliced;
    for (size_t c = 0; c < DENSE + 24; c++) {
        dense[c] = c < DENSE ? c : 40 + c; /* behind the 40 of block 1 */
    }
    for (size_t c = 0; c < FIELDS + 15; c++) {
        rows[c] = c < FIELDS ? c : c < FIELDS + 7 ? 20 + c : 20 + 5 + c; /* 5 rows are masked */
    }
    for (size_t c = 0; c < 24; c++) {
        side[c] = DENSE + c; /* left: block 1 */
    }
    open_runner(&runner, &supernet);
    open_sliced(&sliced, &runner, &supernet, &path);
    assert_columns(&sliced, &runner, "block3.fc.linear.weight", DENSE + 80, 0, dense, DENSE + 24);
    assert_columns(&sliced, &runner, "block3.efc.linear.weight", FIELDS + 40, 0, rows, FIELDS + 15);
    assert_columns(&sliced, &runner, "block4.gate.self.weight", DENSE + 120, DENSE + 40, side, 24);
    assert_columns(&sliced, &runner, "block4.gate.self.bias", 1, DENSE + 40, (size_t[]){0}, 1);
    close_sliced(&sliced);
    close_runner(&runner);
}
END_TEST

/* What the path does not have keeps its value, and nothing is written twice. */
START_TEST(test_nasrec_scatter_writes_the_path_alone)
{
    enum sgeo_nasrec_space space = _i % 2 == 0 ? SGEO_NASREC_SMALL : SGEO_NASREC_FULL;
    const struct sgeo_nasrec_supernet supernet = small_supernet(space);
    const struct sgeo_nasrec_path path = small_path(space, _i / 2);
    struct runner runner;
    struct sliced sliced;
    open_runner(&runner, &supernet);
    open_sliced(&sliced, &runner, &supernet, &path);
    size_t total = sgeo_store_total(runner.store), written = 0;
    double *kept = rig_zeros(total, sizeof *kept), *marks = rig_zeros(total, sizeof *marks);
    memcpy(kept, runner.theta, total * sizeof *kept);
    rig_ok(sgeo_nasrec_scatter(&sliced.pair, kept, sliced.theta));
    ck_assert_mem_eq(kept, runner.theta, total * sizeof *kept);
    for (size_t i = 0; i < sgeo_store_total(sliced.store); i++) {
        sliced.grad[i] = 1.0;
    }
    rig_ok(sgeo_nasrec_scatter(&sliced.pair, marks, sliced.grad));
    for (size_t i = 0; i < total; i++) {
        written += marks[i] == 1.0; /* exactly as written */
    }
    ck_assert_uint_eq(written, sgeo_store_logical(sliced.store));
    sgeo_free(kept);
    sgeo_free(marks);
    close_sliced(&sliced);
    close_runner(&runner);
}
END_TEST

START_TEST(test_nasrec_gather_from_another_supernet_is_refused)
{
    const struct sgeo_nasrec_supernet full = small_supernet(SGEO_NASREC_FULL);
    struct sgeo_nasrec_supernet other = small_supernet(SGEO_NASREC_SMALL);
    const struct sgeo_nasrec_path path = skipping_path();
    struct runner runner, lacking, narrower;
    struct sliced sliced;
    open_runner(&runner, &full);
    open_runner(&lacking, &other); /* no gate */
    other = full;
    other.dense_dim = 32;
    open_runner(&narrower, &other);
    open_sliced(&sliced, &runner, &full, &path);
    sliced.pair.supernet = lacking.store;
    ck_assert_int_eq(sgeo_nasrec_gather(&sliced.pair, sliced.theta, lacking.theta), SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), "block4.gate") != NULL, "%s", sgeo_error_text());
    sliced.pair.supernet = narrower.store;
    ck_assert_int_eq(sgeo_nasrec_gather(&sliced.pair, sliced.theta, narrower.theta), SGEO_USAGE);
    ck_assert_int_eq(sgeo_nasrec_scatter(&sliced.pair, narrower.theta, sliced.theta), SGEO_USAGE);
    close_sliced(&sliced);
    close_runner(&runner);
    close_runner(&lacking);
    close_runner(&narrower);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasrec supernet slices");
    TCase *tcase = tcase_create("nasrec supernet slices");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_nasrec_gather_takes_the_chosen_columns);
    tcase_add_loop_test(tcase, test_nasrec_scatter_writes_the_path_alone, 0, 2 * PATHS);
    tcase_add_test(tcase, test_nasrec_gather_from_another_supernet_is_refused);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
