/* The arguments of a bench case: `name=value name=value ...`, as in a line of a shape file. */
#ifndef SGEO_BENCH_ARGS_H
#define SGEO_BENCH_ARGS_H

#include "base/text.h"
#include "bench/load.h"

#define SGEO_BENCH_MAX_ARGS ((size_t)16)

/*
 * Parse the arguments behind a kernel's name. Names are of a-z, 0-9, _ and differ; values of
 * letters, digits and . : + - _. Anything else is SGEO_USAGE with `place` ("FILE:LINE") in the
 * text. The caller owns *args.
 */
enum sgeo_status sgeo_bench_args_create(struct sgeo_bench_args **args, const char *text,
                                        const char *place);
void sgeo_bench_args_destroy(struct sgeo_bench_args *args);

/* The arguments again, separated by single spaces; and where they stand, "FILE:LINE". */
const char *sgeo_bench_args_text(const struct sgeo_bench_args *args);
const char *sgeo_bench_args_place(const struct sgeo_bench_args *args);

/* Append them as parts of a benchmark's name, NAME:VALUE/NAME:VALUE/...: equals signs and blanks
 * would need quoting in a shell. */
void sgeo_bench_args_put_name(struct sgeo_text *name, const struct sgeo_bench_args *args);

/* The value of a name, NULL when the line lacks it. */
const char *sgeo_bench_word(const struct sgeo_bench_args *args, const char *name);

/*
 * SGEO_USAGE when nobody has asked for one of the names yet: after a load was created, that is a
 * misspelt optional one.
 */
enum sgeo_status sgeo_bench_args_check_asked(const struct sgeo_bench_args *args);

#endif
