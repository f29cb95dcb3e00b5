#include "bench/stopwatch.h"

#include <math.h>

#define MOST_TIMES    ((size_t)1 << 30)
#define MOST_READINGS 1000000 /* of a clock that may stand still */
#define STEPS         10

/* The clock's next step; infinite when it does not move. */
static double next_step(double (*now)(void))
{
    double start = now();
    for (int reading = 0; reading < MOST_READINGS; reading++) {
        double step = now() - start;
        if (step > 0.0)
            return step;
    }
    return (double)INFINITY;
}

struct sgeo_stopwatch sgeo_stopwatch_of(double (*now)(void), double seconds, size_t timings)
{
    struct sgeo_stopwatch stopwatch = {now, next_step(now), seconds, timings};
    for (int i = 1; i < STEPS && isfinite(stopwatch.tick); i++)
        stopwatch.tick = fmin(stopwatch.tick, next_step(now));
    return stopwatch;
}

static double elapsed(const struct sgeo_stopwatch *stopwatch,
                      void (*body)(size_t times, void *context), size_t times, void *context)
{
    double start = stopwatch->now();
    body(times, context);
    return stopwatch->now() - start;
}

enum sgeo_status sgeo_stopwatch_best(double *seconds, const struct sgeo_stopwatch *stopwatch,
                                     void (*body)(size_t times, void *context), void *context)
{
    double least = SGEO_STOPWATCH_TICKS * stopwatch->tick, best = (double)INFINITY;
    double wanted = fmax(least, stopwatch->seconds);
    size_t times = 1;
    while (isfinite(wanted) && times < MOST_TIMES) {
        while (times < MOST_TIMES && elapsed(stopwatch, body, times, context) < wanted)
            times *= 2;
        /* the search was the discarded timing */
        best = (double)INFINITY;
        for (size_t i = 0; i < stopwatch->timings; i++)
            best = fmin(best, elapsed(stopwatch, body, times, context));
        if (best >= fmax(least, wanted / 2.0)) /* as timings scatter */
            break;
        times *= 2; /* something else lengthened the timing that ended the search */
    }
    if (!isfinite(best) || best < least)
        return sgeo_fail(SGEO_UNSUPPORTED, "measure on a machine with a finer clock",
                         "a timing of %g s is under %g ticks of the clock (%g s)", best,
                         SGEO_STOPWATCH_TICKS, stopwatch->tick);
    *seconds = best / (double)times;
    return SGEO_OK;
}
