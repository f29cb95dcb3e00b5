#include "base/process.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

START_TEST(test_process_output_is_kept)
{
    struct sgeo_text output = {0};
    sgeo_text_append(&output, "before ");
    const char *const argv[] = {"printf", "%s %s", "one", "two", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, argv), SGEO_OK);
    ck_assert_str_eq(output.bytes, "before one two");
    sgeo_text_clear(&output);
}
END_TEST

START_TEST(test_process_long_output_is_whole)
{
    struct sgeo_text output = {0};
    const char *const argv[] = {"/bin/sh", "-c", "yes 123456789 | head -n 50000", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, argv), SGEO_OK);
    ck_assert_uint_eq(output.length, 500000);
    sgeo_text_clear(&output);
}
END_TEST

START_TEST(test_process_that_is_not_there_is_named)
{
    struct sgeo_text output = {0};
    const char *const argv[] = {"/no/such/program", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, argv), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "/no/such/program"));
    sgeo_text_clear(&output);
}
END_TEST

START_TEST(test_process_failure_tells_its_code)
{
    struct sgeo_text output = {0};
    const char *const code[] = {"/bin/sh", "-c", "exit 7", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, code), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "code 7"));
    const char *const fault[] = {"/bin/sh", "-c", "kill -SEGV $$", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, fault), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "signal 11"));
    const char *const interrupt[] = {"/bin/sh", "-c", "kill -INT $$", NULL};
    ck_assert_int_eq(sgeo_process_capture(&output, interrupt), SGEO_INTERRUPTED);
    sgeo_text_clear(&output);
}
END_TEST

static void end_child(int signal_number)
{
    (void)signal_number;
    sgeo_process_end_child();
}

START_TEST(test_process_is_ended_from_a_signal_handler)
{
    struct sgeo_text output = {0};
    struct sigaction action = {.sa_handler = end_child};
    const char *const argv[] = {"sleep", "60", NULL};
    sgeo_process_end_child(); /* nothing runs: nothing happens */
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    ck_assert_int_eq(sgeo_process_capture(&output, argv), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "signal 15"));
    sgeo_text_clear(&output);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("process");
    tcase_add_test(tcase, test_process_output_is_kept);
    tcase_add_test(tcase, test_process_long_output_is_whole);
    tcase_add_test(tcase, test_process_that_is_not_there_is_named);
    tcase_add_test(tcase, test_process_failure_tells_its_code);
    tcase_add_test(tcase, test_process_is_ended_from_a_signal_handler);
    return run_case("base/process", tcase);
}
