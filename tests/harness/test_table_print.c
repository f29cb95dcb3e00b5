/* The terminal layout of Table 2, from a small table made by hand. */
#include "harness/rig.h"
#include "harness/table_print.h"

#define HEADER                                                                                     \
    "table,task,proxy,warmup_percent,warmup_mode,warmup_steps,truth,statistic,value,ci_low,ci_"    \
    "high,n_archs,n_valid,"                                                                        \
    "n_nan,n_inf,n_tied,seeds,paper_value,delta,arch_list_sha256,data\n"

static const char table[] = HEADER
    "2,nb201-cf10,zico,0,none,0,val,spearman,0.75,0.7,0.8,1000,1000,0,0,0,1,0.74,0.01,abc,real\n"
    "2,nb201-cf10,zico,0,none,0,val,kendall,0.55,0.5,0.6,1000,1000,0,0,0,1,0.54,0.01,abc,real\n"
    "2,nb201-cf10,sigeo-naslib,0,none,0,val,spearman,0.76,0.7,0.8,1000,1000,0,0,0,1,0.78,-0.02,abc,"
    "real\n"
    "2,nb201-cf10,sigeo-naslib,0,none,0,val,spearman_gain_over_zico,0.01,-0.02,0.04,1000,1000,0,0,"
    "0,1,,,abc,real\n"
    "2,nb201-cf10,sigeo-naslib,10,supernet,55,val,spearman,0.8,0.7,0.9,300,300,0,0,0,1,,,abc,real\n"
    "2,nb201-cf10,sigeo-naslib,10,supernet,55,val,spearman_gain_over_zico,0.1,0.02,0.2,300,300,0,0,"
    "0,1,,,abc,real\n"
    "2,nb201-in16,zico,0,none,0,test,spearman,0.5,0.4,0.6,300,300,0,0,0,2,,,abc,stand-in\n";

static struct sgeo_text text;
static struct sgeo_csv csv;

static void setup(void)
{
    scratch_create();
    text = (struct sgeo_text){0};
    csv = (struct sgeo_csv){0};
}

static void teardown(void)
{
    sgeo_text_clear(&text);
    sgeo_csv_clear(&csv);
    scratch_remove();
}

static enum sgeo_status print(const char *content)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "table2.csv", content, strlen(content));
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    return sgeo_table_print(&text, &csv);
}

/* The line that holds `word`. */
static void line_of(char line[256], const char *word)
{
    const char *at = strstr(text.bytes, word);
    ck_assert_msg(at != NULL, "no %s in:\n%s", word, text.bytes);
    while (at > text.bytes && at[-1] != '\n') {
        at--;
    }
    snprintf(line, 256, "%.*s", (int)strcspn(at, "\n"), at);
}

static void assert_line(const char *of, const char *word)
{
    char line[256];
    line_of(line, of);
    ck_assert_msg(strstr(line, word) != NULL, "no '%s' in '%s'", word, line);
}

START_TEST(test_table_print_has_a_block_per_task_and_cold_rows_join_the_warm_ones)
{
    ck_assert_int_eq(print(table), SGEO_OK);
    ck_assert_uint_eq(count_of(text.bytes, "accuracy, warm-up mode"), 2);
    assert_line("nb201-cf10 against", "val accuracy, warm-up mode supernet, 1 seed, real images");
    assert_line("nb201-in16 against", "test accuracy, warm-up mode none, 2 seeds, stand-in images");
    ck_assert_uint_eq(count_of(text.bytes, " rho "), 4); /* every correlation once */
}
END_TEST

START_TEST(test_table_print_names_a_surrogates_accuracy)
{
    ck_assert_int_eq(
        print(HEADER
              "2,nb301-cf10,zico,0,none,0,val,spearman,0.5,0.4,0.6,300,300,0,0,0,2,,,abc,real\n"),
        SGEO_OK);
    assert_line("nb301-cf10 against", "val accuracy by a surrogate, warm-up mode");
}
END_TEST

START_TEST(test_table_print_cell_has_interval_kendall_paper_and_difference)
{
    ck_assert_int_eq(print(table), SGEO_OK);
    assert_line("rho  0.750", "[ 0.700,  0.800]");
    assert_line("rho  0.750", "tau  0.550");
    assert_line("rho  0.750", "paper 0.74 (+0.010)");
    assert_line("rho  0.750", "n=1000");
}
END_TEST

START_TEST(test_table_print_no_paper_value_on_other_samples)
{
    char line[256];
    ck_assert_int_eq(print(table), SGEO_OK);
    line_of(line, "rho  0.500");
    ck_assert_ptr_null(strstr(line, "paper"));
}
END_TEST

START_TEST(test_table_print_difference_whose_interval_holds_zero_is_undecided)
{
    ck_assert_int_eq(print(table), SGEO_OK);
    assert_line("rho  0.760", "undecided against ZiCo");
    assert_line("rho  0.800", "better than ZiCo (+0.100 [+0.020, +0.200])");
}
END_TEST

START_TEST(test_table_print_foreign_file_is_io_with_its_column)
{
    ck_assert_int_eq(print("task,proxy\nnb201-cf10,zico\n"), SGEO_IO);
    assert_error_has("no column warmup_percent");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table_print");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_table_print_has_a_block_per_task_and_cold_rows_join_the_warm_ones);
    tcase_add_test(tcase, test_table_print_names_a_surrogates_accuracy);
    tcase_add_test(tcase, test_table_print_cell_has_interval_kendall_paper_and_difference);
    tcase_add_test(tcase, test_table_print_no_paper_value_on_other_samples);
    tcase_add_test(tcase, test_table_print_difference_whose_interval_holds_zero_is_undecided);
    tcase_add_test(tcase, test_table_print_foreign_file_is_io_with_its_column);
    return run_case("table_print", tcase);
}
