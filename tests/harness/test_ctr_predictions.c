/* Kept predictions: they survive, damage and other rows are found. */
#include "harness/ctr_predictions.h"

#include "harness/rig.h"

static char out[SCRATCH_PATH_BYTES];

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
}

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

START_TEST(test_ctr_predictions_survive_and_damage_is_found)
{
    static const double logits[3] = {0.5, -1.25, 3.0};
    struct sgeo_ctr_final record = {.task = sgeo_ctr_task_find("avazu"),
                                    .model = "dlrm",
                                    .seed = 4,
                                    .settings = "0123456789abcdef"};
    char path[2 * SCRATCH_PATH_BYTES];
    double got[3] = {7.0, 7.0, 7.0};
    ck_assert(!sgeo_ctr_predictions_exist(out, &record));
    ok(sgeo_ctr_predictions_write(out, &record, logits, 3));
    ck_assert(sgeo_ctr_predictions_exist(out, &record));
    ok(sgeo_ctr_predictions_read(got, 3, out, &record));
    ck_assert_mem_eq(got, logits, sizeof got);
    got[0] = 7.0;
    ck_assert_int_eq(sgeo_ctr_predictions_read(got, 2, out, &record), SGEO_IO);
    record.seed = 5;
    ck_assert_int_eq(sgeo_ctr_predictions_read(got, 3, out, &record), SGEO_IO);
    record.seed = 4;
    snprintf(path, sizeof path, "%s/predictions", out);
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strstr(entry->d_name, ".bin") != NULL) {
            snprintf(path, sizeof path, "%s/predictions/%.100s", out, entry->d_name);
            FILE *file = fopen(path, "r+b");
            ck_assert_ptr_nonnull(file);
            ck_assert_int_eq(fseek(file, -12, SEEK_END), 0);
            ck_assert_int_eq(fputc('X', file), 'X');
            ck_assert_int_eq(fclose(file), 0);
        }
    }
    ck_assert_int_eq(closedir(folder), 0);
    ck_assert_int_eq(sgeo_ctr_predictions_read(got, 3, out, &record), SGEO_IO);
    assert_error_has("is damaged");
    ck_assert_double_eq(got[0], 7.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_predictions");
    tcase_add_checked_fixture(tcase, setup, scratch_remove);
    tcase_add_test(tcase, test_ctr_predictions_survive_and_damage_is_found);
    return run_case("ctr_predictions", tcase);
}
