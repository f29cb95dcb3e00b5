/* What holds of every space: NASLib's key and back, and the cost of a mean path. */
#include "space/space.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPACES = 4, KEYS = 2000, PATHS = 200 };

static const struct sgeo_space *space_of(int i)
{
    ck_assert_ptr_nonnull(sgeo_space_all()[i]);
    ck_assert_ptr_null(sgeo_space_all()[SPACES]);
    return sgeo_space_all()[i];
}

START_TEST(test_space_samples_survive_naslibs_key)
{
    const struct sgeo_space *space = space_of(_i);
    struct sgeo_rng rng = sgeo_rng_stream(11, "test", 0);
    for (size_t i = 0; i < KEYS; i++) {
        struct sgeo_arch arch, parsed;
        char key[SGEO_ARCH_TEXT_MAX], again[SGEO_ARCH_TEXT_MAX];
        space->sample(&arch, &rng);
        space->encode_naslib(key, &arch);
        ck_assert_msg(space->decode_naslib(&parsed, key) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
        space->encode_naslib(again, &parsed);
        ck_assert_str_eq(again, key);
    }
}
END_TEST

/* Keys as the suite's files have them, blanks included. */
START_TEST(test_space_keys_are_spelt_as_python_prints_them)
{
    static const char *const keys[][2] = {
        {"nb101", "(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)"},
        {"nb201", "(4, 0, 3, 1, 4, 3)"},
        {"tnb101", "(2, 3, 2, 3, 2, 3)"},
        {"nb301", "(((0, 3), (1, 3), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2), (2, 5)), ((0, 0), (1, "
                  "0), (2, 2), (1, 0), (0, 0), (2, 2), (2, 2), (1, 0)))"},
    };
    for (size_t i = 0; i < SPACES; i++) {
        const struct sgeo_space *space = sgeo_space_find(keys[i][0]);
        struct sgeo_arch arch;
        char key[SGEO_ARCH_TEXT_MAX];
        ck_assert_msg(space->decode_naslib(&arch, keys[i][1]) == SGEO_OK, "%s", sgeo_error_text());
        space->encode_naslib(key, &arch);
        ck_assert_str_eq(key, keys[i][1]);
    }
}
END_TEST

/* Counted: 200 samples of the space in its standard network. nb101 stands apart: its supernet draws
 * from the list of the benchmark, whose cells are about twice as dear as the space's. */
START_TEST(test_space_mean_path_macs_are_those_of_samples)
{
    const struct sgeo_space *space = space_of(_i);
    struct sgeo_rng rng = sgeo_rng_stream(200, "test", 0);
    double sum = 0.0;
    if (strcmp(space->name, "nb101") == 0) {
        ck_assert_double_eq(space->mean_path_macs, 1.24e9);
        return;
    }
    for (size_t i = 0; i < PATHS; i++) {
        struct sgeo_graph *graph = NULL;
        struct sgeo_counts counts;
        struct sgeo_arch arch;
        space->sample(&arch, &rng);
        ck_assert_int_eq(space->build(&graph, &arch, &space->standard), SGEO_OK);
        sgeo_graph_count(&counts, graph);
        sum += (double)counts.macs;
        sgeo_graph_destroy(graph);
    }
    double mean = sum / PATHS;
    ck_assert_msg(fabs(space->mean_path_macs - mean) <= 0.05 * mean,
                  "%s: %g stated, %g in the mean of %d samples", space->name, space->mean_path_macs,
                  mean, PATHS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space");
    TCase *tcase = tcase_create("space");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_space_samples_survive_naslibs_key, 0, SPACES);
    tcase_add_test(tcase, test_space_keys_are_spelt_as_python_prints_them);
    tcase_add_loop_test(tcase, test_space_mean_path_macs_are_those_of_samples, 0, SPACES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
