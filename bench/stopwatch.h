/*
 * Timing of a body that can be repeated, as STREAM does it: long enough for the clock, several
 * times, the first time discarded, the best taken.
 */
#ifndef SGEO_BENCH_STOPWATCH_H
#define SGEO_BENCH_STOPWATCH_H

#include <stddef.h>

#include "base/status.h"

#define SGEO_STOPWATCH_TICKS ((double)20) /* of the clock, that a timing lasts at least */

struct sgeo_stopwatch {
    double (*now)(void); /* seconds, e.g. sgeo_thread_cpu_seconds */
    double tick;         /* the least step of `now` that was seen; infinite when it stands still */
    double seconds;      /* that a timing lasts, or half of it where timings scatter */
    size_t timings;      /* that count, after the discarded one; at least 1 */
};

/* A stopwatch of a clock, its tick measured. */
struct sgeo_stopwatch sgeo_stopwatch_of(double (*now)(void), double seconds, size_t timings);

/*
 * Seconds of one call of body(times = 1): body repeats itself `times` times a call.
 * SGEO_UNSUPPORTED when no number of times lasts 20 ticks of the clock.
 */
enum sgeo_status sgeo_stopwatch_best(double *seconds, const struct sgeo_stopwatch *stopwatch,
                                     void (*body)(size_t times, void *context), void *context);

#endif
