/* The paper's numbers, as printed in its Table 2. */
#include <math.h>

#include "base/suite.h"
#include "harness/paper.h"

static struct sgeo_csv csv;

static double value(const char *task, const char *proxy, double level, const char *statistic)
{
    return sgeo_paper_table2_value(&csv, sgeo_task_find(task), sgeo_proxy_find(proxy), level,
                                   statistic);
}

static void setup(void)
{
    ck_assert_int_eq(sgeo_paper_read(&csv, "2"), SGEO_OK);
}

static void teardown(void)
{
    sgeo_csv_clear(&csv);
}

START_TEST(test_paper_values_are_those_of_table_2)
{
    ck_assert(value("nb201-cf10", "zico", 0, "spearman") == 0.74);
    ck_assert(value("nb201-cf10", "zico", 0, "kendall") == 0.54);
    ck_assert(value("nb201-cf10", "sigeo-naslib", 20, "spearman") == 0.84);
    ck_assert(value("nb201-cf10", "sigeo-naslib", 20, "kendall") == 0.65);
    ck_assert(value("nb201-cf100", "zico", 0, "spearman") == 0.78);
    ck_assert(value("nb201-in16", "sigeo-naslib", 100, "kendall") == 0.68);
}
END_TEST

START_TEST(test_paper_every_reading_of_sigeo_has_its_value)
{
    ck_assert(value("nb201-cf10", "sigeo-eq6", 20, "spearman") ==
              value("nb201-cf10", "sigeo-naslib", 20, "spearman"));
}
END_TEST

START_TEST(test_paper_has_no_value_where_it_printed_none)
{
    ck_assert(isnan(value("nb201-cf10", "zico", 1, "spearman")));
    ck_assert(isnan(value("nb201-cf10", "params", 0, "spearman")));
    ck_assert(isnan(value("nb201-cf10", "zico", 0, "regret")));
    ck_assert(isnan(value("nb201-fmnist", "zico", 0, "spearman")));
    ck_assert(isnan(
        sgeo_paper_table2_value(&csv, sgeo_task_find("nb201-cf10"), NULL, 0, "ceiling_spearman")));
}
END_TEST

START_TEST(test_paper_values_are_those_of_tables_1_and_4)
{
    const struct sgeo_task *task = sgeo_task_find("nb201-cf10");
    const struct sgeo_lambda printed = {10.0, 1.0, 1.0}, other = {2.0, 1.0, 1.0};
    struct sgeo_csv table;
    ck_assert_int_eq(sgeo_paper_read(&table, "1"), SGEO_OK);
    ck_assert(sgeo_paper_table1_value(&table, task, sgeo_proxy_find("flops"), "spearman") == 0.69);
    ck_assert(sgeo_paper_table1_value(&table, task, sgeo_proxy_find("plain"), "spearman") == -0.26);
    ck_assert(isnan(sgeo_paper_table1_value(&table, task, sgeo_proxy_find("meco-opt"), "kendall")));
    sgeo_csv_clear(&table);
    ck_assert_int_eq(sgeo_paper_read(&table, "4"), SGEO_OK);
    const struct sgeo_proxy *sigeo = sgeo_proxy_find("sigeo-naslib");
    double value = sgeo_paper_table4_value(&table, task, sigeo, 10, &printed, "spearman");
    ck_assert(value > 0.7 && value < 0.9); /* ZiCo's own row of Table 2, as the paper has it */
    ck_assert(isnan(sgeo_paper_table4_value(&table, task, sigeo, 10, &other, "spearman")));
    ck_assert(isnan(
        sgeo_paper_table4_value(&table, task, sgeo_proxy_find("zico"), 10, &printed, "spearman")));
    sgeo_csv_clear(&table);
}
END_TEST

/* The order of columns, and a cell that the paper left empty. */
START_TEST(test_paper_values_are_those_of_table_3)
{
    struct sgeo_csv table;
    ck_assert_int_eq(sgeo_paper_read(&table, "3"), SGEO_OK);
    ck_assert(sgeo_paper_table3_value(&table, "sub-one-shot", "SiGeo", "NASRec-Small", "Criteo",
                                      "log_loss") == 0.4396);
    ck_assert(sgeo_paper_table3_value(&table, "one-shot", "SiGeo", "NASRec-Small", "Criteo",
                                      "log_loss") == 0.4399);
    ck_assert(sgeo_paper_table3_value(&table, "zero-shot", "ZiCo", "NASRec-Full", "KDD Cup 2012",
                                      "auc") == 0.8177);
    ck_assert(sgeo_paper_table3_value(&table, "one-shot", "NASRecNet", "NASRec-Full", "all",
                                      "search_cost_gpu_days") == 0.3);
    ck_assert(
        isnan(sgeo_paper_table3_value(&table, "hand-crafted", "xDeepFM", "", "Avazu", "log_loss")));
    ck_assert(
        isnan(sgeo_paper_table3_value(&table, "hand-crafted", "DCNv2", "", "Criteo", "log_loss")));
    sgeo_csv_clear(&table);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("paper");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_paper_values_are_those_of_table_2);
    tcase_add_test(tcase, test_paper_every_reading_of_sigeo_has_its_value);
    tcase_add_test(tcase, test_paper_has_no_value_where_it_printed_none);
    tcase_add_test(tcase, test_paper_values_are_those_of_tables_1_and_4);
    tcase_add_test(tcase, test_paper_values_are_those_of_table_3);
    return run_case("paper", tcase);
}
