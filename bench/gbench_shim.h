/*
 * Google Benchmark for C: gbench_shim.cc is the only C++ of this project, and no exception leaves
 * it. Benchmarks are bodies with a context; the library decides how often they run.
 */
#ifndef SGEO_BENCH_GBENCH_SHIM_H
#define SGEO_BENCH_GBENCH_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "base/status.h"

struct sgeo_gbench_state;

/* A benchmark: begin, that many calls of what is timed, end, counters; or skip instead of all. */
typedef void (*sgeo_gbench_body)(struct sgeo_gbench_state *state, void *context);

/* Hand the library its arguments (--benchmark_...), which leave argv. Once, before all else. */
enum sgeo_status sgeo_gbench_start(int *argc, char **argv);

/* Its own help text, on stdout. */
void sgeo_gbench_print_help(void);

/* A benchmark called `name`, with /parts. The context must outlive sgeo_gbench_run. */
enum sgeo_status sgeo_gbench_add(const char *name, sgeo_gbench_body body, void *context);

/*
 * Whether --benchmark_filter, as far as it was given to sgeo_gbench_start, selects a name, by the
 * library's own rules. SGEO_USAGE for a malformed expression.
 */
enum sgeo_status sgeo_gbench_selects(bool *selects, const char *name);

/* That filter's text, cut to `capacity`; "" without one. */
void sgeo_gbench_filter(char *filter, size_t capacity);

/* A line of the context in the JSON output and above the console's table. */
enum sgeo_status sgeo_gbench_context(const char *key, const char *value);

/* In a body: start the clock and say how many calls to make; stop the clock. */
size_t sgeo_gbench_begin(struct sgeo_gbench_state *state);
void sgeo_gbench_end(struct sgeo_gbench_state *state);

/* In a body, behind the end: a number beside the times. */
void sgeo_gbench_counter(struct sgeo_gbench_state *state, const char *name, double value);

/* In a body, instead of begin and end: it cannot run, and why. */
void sgeo_gbench_skip(struct sgeo_gbench_state *state, const char *why);

/* One result: the CPU seconds of a call, the mean over `calls`. Each repetition is one. */
struct sgeo_gbench_result {
    const char *name;
    double seconds;
    size_t calls;
};

/*
 * Run what the arguments choose; *n_run is their number. Each result goes to `observe` as soon as
 * it is there, beside the library's own output.
 */
enum sgeo_status sgeo_gbench_run(size_t *n_run,
                                 void (*observe)(const struct sgeo_gbench_result *result,
                                                 void *context),
                                 void *context);

#ifdef __cplusplus
}
#endif

#endif
