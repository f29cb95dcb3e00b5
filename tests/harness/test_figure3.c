/*
 * Figure 3 on a tiny MNIST of our own making: its files, that neither an interruption nor the
 * number of workers changes them, what it refuses, and the statistics' identities.
 */
#include <math.h>

#include "base/file.h"
#include "harness/figure.h"
#include "harness/figure3_trial.h"
#include "harness/rig.h"

enum { TRAIN = 5 * SGEO_FIGURE3_BATCH - 40, TEST = 150, SIDE = 28 };

static char data[SCRATCH_PATH_BYTES], out[SCRATCH_PATH_BYTES], other[SCRATCH_PATH_BYTES];
static struct sgeo_text printed;

/* Images whose label is where they are bright. */
static void write_split(const char *name, unsigned n, unsigned side)
{
    static unsigned char bytes[16 + TRAIN * SIDE * SIDE];
    char path[SCRATCH_PATH_BYTES], file[64];
    unsigned char *at = bytes;
    const unsigned header[4] = {0x803, n, side, side};
    for (unsigned i = 0; i < 16; i++) {
        *at++ = (unsigned char)(header[i / 4] >> (24 - 8 * (i % 4)));
    }
    for (unsigned image = 0; image < n; image++) {
        unsigned state = image * 2654435761U + 1U;
        for (unsigned i = 0; i < side * side; i++) {
            state = state * 1664525U + 1013904223U;
            *at++ = (unsigned char)((state >> 26) + (i * 10 / (side * side) == image % 10) * 180U);
        }
    }
    snprintf(file, sizeof file, "mnist/%s-images-idx3-ubyte", name);
    scratch_write(path, file, bytes, (size_t)(at - bytes));
    at = bytes + 8;
    bytes[3] = 1;
    for (unsigned image = 0; image < n; image++) {
        *at++ = (unsigned char)(image % 10);
    }
    snprintf(file, sizeof file, "mnist/%s-labels-idx1-ubyte", name);
    scratch_write(path, file, bytes, (size_t)(at - bytes));
}

static void setup(void)
{
    scratch_create();
    tiny_folder("mnist");
    write_split("train", TRAIN, SIDE);
    write_split("t10k", TEST, SIDE);
    snprintf(data, sizeof data, "%s", scratch_directory);
    scratch_path(out, "out");
    scratch_path(other, "other");
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

static struct sgeo_options smoke(const char *directory, size_t workers)
{
    return (struct sgeo_options){
        .preset = SGEO_PRESET_SMOKE, .workers = workers, .data = data, .out = directory};
}

static enum sgeo_status run_figure(const char *number, const struct sgeo_options *options)
{
    static char name[] = "bench_sigeo";
    char *argv[] = {name};
    return sgeo_figure_run(number, options, NULL, 1, argv, print, NULL, NULL);
}

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static char *contents(const char *directory, const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes;
    size_t n;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ok(sgeo_file_read(path, (size_t)1 << 24, &bytes, &n));
    return (char *)bytes;
}

static void assert_same_files(void)
{
    static const char *const names[] = {"figure3.csv", "figure3_correlations.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *a = contents(out, names[i]), *b = contents(other, names[i]);
        ck_assert_str_eq(a, b);
        sgeo_free(a);
        sgeo_free(b);
    }
}

/* Three widths of `paper`, four of `code` with two kinds of gradients, two repeats, seven levels;
 * three statistics, two losses, two correlations. */
START_TEST(test_figure3_files_have_a_row_for_every_point_and_cell)
{
    struct sgeo_options options = smoke(out, 1);
    ok(run_figure("3", &options));
    char *points = contents(out, "figure3.csv");
    char *cells = contents(out, "figure3_correlations.csv");
    char *meta = contents(out, "meta.json");
    ck_assert_uint_eq(count_of(points, "\n"), 1 + (3 + 4 * 2) * 2 * 7);
    ck_assert_uint_eq(count_of(points, "\ncode,accumulated,50,1,"), 7);
    ck_assert_uint_eq(count_of(points, "\npaper,accumulated,"), 0);
    ck_assert_uint_eq(count_of(cells, "\n"), 1 + 3 * 7 * 3 * 2 * 2);
    ck_assert_uint_eq(count_of(cells, "fisher_rao_norm,60,test_loss,spearman,"), 3);
    ck_assert_uint_eq(count_of(cells, "-0.71,"), 3 * 3);
    ck_assert_uint_eq(count_of(meta, "\"mnist\""), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "against training loss"), 3);
    ck_assert_uint_eq(count_of(printed.bytes, "paper -0.71"), 9);
    sgeo_free(points);
    sgeo_free(cells);
    sgeo_free(meta);
}
END_TEST

START_TEST(test_figure3_printed_again_is_the_same)
{
    static char name[] = "bench_sigeo";
    char *argv[] = {name};
    struct sgeo_options options = smoke(out, 1);
    ok(run_figure("3", &options));
    struct sgeo_text first = printed;
    printed = (struct sgeo_text){0};
    ok(sgeo_figure_run("3", &options, out, 1, argv, print, NULL, NULL));
    ck_assert_str_eq(printed.bytes, first.bytes);
    sgeo_text_clear(&first);
}
END_TEST

START_TEST(test_figure3_does_not_depend_on_workers)
{
    struct sgeo_options one = smoke(out, 1), three = smoke(other, 3);
    ok(run_figure("3", &one));
    ok(run_figure("3", &three));
    assert_same_files();
}
END_TEST

