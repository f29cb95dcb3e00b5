/* Roofs: sane, complete, and not claimed from a clock that cannot show them. */
#include <math.h>

#include "base/clock.h"
#include "bench/roof_meter.h"
#include "rig.h"

/* A clock of coarse steps: each reading moves it by a fraction of one. */
static double coarse_reading;

static double coarse_clock(void)
{
    coarse_reading += 1.0;
    return floor(coarse_reading / 1000.0);
}

static double standing_clock(void)
{
    return 1.0;
}

static size_t calls, last_times;

/* A body that takes one step of the coarse clock for 50 times. */
static void coarse_body(size_t times, void *context)
{
    (void)context;
    calls++;
    last_times = times;
    coarse_reading += 20.0 * (double)times;
}

static void idle_body(size_t times, void *context)
{
    (void)times;
    (void)context;
}

START_TEST(test_stopwatch_repeats_until_the_clock_shows_20_ticks)
{
    struct sgeo_stopwatch stopwatch = sgeo_stopwatch_of(coarse_clock, 0.0, 3);
    double seconds = 0.0;
    ck_assert_double_eq(stopwatch.tick, 1.0);
    rig_ok(sgeo_stopwatch_best(&seconds, &stopwatch, coarse_body, NULL));
    ck_assert_uint_ge(last_times, 1000);
    ck_assert_double_eq_tol(seconds, 0.02, 0.002);
    ck_assert_uint_ge(calls, 3 + 10);
}
END_TEST

/* The same, interrupted for 100 steps of the clock in its first call. */
static void interrupted_body(size_t times, void *context)
{
    if (calls == 0)
        coarse_reading += 1e5;
    coarse_body(times, context);
}

START_TEST(test_stopwatch_is_not_deceived_by_an_interruption)
{
    for (double wanted = 0.0; wanted <= 90.0; wanted += 90.0) {
        struct sgeo_stopwatch stopwatch = sgeo_stopwatch_of(coarse_clock, wanted, 3);
        double seconds = 0.0;
        calls = 0;
        rig_ok(sgeo_stopwatch_best(&seconds, &stopwatch, interrupted_body, NULL));
        ck_assert_uint_ge(last_times, wanted > 0.0 ? 2250 : 1000);
        ck_assert_double_eq_tol(seconds, 0.02, 0.002);
    }
}
END_TEST

START_TEST(test_stopwatch_refuses_what_is_under_20_ticks)
{
    struct sgeo_stopwatch stopwatch = sgeo_stopwatch_of(coarse_clock, 0.0, 2);
    double seconds = 7.0;
    ck_assert_int_eq(sgeo_stopwatch_best(&seconds, &stopwatch, idle_body, NULL), SGEO_UNSUPPORTED);
    assert_error_has("20 ticks");
    stopwatch = sgeo_stopwatch_of(standing_clock, 0.0, 2);
    ck_assert(isinf(stopwatch.tick));
    ck_assert_int_eq(sgeo_stopwatch_best(&seconds, &stopwatch, idle_body, NULL), SGEO_UNSUPPORTED);
    ck_assert_double_eq(seconds, 7.0);
}
END_TEST

static struct sgeo_roof_meter *meter;
static struct sgeo_roofs roofs;

/* Small and short: whether the numbers hold is not asked here. */
static void measure(void)
{
    struct sgeo_machine machine;
    struct sgeo_stopwatch stopwatch = sgeo_stopwatch_of(sgeo_thread_cpu_seconds, 1e-4, 1);
    sgeo_machine_describe(&machine);
    rig_ok(sgeo_roof_meter_create(&meter, &machine, (size_t)8 << 20, &stopwatch));
    rig_ok(sgeo_roof_meter_all(&roofs, meter));
}

static void end(void)
{
    sgeo_roof_meter_destroy(meter);
}

START_TEST(test_roofs_are_positive_and_below_what_is_possible)
{
    struct sgeo_limit limit;
    size_t n = 0;
    for (; sgeo_roofs_at(&limit, &roofs, n); n++) {
        ck_assert_msg(limit.value > 1e-3 && limit.value < 1e5, "%s: %g", limit.name, limit.value);
        ck_assert_str_ne(limit.name, "");
        ck_assert(limit.is_flops == (strncmp(limit.name, "fma", 3) == 0));
    }
    ck_assert_uint_gt(n, SGEO_LEVELS * 8);
    ck_assert(roofs.fma[roofs.isa] > 0.0);
    ck_assert_double_eq(roofs.fma[SGEO_ISA_REF], 0.0);
}
END_TEST

