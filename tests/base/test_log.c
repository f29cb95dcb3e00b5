#include "base/log.h"

#include <string.h>

#include "suite.h"

struct heard {
    size_t n;
    enum sgeo_log_level level;
    char text[8192];
};

static void hear(enum sgeo_log_level level, const char *text, void *context)
{
    struct heard *heard = context;
    heard->n++;
    heard->level = level;
    (void)snprintf(heard->text, sizeof heard->text, "%s", text);
}

static void silence(void)
{
    sgeo_log_set_sink(NULL, SGEO_LOG_WARNING, NULL);
}

START_TEST(test_sink_gets_the_formatted_line_and_its_level)
{
    struct heard heard = {0};
    sgeo_log_set_sink(hear, SGEO_LOG_DEBUG, &heard);
    sgeo_log(SGEO_LOG_INFO, "job %d of %s", 3, "nine");
    ck_assert_uint_eq(heard.n, 1);
    ck_assert_int_eq(heard.level, SGEO_LOG_INFO);
    ck_assert_str_eq(heard.text, "job 3 of nine");
}
END_TEST

START_TEST(test_more_verbose_lines_do_not_reach_the_sink)
{
    struct heard heard = {0};
    sgeo_log_set_sink(hear, SGEO_LOG_INFO, &heard);
    sgeo_log(SGEO_LOG_DEBUG, "hidden");
    ck_assert_uint_eq(heard.n, 0);
    sgeo_log(SGEO_LOG_INFO, "shown");
    sgeo_log(SGEO_LOG_WARNING, "shown too");
    ck_assert_uint_eq(heard.n, 2);
}
END_TEST

START_TEST(test_without_a_sink_nothing_happens)
{
    struct heard heard = {0};
    sgeo_log_set_sink(hear, SGEO_LOG_DEBUG, &heard);
    silence();
    sgeo_log(SGEO_LOG_WARNING, "unheard");
    ck_assert_uint_eq(heard.n, 0);
}
END_TEST

START_TEST(test_overlong_line_is_cut_not_overrun)
{
    struct heard heard = {0};
    char line[6000];
    memset(line, 'l', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    sgeo_log_set_sink(hear, SGEO_LOG_WARNING, &heard);
    sgeo_log(SGEO_LOG_WARNING, "%s", line);
    ck_assert_uint_gt(strlen(heard.text), 1000);
    ck_assert_uint_lt(strlen(heard.text), sizeof line - 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("log");
    tcase_add_checked_fixture(tcase, NULL, silence);
    tcase_add_test(tcase, test_sink_gets_the_formatted_line_and_its_level);
    tcase_add_test(tcase, test_more_verbose_lines_do_not_reach_the_sink);
    tcase_add_test(tcase, test_without_a_sink_nothing_happens);
    tcase_add_test(tcase, test_overlong_line_is_cut_not_overrun);
    return run_case("base/log", tcase);
}