/* The journal's identity and first trials, the last of them cut short. */
START_TEST(test_figure3_resumed_gives_the_same_bytes)
{
    struct sgeo_options options = smoke(out, 1);
    ok(run_figure("3", &options));
    char *journal = contents(out, "journal.jsonl"), path[SCRATCH_PATH_BYTES];
    ck_assert_uint_eq(count_of(journal, "\n"), 1 + (3 + 4) * 2);
    tiny_folder("other");
    scratch_write(path, "other/journal.jsonl", journal, strlen(journal) * 2 / 5);
    options.out = other;
    ck_assert_int_eq(run_figure("3", &options), SGEO_USAGE);
    assert_error_has("holds a run already");
    options.resume = true;
    ok(run_figure("3", &options));
    assert_same_files();
    sgeo_free(journal);
}
END_TEST

START_TEST(test_figure3_dry_run_leaves_nothing)
{
    struct sgeo_options options = smoke(out, 1);
    options.dry_run = true;
    ok(run_figure("3", &options));
    ck_assert_int_eq((int)scratch_size(out), -1);
    ck_assert_uint_eq(count_of(printed.bytes, "14 trials to do"), 1);
}
END_TEST

START_TEST(test_figure3_without_images_says_where_they_belong)
{
    struct sgeo_options options = smoke(out, 1);
    options.data = NULL;
    ck_assert_int_eq(run_figure("3", &options), SGEO_IO);
    assert_error_has("mnist");
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "--data DIR"));
    options.data = other;
    ck_assert_int_eq(run_figure("3", &options), SGEO_IO);
    assert_error_has("mnist");
}
END_TEST

START_TEST(test_figure3_refuses_images_that_do_not_fit)
{
    struct sgeo_options options = smoke(out, 1);
    write_split("train", 8, 20);
    write_split("t10k", 8, 20);
    ck_assert_int_eq(run_figure("3", &options), SGEO_IO);
    assert_error_has("not 28x28");
    write_split("train", 100, SIDE);
    write_split("t10k", 8, SIDE);
    ck_assert_int_eq(run_figure("3", &options), SGEO_IO);
    assert_error_has("100 images only");
}
END_TEST

START_TEST(test_figure_of_an_unknown_number_is_usage)
{
    struct sgeo_options options = smoke(out, 1);
    ck_assert_int_eq(run_figure("2", &options), SGEO_USAGE);
    assert_error_has("unknown figure: 2");
}
END_TEST

START_TEST(test_figure3_levels_start_where_the_notebook_has_them)
{
    static const size_t expected[] = {0, 46, 93, 187, 281, 375, 464};
    for (size_t level = 0; level < SGEO_FIGURE3_LEVELS; level++) {
        ck_assert_uint_eq(sgeo_figure3_start(level, 469), expected[level]);
    }
}
END_TEST

/* The same trial twice, its journal line, and accumulated gradients above clean ones. */
START_TEST(test_figure3_trial_repeats_itself)
{
    struct sgeo_figure3_data images = {.train = {0}};
    struct sgeo_figure3_bench *bench = NULL;
    struct sgeo_figure3_record a = {.protocol = &sgeo_figure3_code, .width = 6, .repeat = 1};
    struct sgeo_figure3_record b = a, parsed;
    ok(sgeo_images_load(&images.train, &images.test, "mnist", data));
    ok(sgeo_figure3_bench_create(&bench, (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false},
                                 &images, NULL));
    ok(sgeo_figure3_trial(bench, 7, &a));
    ok(sgeo_figure3_trial(bench, 7, &b));
    a.seconds = b.seconds = 1.0;
    struct sgeo_text one = {0}, two = {0};
    a.points[1].fisher_rao[0] = b.points[1].fisher_rao[0] = -(double)INFINITY;
    sgeo_figure3_record_write(&one, &a);
    ok(sgeo_figure3_record_parse(&parsed, one.bytes));
    ck_assert_double_eq(parsed.points[1].fisher_rao[0], -(double)INFINITY);
    sgeo_figure3_record_write(&two, &b);
    ck_assert_str_eq(one.bytes, two.bytes);
    ck_assert_double_gt(a.points[0].gradient[1], a.points[0].gradient[0]);
    ck_assert_double_gt(a.points[0].fisher_rao[1], a.points[0].fisher_rao[0]);
    ck_assert_double_lt(a.test_loss, 2.303);
    ck_assert_double_gt(a.test_loss, 0.0);
    ck_assert_int_eq(sgeo_figure3_record_parse(&parsed, "{\"trial\":[\"code\",2,0]}"), SGEO_IO);
    sgeo_text_clear(&one);
    sgeo_text_clear(&two);
    sgeo_figure3_bench_destroy(bench);
    sgeo_images_destroy(&images.train);
    sgeo_images_destroy(&images.test);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("figure3");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_figure3_files_have_a_row_for_every_point_and_cell);
    tcase_add_test(tcase, test_figure3_printed_again_is_the_same);
    tcase_add_test(tcase, test_figure3_does_not_depend_on_workers);
    tcase_add_test(tcase, test_figure3_resumed_gives_the_same_bytes);
    tcase_add_test(tcase, test_figure3_dry_run_leaves_nothing);
    tcase_add_test(tcase, test_figure3_without_images_says_where_they_belong);
    tcase_add_test(tcase, test_figure3_refuses_images_that_do_not_fit);
    tcase_add_test(tcase, test_figure_of_an_unknown_number_is_usage);
    tcase_add_test(tcase, test_figure3_levels_start_where_the_notebook_has_them);
    tcase_add_test(tcase, test_figure3_trial_repeats_itself);
    return run_case("harness/figure3", tcase);
}