START_TEST(test_limits_follow_roof_level_and_row)
{
    struct sgeo_limit limit =
        sgeo_roofs_limit(&roofs, SGEO_ROOF_TRIAD, roofs.isa, SGEO_LEVEL_L2, 0);
    ck_assert_str_eq(limit.name, "triad:L2");
    ck_assert_double_eq(limit.value, roofs.triad[SGEO_LEVEL_L2]);
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_UPDATE, roofs.isa, SGEO_LEVEL_L1, 0);
    ck_assert_str_eq(limit.name, "update:L1");
    ck_assert_double_eq(limit.value, roofs.update[SGEO_LEVEL_L1]);
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_GATHER, roofs.isa, SGEO_LEVEL_DRAM, 40);
    ck_assert_str_eq(limit.name, "gather64:DRAM");
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_GATHER, roofs.isa, SGEO_LEVEL_DRAM, 65);
    ck_assert_str_eq(limit.name, "gather128:DRAM");
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_GATHER, roofs.isa, SGEO_LEVEL_DRAM, 4096);
    ck_assert_str_eq(limit.name, "gather512:DRAM");
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_FMA, SGEO_ISA_REF, SGEO_LEVEL_L1, 0);
    ck_assert_str_eq(limit.name, "");
    limit = sgeo_roofs_limit(&roofs, SGEO_ROOF_FMA, SGEO_ISA_SCALAR, SGEO_LEVEL_L1, 0);
    ck_assert_str_eq(limit.name, "fma:scalar");
    ck_assert(limit.is_flops);
}
END_TEST

START_TEST(test_a_roof_of_memory_is_measured_again)
{
    const enum sgeo_roof memory[] = {SGEO_ROOF_READ, SGEO_ROOF_TRIAD, SGEO_ROOF_UPDATE,
                                     SGEO_ROOF_GATHER};
    for (size_t r = 0; r < sizeof memory / sizeof *memory; r++) {
        double gbytes = 0.0;
        rig_ok(sgeo_roof_meter_again(&gbytes, meter, memory[r], SGEO_LEVEL_L3, 64));
        ck_assert_msg(gbytes > 1e-3 && gbytes < 1e5, "%d: %g", (int)memory[r], gbytes);
    }
    double untouched = 7.0;
    ck_assert_int_eq(sgeo_roof_meter_again(&untouched, meter, SGEO_ROOF_FMA, SGEO_LEVEL_L3, 64),
                     SGEO_USAGE);
    ck_assert_double_eq(untouched, 7.0);
}
END_TEST

START_TEST(test_levels_are_found_by_size)
{
    ck_assert_int_eq(sgeo_roofs_level(&roofs, 0), SGEO_LEVEL_L1);
    ck_assert_int_eq(sgeo_roofs_level(&roofs, roofs.cache_bytes[0]), SGEO_LEVEL_L1);
    ck_assert_int_eq(sgeo_roofs_level(&roofs, roofs.cache_bytes[0] + 1), SGEO_LEVEL_L2);
    ck_assert_int_eq(sgeo_roofs_level(&roofs, SIZE_MAX), SGEO_LEVEL_DRAM);
}
END_TEST

START_TEST(test_roofs_table_names_every_level)
{
    struct sgeo_text text = {0};
    sgeo_roofs_print(&text, &roofs);
    for (int level = 0; level < SGEO_LEVELS; level++)
        ck_assert_ptr_nonnull(strstr(text.bytes, sgeo_level_name((enum sgeo_level)level)));
    ck_assert_ptr_nonnull(strstr(text.bytes, "gather512"));
    sgeo_text_clear(&text);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("roofs");
    tcase_set_timeout(tcase, 120);
    tcase_add_unchecked_fixture(tcase, measure, end);
    tcase_add_test(tcase, test_stopwatch_repeats_until_the_clock_shows_20_ticks);
    tcase_add_test(tcase, test_stopwatch_is_not_deceived_by_an_interruption);
    tcase_add_test(tcase, test_stopwatch_refuses_what_is_under_20_ticks);
    tcase_add_test(tcase, test_roofs_are_positive_and_below_what_is_possible);
    tcase_add_test(tcase, test_limits_follow_roof_level_and_row);
    tcase_add_test(tcase, test_a_roof_of_memory_is_measured_again);
    tcase_add_test(tcase, test_levels_are_found_by_size);
    tcase_add_test(tcase, test_roofs_table_names_every_level);
    return run_case("roofs", tcase);
}
