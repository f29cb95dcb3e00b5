/*
 * Tables 1 and 4 on the tiny folder: the block of stored scores, the agreement with them, and the
 * recombination of recorded terms.
 */
#include <math.h>

#include "base/file.h"
#include "harness/rig.h"
#include "harness/table.h"

static char out[SCRATCH_PATH_BYTES];
static struct sgeo_text printed;

static void setup(void)
{
    tiny_create();
    scratch_path(out, "out");
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    scratch_remove();
}

static void print(const char *text, void *context)
{
    (void)context;
    sgeo_text_append(&printed, "%s", text);
}

static enum sgeo_status run_table(const char *number, const struct sgeo_options *options)
{
    static char name[] = "bench_sigeo";
    char *argv[] = {name};
    return sgeo_table_run(number, options, NULL, 1, argv, print, NULL, NULL);
}

static void read_out(struct sgeo_csv *csv, const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", out, name);
    ck_assert_msg(sgeo_csv_read(csv, path) == SGEO_OK, "%s", sgeo_error_text());
}

static const char *cell(const struct sgeo_csv *csv, size_t row, const char *column)
{
    return sgeo_csv_cell(csv, row, sgeo_csv_column(csv, column));
}

static bool is(const struct sgeo_csv *csv, size_t row, const char *column, const char *value)
{
    return strcmp(cell(csv, row, column), value) == 0;
}

/* Every architecture but the first, in falling order of params, which therefore disagree; the first
 * two of them from another source; the second architecture twice. */
static void write_stored(void)
{
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    sgeo_text_append(&text, "dataset,index,source,params,zen\n");
    sgeo_text_append(&text, "cifar100,100,other,1,1\n");
    for (int i = 1; i < TINY_ARCHS; i++) {
        sgeo_text_append(&text, "cifar10,%d,%s,%d,%s\n", 100 + i, i < 3 ? "early" : "made", 50 - i,
                         i < 3   ? ""
                         : i < 5 ? "-1e8"
                                 : "-inf");
    }
    sgeo_text_append(&text, "cifar10,101,again,99,\n");
    scratch_write(path, "groundtruth/proxies_nb201.csv", text.bytes, text.length);
    sgeo_text_clear(&text);
}

static struct sgeo_options two_proxies(void)
{
    struct sgeo_options options = tiny_options(out);
    options.n_archs = TINY_ARCHS;
    options.n_proxies = 2;
    options.proxies[0] = sgeo_proxy_find("params");
    options.proxies[1] = sgeo_proxy_find("zen");
    return options;
}

START_TEST(test_table_1_has_a_block_of_stored_scores_on_the_architectures_that_have_them)
{
    const struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    size_t params = 0, zen = 0;
    write_stored();
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "table1.csv");
    for (size_t r = 0; r < csv.n_rows; r++) {
        if (is(&csv, r, "scores", "stored") && is(&csv, r, "statistic", "spearman") &&
            is(&csv, r, "truth", "val")) {
            bool of_params = is(&csv, r, "proxy", "params");
            ck_assert_str_eq(cell(&csv, r, "n_archs"), of_params ? "6" : "4");
            ck_assert_str_eq(cell(&csv, r, "n_inf"), of_params ? "0" : "4");
            params += of_params;
            zen += !of_params;
        }
    }
    ck_assert_uint_eq(params, 1);
    ck_assert_uint_eq(zen, 1);
    ck_assert_ptr_nonnull(strstr(printed.bytes, "scores stored by NAS-Bench-Suite-Zero"));
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_table_1_agreement_compares_architecture_by_architecture_and_seed_by_seed)
{
    struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    options.seeds = 2;
    write_stored();
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "agreement.csv");
    ck_assert_str_eq(cell(&csv, 0, "n"), "6");
    ck_assert_str_eq(cell(&csv, 0, "n_seed_pairs"), "7");
    ck_assert_str_eq(cell(&csv, 0, "seed_spearman"), "1");
    ck_assert_str_eq(cell(&csv, 0, "required"), "0.95");
    ck_assert_str_eq(cell(&csv, 0, "verdict"), "few");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_table_1_agreement_tells_the_sources_of_stored_scores_apart)
{
    static const struct {
        const char *proxy, *source, *n;
    } expected[] = {{"params", "all", "6"},
                    {"params", "early", "2"},
                    {"params", "made", "4"},
                    {"zen", "all", "4"}};
    const struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    write_stored();
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "agreement.csv");
    ck_assert_uint_eq(csv.n_rows, sizeof expected / sizeof *expected);
    for (size_t r = 0; r < csv.n_rows; r++) {
        ck_assert_str_eq(cell(&csv, r, "proxy"), expected[r].proxy);
        ck_assert_str_eq(cell(&csv, r, "source"), expected[r].source);
        ck_assert_str_eq(cell(&csv, r, "n"), expected[r].n);
    }
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_table_1_stored_scores_of_a_source_without_a_short_name_are_io)
{
    const struct sgeo_options options = two_proxies();
    char path[SCRATCH_PATH_BYTES];
    static const char text[] =
        "dataset,index,source,params\ncifar10,100,a source with more than 31 letters,1\n";
    scratch_write(path, "groundtruth/proxies_nb201.csv", text, strlen(text));
    ck_assert_int_eq(run_table("1", &options), SGEO_IO);
    assert_error_has("line 2: cannot tell source a source with");
}
END_TEST

