#include "base/clock.h"

#include <time.h>

#include "suite.h"

START_TEST(test_wall_clock_counts_sleep_and_thread_clock_does_not)
{
    const struct timespec nap = {.tv_sec = 0, .tv_nsec = 100000000};
    double wall = sgeo_wall_seconds();
    double cpu = sgeo_thread_cpu_seconds();
    ck_assert_int_eq(nanosleep(&nap, NULL), 0);
    ck_assert_double_ge(sgeo_wall_seconds() - wall, 0.1);
    ck_assert_double_lt(sgeo_thread_cpu_seconds() - cpu, 0.05);
}
END_TEST

START_TEST(test_thread_clock_counts_work)
{
    double cpu = sgeo_thread_cpu_seconds();
    double deadline = sgeo_wall_seconds() + 10.0;
    while (sgeo_thread_cpu_seconds() - cpu < 0.02) {
        ck_assert_double_lt(sgeo_wall_seconds(), deadline);
    }
}
END_TEST

START_TEST(test_wall_clock_never_goes_back)
{
    double last = sgeo_wall_seconds();
    for (int i = 0; i < 10000; i++) {
        double now = sgeo_wall_seconds();
        ck_assert_double_ge(now, last);
        last = now;
    }
}
END_TEST

/* Of a clock with nanoseconds: no interval that anything is timed over is near it. */
START_TEST(test_wall_clock_steps_are_far_below_a_millisecond)
{
    double step = sgeo_wall_resolution();
    ck_assert_double_gt(step, 0.0);
    ck_assert_double_lt(step, 1e-4);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("clock");
    tcase_set_timeout(tcase, 20.0);
    tcase_add_test(tcase, test_wall_clock_counts_sleep_and_thread_clock_does_not);
    tcase_add_test(tcase, test_thread_clock_counts_work);
    tcase_add_test(tcase, test_wall_clock_never_goes_back);
    tcase_add_test(tcase, test_wall_clock_steps_are_far_below_a_millisecond);
    return run_case("base/clock", tcase);
}
