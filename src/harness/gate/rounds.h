/* Measuring for the gate: rounds of whole processes, the two programs in alternation. */
#ifndef SGEO_HARNESS_GATE_ROUNDS_H
#define SGEO_HARNESS_GATE_ROUNDS_H

#include "harness/gate/samples.h"
#include "harness/schedule.h"

struct sgeo_gate_plan {
    const char *programs[2];   /* base and candidate, each a bench_kernels */
    const char *filter;        /* regular expression over the benches' names */
    size_t rounds;             /* processes of each program */
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

/*
 * Run base, candidate, candidate, base, ... until each has its rounds: round i of both sides side
 * by side. Inside a process Google Benchmark interleaves the repetitions of all benches at random.
 * Fills `sides`; the two must have one setting, and each program the same benches in every process
 * (SGEO_UNSUPPORTED). Errors of the programs as in sgeo_process_capture.
 */
enum sgeo_status sgeo_gate_measure(struct sgeo_gate_samples sides[2],
                                   const struct sgeo_gate_plan *plan);

#endif
