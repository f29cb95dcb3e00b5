/* Lists, one a line: what is read, what is skipped, where a refused line is. */
#include "harness/list_file.h"

#include "base/text.h"
#include "harness/rig.h"

static struct sgeo_text taken;

static enum sgeo_status take(const char *line, void *context)
{
    if (strcmp(line, "bad") == 0) {
        return sgeo_fail(SGEO_USAGE, "a good one", "no such thing");
    }
    sgeo_text_append(context, "%s;", line);
    return SGEO_OK;
}

static enum sgeo_status read_text(const char *text)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "list", text, strlen(text));
    return sgeo_list_file_read(path, take, &taken);
}

static void setup(void)
{
    scratch_create();
    taken = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&taken);
    scratch_remove();
}

START_TEST(test_list_file_skips_blank_lines_and_comments)
{
    ck_assert_int_eq(read_text("# what\none\r\n\n two\n#\nthree"), SGEO_OK);
    ck_assert_str_eq(taken.bytes, "one; two;three;");
}
END_TEST

START_TEST(test_list_file_names_the_line_that_is_refused)
{
    ck_assert_int_eq(read_text("one\n\nbad\nfour\n"), SGEO_USAGE);
    assert_error_has("line 3 of ");
    assert_error_has("no such thing");
    ck_assert_str_eq(sgeo_error_hint(), "a good one");
    ck_assert_str_eq(taken.bytes, "one;");
}
END_TEST

START_TEST(test_list_file_that_is_missing_is_io)
{
    ck_assert_int_eq(sgeo_list_file_read("/nonexistent/list", take, &taken), SGEO_IO);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("list_file");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_list_file_skips_blank_lines_and_comments);
    tcase_add_test(tcase, test_list_file_names_the_line_that_is_refused);
    tcase_add_test(tcase, test_list_file_that_is_missing_is_io);
    return run_case("list_file", tcase);
}
