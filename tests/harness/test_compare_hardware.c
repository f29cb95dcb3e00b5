/* Result folders of several processors side by side: values worked out by hand. */
#include "base/csv.h"
#include "harness/compare_hardware.h"
#include "rig.h"

#define KERNELS_HEADER "kernel,isa,cache,shape,status,seconds_median,roof_value\n"

static char folders[3][SCRATCH_PATH_BYTES];
static const char *const list[3] = {folders[0], folders[1], folders[2]};

static void write_in(const char *name, const char *text)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, name, text, strlen(text));
}

/* old: two tiers; new: twice and eight times as fast, a memory three times as fast. */
static void setup(void)
{
    static const char *const names[3] = {"old", "new", "other"};
    scratch_create();
    for (size_t i = 0; i < 3; i++) {
        scratch_path(folders[i], names[i]);
        ck_assert_int_eq(mkdir(folders[i], 0777), 0);
    }
    write_in("old/kernels.csv", KERNELS_HEADER "read:DRAM,,,,roof,,10\n"
                                               "op,scalar,hot,n=1,ok,8,10\n"
                                               "op,avx2,hot,n=1,ok,4,10\n"
                                               "op,avx2,hot,n=2,ok,8,10\n"
                                               "op,avx2,cold,n=1,failed,,\n");
    write_in("new/kernels.csv", KERNELS_HEADER "read:DRAM,,,,roof,,30\n"
                                               "op,avx512,hot,n=1,ok,2,30\n"
                                               "op,avx512,hot,n=2,ok,1,30\n"
                                               "op,avx512,cold,n=1,ok,1,30\n");
    write_in("old/scores.csv", "task,proxy,seconds_cpu,status\nt,zico,1,ok\nt,zico,3,ok\n");
    write_in("new/scores.csv", "task,proxy,seconds_cpu,status\nt,zico,1,ok\nt,zico,9,nan\n");
}

static void teardown(void)
{
    scratch_remove();
}

static double cell(const struct sgeo_csv *csv, const char *quantity, const char *hardware,
                   const char *column)
{
    double value = -1.0;
    for (size_t row = 0; row < csv->n_rows; row++) {
        if (strcmp(sgeo_csv_cell(csv, row, sgeo_csv_column(csv, "quantity")), quantity) == 0 &&
            strcmp(sgeo_csv_cell(csv, row, sgeo_csv_column(csv, "hardware")), hardware) == 0) {
            sgeo_parse_double(sgeo_csv_cell(csv, row, sgeo_csv_column(csv, column)), &value);
        }
    }
    return value;
}

START_TEST(test_compare_hardware_csv_has_every_quantity)
{
    char out[SCRATCH_PATH_BYTES], path[SCRATCH_PATH_BYTES];
    struct sgeo_text text = {0};
    struct sgeo_csv csv;
    scratch_path(out, "out");
    scratch_path(path, "out/hardware.csv");
    ck_assert_int_eq(sgeo_compare_hardware(list, 2, out, collect, &text), SGEO_OK);
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    ck_assert(cell(&csv, "op hot n=1", "old", "value") == 4.0); /* its best instruction set */
    ck_assert(cell(&csv, "op hot n=1", "new", "speed") == 2.0);
    ck_assert(cell(&csv, "op hot n=2", "new", "speed") == 8.0);
    ck_assert(cell(&csv, "read:DRAM", "new", "speed") == 3.0);
    ck_assert(cell(&csv, "t zico", "old", "value") == 2.0); /* the mean of its rows */
    ck_assert(cell(&csv, "t zico", "new", "speed") == 2.0); /* scores that failed do not count */
    ck_assert(cell(&csv, "op cold n=1", "new", "value") == 1.0);
    ck_assert(cell(&csv, "op cold n=1", "new", "speed") == -1.0); /* nothing to compare with */
    sgeo_csv_clear(&csv);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_compare_hardware_table_shows_geometric_means)
{
    struct sgeo_text text = {0};
    ck_assert_int_eq(sgeo_compare_hardware(list, 2, NULL, collect, &text), SGEO_OK);
    ck_assert_ptr_nonnull(strstr(text.bytes, "Speed relative to old"));
    const char *hot = strstr(text.bytes, "  op hot ");
    ck_assert_ptr_nonnull(hot);
    ck_assert_ptr_nonnull(strstr(hot, "4.00x    (2)"));
    ck_assert_uint_eq(count_of(text.bytes, "geometric mean "), 3);
    ck_assert_uint_eq(count_of(text.bytes, " \n"), 0);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_compare_hardware_refuses_what_is_not_comparable)
{
    struct sgeo_text text = {0};
    ck_assert_int_eq(sgeo_compare_hardware(list, 1, NULL, collect, &text), SGEO_USAGE);
    ck_assert_int_eq(sgeo_compare_hardware(list, 3, NULL, collect, &text), SGEO_IO);
    assert_error_has("other has neither");
    write_in("other/kernels.csv", "kernel,isa\nop,avx2\n");
    ck_assert_int_eq(sgeo_compare_hardware(list, 3, NULL, collect, &text), SGEO_IO);
    assert_error_has("other/kernels.csv has no column");
    ck_assert_ptr_null(text.bytes);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("compare_hardware");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_compare_hardware_csv_has_every_quantity);
    tcase_add_test(tcase, test_compare_hardware_table_shows_geometric_means);
    tcase_add_test(tcase, test_compare_hardware_refuses_what_is_not_comparable);
    return run_case("compare_hardware", tcase);
}
