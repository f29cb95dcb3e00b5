/* What the system says of itself, on folders that look like /sys and /proc. */
#include "base/host.h"

#include "base/file.h"
#include "base/suite.h"

#define CPU "/sys/devices/system/cpu"

/* A file of the system, below the scratch directory. */
static void write_file(const char *name, const char *text)
{
    char path[SCRATCH_PATH_BYTES], folder[SCRATCH_PATH_BYTES];
    scratch_path(folder, name + 1);
    *strrchr(folder, '/') = '\0';
    ck_assert_int_eq(sgeo_directory_create(folder), 0);
    scratch_write(path, name + 1, text, strlen(text));
}

static struct sgeo_host describe(void)
{
    struct sgeo_host host;
    sgeo_host_describe(&host, scratch_directory);
    return host;
}

START_TEST(test_host_of_a_tuned_machine)
{
    write_file(CPU "/cpu0/cpufreq/scaling_governor", "performance\n");
    write_file(CPU "/cpu1/cpufreq/scaling_governor", "performance\n");
    write_file(CPU "/intel_pstate/no_turbo", "1\n");
    write_file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    write_file("/proc/sys/kernel/randomize_va_space", "2\n");
    write_file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
    write_file("/proc/loadavg", "0.25 0.18 0.12 1/80 11206\n");
    struct sgeo_host host = describe();
    ck_assert_str_eq(host.governor, "performance");
    ck_assert_str_eq(host.turbo, "off");
    ck_assert_str_eq(host.huge_pages, "madvise");
    ck_assert_str_eq(host.aslr, "full");
    ck_assert_str_eq(host.clock_source, "tsc");
    ck_assert_double_eq(host.load, 0.25);
}
END_TEST

START_TEST(test_host_that_tells_nothing)
{
    struct sgeo_host host = describe();
    ck_assert_str_eq(host.governor, "not readable");
    ck_assert_str_eq(host.turbo, "not readable");
    ck_assert_str_eq(host.huge_pages, "not readable");
    ck_assert_str_eq(host.aslr, "not readable");
    ck_assert_str_eq(host.clock_source, "not readable");
    ck_assert_double_lt(host.load, 0.0);
}
END_TEST

START_TEST(test_host_governors_may_differ)
{
    write_file(CPU "/cpu0/cpufreq/scaling_governor", "performance\n");
    write_file(CPU "/cpu1/cpufreq/scaling_governor", "powersave\n");
    ck_assert_str_eq(describe().governor, "different ones");
}
END_TEST

START_TEST(test_host_turbo_by_either_driver)
{
    write_file(CPU "/cpufreq/boost", "1\n");
    ck_assert_str_eq(describe().turbo, "on");
    write_file(CPU "/cpufreq/boost", "0\n");
    ck_assert_str_eq(describe().turbo, "off");
    write_file(CPU "/intel_pstate/no_turbo", "0\n");
    ck_assert_str_eq(describe().turbo, "on");
}
END_TEST

START_TEST(test_host_with_files_of_another_kind)
{
    write_file("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise never\n");
    write_file("/proc/sys/kernel/randomize_va_space", "3\n");
    write_file("/proc/loadavg", "busy\n");
    write_file(CPU "/cpu0/cpufreq/scaling_governor", "");
    struct sgeo_host host = describe();
    ck_assert_str_eq(host.governor, "not readable");
    ck_assert_str_eq(host.huge_pages, "not readable");
    ck_assert_str_eq(host.aslr, "not readable");
    ck_assert_double_lt(host.load, 0.0);
}
END_TEST

START_TEST(test_host_without_address_randomisation)
{
    write_file("/proc/sys/kernel/randomize_va_space", "0\n");
    ck_assert_str_eq(describe().aslr, "off");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("host");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_host_of_a_tuned_machine);
    tcase_add_test(tcase, test_host_that_tells_nothing);
    tcase_add_test(tcase, test_host_governors_may_differ);
    tcase_add_test(tcase, test_host_turbo_by_either_driver);
    tcase_add_test(tcase, test_host_with_files_of_another_kind);
    tcase_add_test(tcase, test_host_without_address_randomisation);
    return run_case("host", tcase);
}
