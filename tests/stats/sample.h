/* What the tests of this room share: running a test case, drawn columns, and checked errors. */
#ifndef SGEO_TESTS_STATS_SAMPLE_H
#define SGEO_TESTS_STATS_SAMPLE_H

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "stats/column.h"

#define COLUMN(array) ((struct sgeo_column){(array), sizeof(array) / sizeof *(array)})

static inline struct sgeo_column column_of(const double *values, size_t n)
{
    return (struct sgeo_column){.values = values, .n = n};
}

/* n whole numbers in [0, n_values): the fewer values, the more ties. */
static inline void draw_tied(double *values, size_t n, uint64_t n_values, struct sgeo_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = (double)sgeo_rng_below(rng, n_values);
    }
}

static inline void draw_normal(double *values, size_t n, struct sgeo_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = sgeo_rng_normal(rng);
    }
}

/* signal + noise * N(0, 1). */
static inline void draw_noisy(double *values, const double *signal, double noise, size_t n,
                              struct sgeo_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = signal[i] + noise * sgeo_rng_normal(rng);
    }
}

/* A usage error whose text contains `words`. */
static inline void assert_usage(enum sgeo_status status, const char *words)
{
    ck_assert_int_eq(status, SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "\"%s\" lacks \"%s\"",
                  sgeo_error_text(), words);
}

/* Run the tests of one case; the result is the program's exit code. */
static inline int run_case(const char *name, TCase *tcase)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
