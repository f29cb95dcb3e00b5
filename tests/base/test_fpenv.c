#include "base/fpenv.h"

#include <fenv.h>
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "suite.h"

static fenv_t before;

static void keep_environment(void)
{
    ck_assert_int_eq(fegetenv(&before), 0);
}

static void restore_environment(void)
{
    ck_assert_int_eq(fesetenv(&before), 0);
}

/* A comparison would itself read denormals as zero. */
static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

START_TEST(test_program_starts_with_denormals)
{
    volatile float smallest = FLT_MIN;
    ck_assert(!sgeo_fpenv_flushes());
    ck_assert(smallest * 0.5f > 0.0f);
}
END_TEST

START_TEST(test_flush_zeroes_denormal_results)
{
    volatile float smallest = FLT_MIN;
    ck_assert(sgeo_fpenv_flush_denormals());
    ck_assert(sgeo_fpenv_flushes());
    ck_assert_uint_eq(bits_of(smallest * 0.5f), 0);
}
END_TEST

START_TEST(test_flush_reads_denormal_inputs_as_zero)
{
    volatile float denormal = 1e-40f;
    volatile float large = 1e30f;
    ck_assert(sgeo_fpenv_flush_denormals());
    ck_assert_uint_eq(bits_of(denormal * large), 0); /* 1e-10 if the input counted */
}
END_TEST

START_TEST(test_denormals_can_be_kept_again)
{
    volatile float smallest = FLT_MIN;
    ck_assert(sgeo_fpenv_flush_denormals());
    sgeo_fpenv_keep_denormals();
    ck_assert(!sgeo_fpenv_flushes());
    ck_assert(smallest * 0.5f > 0.0f);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("fpenv");
    tcase_add_checked_fixture(tcase, keep_environment, restore_environment);
    tcase_add_test(tcase, test_program_starts_with_denormals);
    tcase_add_test(tcase, test_flush_zeroes_denormal_results);
    tcase_add_test(tcase, test_flush_reads_denormal_inputs_as_zero);
    tcase_add_test(tcase, test_denormals_can_be_kept_again);
    return run_case("base/fpenv", tcase);
}
