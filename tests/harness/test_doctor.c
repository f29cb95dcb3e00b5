/* --doctor: a line for everything that results and timings depend on. */
#include "harness/doctor.h"

#include "base/fpenv.h"
#include "harness/rig.h"

static struct sgeo_text report;

static void setup(void)
{
    tiny_create();
    ck_assert(sgeo_fpenv_flush_denormals()); /* as the program does */
    report = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&report);
    scratch_remove();
}

static void examine(const char *data)
{
    struct sgeo_options options = tiny_options(NULL);
    options.data = data;
    ck_assert_msg(sgeo_doctor(&options, collect, &report) == SGEO_OK, "%s", sgeo_error_text());
}

START_TEST(test_doctor_has_a_line_for_everything)
{
    static const char *const lines[] = {
        "cpu ",        "threads ",    "NUMA nodes ", "system ", "governor ", "turbo ",
        "load ",       "huge pages ", "ASLR ",       "timer ",  "build ",    "oneDNN ",
        "denormals  ", "kernels ",    "task ",       "clicks ", "MPI "};
    examine(NULL);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char start[32];
        snprintf(start, sizeof start, "\n%s", lines[i]);
        ck_assert_msg(strncmp(report.bytes, lines[i], strlen(lines[i])) == 0 ||
                          strstr(report.bytes, start) != NULL,
                      "no line of %s", lines[i]);
    }
}
END_TEST

START_TEST(test_doctor_names_the_data_by_their_checksum)
{
    examine(tiny_data);
    const char *task = strstr(report.bytes, "nb201-cf10 ");
    ck_assert_ptr_nonnull(task);
    ck_assert_uint_eq(strspn(strstr(task, "images real (SHA-256 ") + 21, "0123456789abcdef"), 16);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("doctor");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_doctor_has_a_line_for_everything);
    tcase_add_test(tcase, test_doctor_names_the_data_by_their_checksum);
    return run_case("harness/doctor", tcase);
}