START_TEST(test_table_1_damaged_stored_scores_are_io_with_the_line)
{
    const struct sgeo_options options = two_proxies();
    char path[SCRATCH_PATH_BYTES];
    static const char text[] = "dataset,index,params\ncifar10,100,many\n";
    scratch_write(path, "groundtruth/proxies_nb201.csv", text, strlen(text));
    ck_assert_int_eq(run_table("1", &options), SGEO_IO);
    assert_error_has("line 2: many is no number");
}
END_TEST

START_TEST(test_table_1_without_stored_scores_has_ours)
{
    const struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "agreement.csv");
    ck_assert_uint_eq(csv.n_rows, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_table_by_our_convention_says_so_in_rows_print_and_meta)
{
    struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *meta = NULL;
    size_t n_bytes = 0;
    options.convention = SGEO_CONVENTION_OURS;
    write_stored();
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "table1.csv");
    for (size_t r = 0; r < csv.n_rows; r++) {
        ck_assert(is(&csv, r, "scores", "ours") || is(&csv, r, "scores", "stored"));
    }
    ck_assert_str_eq(cell(&csv, 0, "scores"), "ours");
    sgeo_csv_clear(&csv);
    ck_assert_uint_eq(count_of(printed.bytes, ", --convention ours\n"), 2); /* val and test */
    snprintf(path, sizeof path, "%s/meta.json", out);
    ck_assert_int_eq(sgeo_file_read(path, (size_t)1 << 20, &meta, &n_bytes), SGEO_OK);
    ck_assert_ptr_nonnull(strstr((char *)meta, "\"convention\": \"ours\""));
    sgeo_free(meta);
}
END_TEST

START_TEST(test_table_on_formula_images_says_so_in_rows_and_print)
{
    struct sgeo_options options = two_proxies();
    struct sgeo_csv csv;
    options.data_formula = true;
    ck_assert_int_eq(run_table("1", &options), SGEO_OK);
    read_out(&csv, "table1.csv");
    ck_assert_uint_gt(csv.n_rows, 0);
    for (size_t r = 0; r < csv.n_rows; r++) {
        ck_assert_str_eq(cell(&csv, r, "data"), "formula");
        ck_assert_str_eq(cell(&csv, r, "delta"), "");
    }
    sgeo_csv_clear(&csv);
    ck_assert_uint_eq(count_of(printed.bytes, ", formula images\n"), 2); /* val and test */
    ck_assert_uint_eq(count_of(printed.bytes, "real images"), 0);
}
END_TEST

/* lambda (1,0,0) leaves the ZiCo term; equation (6)'s is ZiCo itself. */
START_TEST(test_table_4_recombines_the_recorded_terms)
{
    struct sgeo_options options = tiny_options(out);
    struct sgeo_csv csv;
    const char *zico = NULL, *sigeo = NULL;
    size_t printed_settings = 0, grid = 0;
    options.n_archs = TINY_ARCHS;
    options.n_proxies = 0; /* the table's own */
    ck_assert_int_eq(run_table("4", &options), SGEO_OK);
    read_out(&csv, "table4.csv");
    for (size_t r = 0; r < csv.n_rows; r++) {
        if (!is(&csv, r, "truth", "val")) {
            continue;
        }
        printed_settings +=
            is(&csv, r, "proxy", "sigeo-eq6") && is(&csv, r, "statistic", "spearman");
        grid += is(&csv, r, "proxy", "sigeo-eq6") && is(&csv, r, "statistic", "spearman_grid");
        if (is(&csv, r, "proxy", "zico") && is(&csv, r, "statistic", "spearman")) {
            zico = zico == NULL ? cell(&csv, r, "value") : zico;
            ck_assert_str_eq(cell(&csv, r, "value"), zico); /* it has no terms to weigh */
        }
        if (is(&csv, r, "proxy", "sigeo-eq6") && is(&csv, r, "statistic", "spearman_grid") &&
            is(&csv, r, "lambda2", "0") && is(&csv, r, "lambda3", "0")) {
            sigeo = cell(&csv, r, "value");
        }
    }
    ck_assert_uint_eq(printed_settings, 4);
    ck_assert_uint_eq(grid, 100);
    ck_assert_ptr_nonnull(sigeo);
    ck_assert_str_eq(sigeo, zico);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_table_of_another_number_is_refused)
{
    const struct sgeo_options options = tiny_options(out);
    ck_assert_int_eq(run_table("5", &options), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase,
                   test_table_1_has_a_block_of_stored_scores_on_the_architectures_that_have_them);
    tcase_add_test(tcase,
                   test_table_1_agreement_compares_architecture_by_architecture_and_seed_by_seed);
    tcase_add_test(tcase, test_table_1_agreement_tells_the_sources_of_stored_scores_apart);
    tcase_add_test(tcase, test_table_1_stored_scores_of_a_source_without_a_short_name_are_io);
    tcase_add_test(tcase, test_table_1_damaged_stored_scores_are_io_with_the_line);
    tcase_add_test(tcase, test_table_1_without_stored_scores_has_ours);
    tcase_add_test(tcase, test_table_by_our_convention_says_so_in_rows_print_and_meta);
    tcase_add_test(tcase, test_table_on_formula_images_says_so_in_rows_and_print);
    tcase_add_test(tcase, test_table_4_recombines_the_recorded_terms);
    tcase_add_test(tcase, test_table_of_another_number_is_refused);
    return run_case("table", tcase);
}
