/* --bench: hand over to bench_kernels. */
#ifndef SGEO_CLI_BENCH_H
#define SGEO_CLI_BENCH_H

#include "base/status.h"

/*
 * Become bench_kernels, the one beside this program or else on the PATH, with the benchmarks that
 * match regex (NULL: all); out (NULL: none): the folder that gets kernels.csv and Google
 * Benchmark's kernels.json. Returns only on failure: SGEO_UNSUPPORTED when there is no such
 * program.
 */
enum sgeo_status sgeo_bench_become(const char *regex, const char *out);

/* The bench_kernels beside this program, else the bare name for the PATH. Static storage. */
const char *sgeo_bench_path(void);

#endif
