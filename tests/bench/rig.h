/* What the tests of this room share. */
#ifndef SGEO_TESTS_BENCH_RIG_H
#define SGEO_TESTS_BENCH_RIG_H

#include "base/suite.h"
#include "bench/args.h"

static inline void rig_ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

/* The arguments of a line, which must be accepted. */
static inline struct sgeo_bench_args *rig_args(const char *text)
{
    struct sgeo_bench_args *args = NULL;
    rig_ok(sgeo_bench_args_create(&args, text, "test:1"));
    return args;
}

static inline void assert_error_has(const char *word)
{
    ck_assert_msg(strstr(sgeo_error_text(), word) != NULL, "'%s' does not say '%s'",
                  sgeo_error_text(), word);
}

#endif
