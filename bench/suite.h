/*
 * The suite of kernel benches: every kernel on every shape, hot and cold, in every bundle that this
 * machine runs. A kernel whose proof fails is not timed.
 */
#ifndef SGEO_BENCH_SUITE_H
#define SGEO_BENCH_SUITE_H

#include "bench/inputs.h"
#include "bench/report.h"
#include "bench/roof_meter.h"

struct sgeo_bench_suite;

/* A case: `OP/ISA/hot|cold/NAME:VALUE/...`. */
struct sgeo_bench_case {
    struct sgeo_bench_suite *suite;
    const struct sgeo_bench_shape *shape;
    enum sgeo_isa isa;
    bool cold, settled; /* settled: its inputs were worked on before */
    char *name;
    struct sgeo_bench_row row;
};

struct sgeo_bench_suite_options {
    const char *shapes; /* folder of shape files */
    struct sgeo_bench_pool pool;
    const struct sgeo_roofs *roofs; /* NULL: no limits to compare with */
    struct sgeo_roof_meter *meter; /* for limits of memory that cores share; NULL: those of roofs */
    bool with_ref;
    bool is_gate;    /* hot cases of the selected bundle only, called OP/best/hot/... */
    bool unproven;   /* do not prove: nothing will be timed */
    double slowdown; /* per cent of CPU time that every case wastes, by the clock: a planted
                        regression of times, not of instruction counts */
};

/* List the cases; inputs are made when a case runs. roofs and meter must outlive the suite. */
enum sgeo_status sgeo_bench_suite_create(struct sgeo_bench_suite **suite,
                                         const struct sgeo_bench_suite_options *options);
void sgeo_bench_suite_destroy(struct sgeo_bench_suite *suite);

/* Other kernels in the place of a bundle's, before a case of it ran: a build under test. */
void sgeo_bench_suite_replace(struct sgeo_bench_suite *suite, enum sgeo_isa isa,
                              const struct sgeo_kernels *kernels);

/* Cases, the scalar tier's before the wider ones' of the same inputs. */
size_t sgeo_bench_suite_count(const struct sgeo_bench_suite *suite);
struct sgeo_bench_case *sgeo_bench_suite_at(struct sgeo_bench_suite *suite, size_t index);

/*
 * Make ready to time a case: prove the kernel in all bundles (once), make its inputs (shared with
 * the case before where they are the same), fill row.work, row.limit and row.sets, and call the
 * kernel on the inputs until times settle. On an error row.failure says why; SGEO_CHECK_FAILED when
 * the kernel is not proven.
 */
enum sgeo_status sgeo_bench_case_prepare(struct sgeo_bench_case *bench_case);

/*
 * Call the kernel `calls` times, on the inputs in turn. Profilers count what happens inside this
 * function, the planted waste included: once for all calls, so that the clock is no part of it.
 */
void sgeo_bench_case_run(struct sgeo_bench_case *bench_case, size_t calls);

#endif
