/* The command line of bench_kernels: its own options; --benchmark_... are Google Benchmark's. */
#ifndef SGEO_BENCH_OPTIONS_H
#define SGEO_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct sgeo_bench_options {
    const char *csv;    /* --csv FILE; NULL: none */
    const char *shapes; /* --shapes DIR; NULL: those that come with the program */
    const char *step;   /* --step LINE; NULL: the steps that come with the program */
    bool with_ref;      /* --ref */
    bool no_roofs;      /* --no-roofs */
    bool gate;          /* --gate */
    const char *calls;  /* --calls N; NULL: time */
    uint64_t n_calls;   /* the number in it */
    bool list;          /* --benchmark_list_tests: nothing is measured */
    bool help, version;
    char min_time[64]; /* behind the argument of that name, where it had to be rewritten */
};

/*
 * Take the own options out of argv; what is left is Google Benchmark's. units: its version wants
 * --benchmark_min_time=0.5s and takes 100x; else it wants 0.5: either form is rewritten to fit.
 * SGEO_USAGE for unknown options and stray words.
 */
enum sgeo_status sgeo_bench_options_parse(struct sgeo_bench_options *options, int *argc,
                                          char **argv, bool units);

extern const char sgeo_bench_usage[];

#endif
