/* Checkpoints of a training: a training that goes on from one ends with the numbers of an
 * undisturbed one, and what is damaged or another's is refused. */
#include "space/ctr_state.h"

#include "base/suite.h"
#include "space/ctr_rig.h"

enum { STEPS = 30, CUT = 11, ROWS = 64 * 20, BATCH = 64 };

struct rest {
    double sum;
    size_t points;
};

static char path[SCRATCH_PATH_BYTES];

static void setup(void)
{
    scratch_create();
    scratch_path(path, "training.ckpt");
}

static struct sgeo_ctr_state state_of(const struct ctr_rig *rig, struct rest *rest)
{
    size_t bytes = rig->backend->ops->elem_bytes;
    return (struct sgeo_ctr_state){.theta = rig->use.theta,
                                   .tables = rig->use.tables,
                                   .squares = rig->squares,
                                   .dense_bytes = sgeo_store_total(rig->store) * bytes,
                                   .table_bytes = sgeo_embedding_total(rig->embedding) * bytes,
                                   .rest = rest,
                                   .rest_bytes = sizeof *rest};
}

static enum sgeo_status stop_at_cut(size_t step, double loss, void *context)
{
    (void)loss;
    (void)context;
    return step + 1 == CUT ? sgeo_fail(SGEO_INTERRUPTED, NULL, "cut") : SGEO_OK;
}

static enum sgeo_status train(struct ctr_rig *rig, size_t first, bool cut)
{
    struct sgeo_ctr_training_result result;
    struct ctr_planted planted = {.backend = rig->backend};
    const struct sgeo_ctr_training training = {.schedule = sgeo_ctr_standard_schedule(STEPS, 0.1),
                                               .source = {ROWS, ctr_read, &planted},
                                               .batch = BATCH,
                                               .first_step = first,
                                               .on_step = cut ? stop_at_cut : NULL};
    enum sgeo_status status = sgeo_ctr_train(&result, &rig->use, &rig->squares, &training);
    if (status == SGEO_OK) {
        ck_assert_uint_eq(result.steps, STEPS - first);
    }
    return status;
}

static void open_rig(struct ctr_rig *rig)
{
    ctr_open(rig, SGEO_F32, ctr_graph(&ctr_layout, 8), &ctr_layout, ctr_table_rows);
}

START_TEST(test_ctr_state_goes_on_to_the_same_numbers)
{
    struct ctr_rig whole, killed, resumed;
    struct rest rest = {.sum = 1.5, .points = 3}, again = {0};
    size_t steps = 0;
    open_rig(&whole);
    open_rig(&killed);
    open_rig(&resumed);
    rig_ok(train(&whole, 0, false));
    ck_assert_int_eq(train(&killed, 0, true), SGEO_INTERRUPTED);
    const struct sgeo_ctr_state saved = state_of(&killed, &rest);
    rig_ok(sgeo_ctr_state_save(&saved, path, "mine", CUT));
    const struct sgeo_ctr_state loaded = state_of(&resumed, &again);
    rig_ok(sgeo_ctr_state_load(&loaded, path, "mine", &steps));
    ck_assert_uint_eq(steps, CUT);
    ck_assert_double_eq(again.sum, rest.sum);
    ck_assert_uint_eq(again.points, rest.points);
    rig_ok(train(&resumed, steps, false));
    ck_assert_mem_eq(whole.use.theta, resumed.use.theta, loaded.dense_bytes);
    ck_assert_mem_eq(whole.use.tables, resumed.use.tables, loaded.table_bytes);
    ck_assert_mem_eq(whole.squares.tables, resumed.squares.tables, loaded.table_bytes);
    ctr_close(&whole);
    ctr_close(&killed);
    ctr_close(&resumed);
}
END_TEST

static void overwrite(long offset)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
    ck_assert_int_eq(fputc('~', file), '~');
    ck_assert_int_eq(fclose(file), 0);
}

/* The last byte of the rest, the middle, the magic. */
START_TEST(test_ctr_state_refuses_damage_and_others)
{
    static const struct {
        long offset;
        const char *words;
    } damages[] = {
        {-9, "is damaged (checksum)"}, {200, "is damaged (checksum)"}, {0, "wrong magic"}};
    struct ctr_rig rig;
    struct rest rest = {.sum = 1.5}, other = {.sum = 7.0};
    size_t steps = 77;
    open_rig(&rig);
    const struct sgeo_ctr_state state = state_of(&rig, &rest), into = state_of(&rig, &other);
    struct sgeo_ctr_state without = into;
    without.rest_bytes = 0;
    rig_ok(sgeo_ctr_state_save(&state, path, "mine", CUT));
    ck_assert_int_eq(sgeo_ctr_state_load(&into, path, "another's", &steps), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "other settings"));
    ck_assert_int_eq(sgeo_ctr_state_load(&without, path, "mine", &steps), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "wrong size"));
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        rig_ok(sgeo_ctr_state_save(&state, path, "mine", CUT));
        overwrite(damages[i].offset);
        ck_assert_int_eq(sgeo_ctr_state_load(&into, path, "mine", &steps), SGEO_IO);
        ck_assert_msg(strstr(sgeo_error_text(), damages[i].words) != NULL, "%s", sgeo_error_text());
    }
    ck_assert_double_eq(other.sum, 7.0);
    ck_assert_uint_eq(steps, 77);
    ctr_close(&rig);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_state");
    tcase_add_checked_fixture(tcase, setup, scratch_remove);
    tcase_add_test(tcase, test_ctr_state_goes_on_to_the_same_numbers);
    tcase_add_test(tcase, test_ctr_state_refuses_damage_and_others);
    return run_case("ctr_state", tcase);
}
