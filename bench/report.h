/*
 * kernels.csv: one row a case, with the statistics over its repetitions; and the roofs, which the
 * same process measured, as rows of their own. results/schema.md describes every column.
 */
#ifndef SGEO_BENCH_REPORT_H
#define SGEO_BENCH_REPORT_H

#include "base/machine.h"
#include "bench/roofs.h"

/* One case and what became of it. The strings are borrowed, the samples owned. */
struct sgeo_bench_row {
    const char *name; /* as --benchmark_filter sees it */
    const char *kernel, *isa, *cache, *shape;
    const struct sgeo_bench_row *baseline; /* the scalar tier on the same inputs; NULL: none */
    struct sgeo_work work;
    struct sgeo_limit limit;
    size_t sets;       /* of inputs, taken in turn */
    char failure[256]; /* why it was not timed; "" */
    bool has_value;    /* steps */
    double value;      /* what the first call computed */
    char terms[128];   /* and what its value hides, `name=number` words; "" */
    double *seconds;   /* (n) CPU seconds of a call, one a repetition */
    size_t calls;      /* of the last repetition */
    size_t n, capacity;
};

enum sgeo_status sgeo_bench_row_add(struct sgeo_bench_row *row, double seconds, size_t calls);
void sgeo_bench_row_clear(struct sgeo_bench_row *row);

/* Median seconds of a call; 0 without samples. */
double sgeo_bench_row_seconds(const struct sgeo_bench_row *row);

/* What a report says beside the rows. roofs may be NULL. */
struct sgeo_bench_report {
    const struct sgeo_machine *machine;
    const struct sgeo_roofs *roofs;
};

/* Header and roofs; then a row for every case that was timed or failed. */
void sgeo_bench_report_begin(struct sgeo_text *csv, const struct sgeo_bench_report *report);
void sgeo_bench_report_row(struct sgeo_text *csv, const struct sgeo_bench_report *report,
                           const struct sgeo_bench_row *row);

#endif
