#include "base/status.h"

#include <string.h>

#include "base/thread.h"
#include "suite.h"

START_TEST(test_fail_returns_its_status_and_keeps_text_and_hint)
{
    ck_assert_int_eq(sgeo_fail(SGEO_IO, "check the path", "cannot open %s: %d", "x", 7), SGEO_IO);
    ck_assert_str_eq(sgeo_error_text(), "cannot open x: 7");
    ck_assert_str_eq(sgeo_error_hint(), "check the path");
}
END_TEST

START_TEST(test_later_failure_replaces_text_and_hint)
{
    (void)sgeo_fail(SGEO_IO, "old hint", "old text");
    (void)sgeo_fail(SGEO_USAGE, NULL, "new");
    ck_assert_str_eq(sgeo_error_text(), "new");
    ck_assert_str_eq(sgeo_error_hint(), "");
}
END_TEST

START_TEST(test_fail_may_wrap_the_last_text_and_hint)
{
    (void)sgeo_fail(SGEO_IO, "the hint", "inner");
    (void)sgeo_fail(SGEO_IO, sgeo_error_hint(), "outer: %s", sgeo_error_text());
    ck_assert_str_eq(sgeo_error_text(), "outer: inner");
    ck_assert_str_eq(sgeo_error_hint(), "the hint");
}
END_TEST

START_TEST(test_error_stays_one_line)
{
    (void)sgeo_fail(SGEO_IO, "a\tb", "file %s", "bad\nname\x1b[2J\x7f");
    ck_assert_str_eq(sgeo_error_text(), "file bad?name?[2J?");
    ck_assert_str_eq(sgeo_error_hint(), "a?b");
}
END_TEST

START_TEST(test_overlong_text_is_cut_not_overrun)
{
    char name[5000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)sgeo_fail(SGEO_IO, name, "%s", name);
    ck_assert_uint_gt(strlen(sgeo_error_text()), 500);
    ck_assert_uint_lt(strlen(sgeo_error_text()), sizeof name - 1);
    ck_assert_uint_lt(strlen(sgeo_error_hint()), sizeof name - 1);
}
END_TEST

START_TEST(test_memory_failure_names_its_object)
{
    ck_assert_int_eq(sgeo_fail_memory("the arena"), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "the arena"));
    ck_assert_str_ne(sgeo_error_hint(), "");
}
END_TEST

static void fail_elsewhere(size_t worker, void *context)
{
    bool *was_empty = context;
    was_empty[worker] = sgeo_error_text()[0] == '\0';
    (void)sgeo_fail(SGEO_IO, NULL, "error of worker %zu", worker);
}

START_TEST(test_error_text_belongs_to_its_thread)
{
    bool was_empty[2] = {false, false};
    struct sgeo_crew *crew = NULL;
    (void)sgeo_fail(SGEO_IO, NULL, "mine");
    ck_assert_int_eq(sgeo_crew_start(&crew, 2, fail_elsewhere, was_empty), SGEO_OK);
    sgeo_crew_join(crew);
    ck_assert(was_empty[0] && was_empty[1]);
    ck_assert_str_eq(sgeo_error_text(), "mine");
}
END_TEST

START_TEST(test_status_values_are_the_exit_codes)
{
    ck_assert_int_eq(SGEO_OK, 0);
    ck_assert_int_eq(SGEO_CHECK_FAILED, 1);
    ck_assert_int_eq(SGEO_USAGE, 2);
    ck_assert_int_eq(SGEO_UNSUPPORTED, 3);
    ck_assert_int_eq(SGEO_IO, 4);
    ck_assert_int_eq(SGEO_INTERRUPTED, 130);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("status");
    tcase_add_test(tcase, test_fail_returns_its_status_and_keeps_text_and_hint);
    tcase_add_test(tcase, test_later_failure_replaces_text_and_hint);
    tcase_add_test(tcase, test_fail_may_wrap_the_last_text_and_hint);
    tcase_add_test(tcase, test_error_stays_one_line);
    tcase_add_test(tcase, test_overlong_text_is_cut_not_overrun);
    tcase_add_test(tcase, test_memory_failure_names_its_object);
    tcase_add_test(tcase, test_error_text_belongs_to_its_thread);
    tcase_add_test(tcase, test_status_values_are_the_exit_codes);
    return run_case("base/status", tcase);
}
