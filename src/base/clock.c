#include "base/clock.h"

#include <errno.h>
#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); /* fails only for a clock that does not exist */
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double sgeo_wall_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double sgeo_thread_cpu_seconds(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double sgeo_wall_resolution(void)
{
    enum { STEPS = 1000 };
    double smallest = 0.0;
    for (int i = 0; i < STEPS; i++) {
        double start = sgeo_wall_seconds(), now = sgeo_wall_seconds();
        while (!(now > start)) {
            now = sgeo_wall_seconds();
        }
        smallest = i == 0 || now - start < smallest ? now - start : smallest;
    }
    return smallest;
}

void sgeo_sleep(double seconds)
{
    if (!(seconds > 0.0)) { /* NaN too */
        return;
    }
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}
