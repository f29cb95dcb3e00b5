#include "base/journal.h"

#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "limit.h"
#include "suite.h"

static const char identity[] = "{\"argv\":\"--table 2\"}";

/* What a replay showed, each line followed by ';'. */
struct replayed {
    struct sgeo_text lines;
    const char *stop_at; /* the line that fails, or NULL */
};

static enum sgeo_status remember(const char *line, void *context)
{
    struct replayed *replayed = context;
    if (replayed->stop_at != NULL && strcmp(line, replayed->stop_at) == 0) {
        return sgeo_fail(SGEO_IO, NULL, "stopped at %s", line);
    }
    sgeo_text_append(&replayed->lines, "%s;", line);
    return SGEO_OK;
}

/* Open a journal that must open, and compare what it replays. */
static struct sgeo_journal *open_expecting(const char *path, const char *expected)
{
    struct sgeo_journal *journal = NULL;
    struct replayed replayed = {0};
    ck_assert_msg(sgeo_journal_open(&journal, path, identity, remember, &replayed) == SGEO_OK, "%s",
                  sgeo_error_text());
    sgeo_text_append(&replayed.lines, "%s", "");
    ck_assert_str_eq(replayed.lines.bytes, expected);
    sgeo_text_clear(&replayed.lines);
    return journal;
}

static enum sgeo_status open_refused(const char *path, const char *other, const char *reason)
{
    struct sgeo_journal *journal = NULL;
    struct replayed replayed = {0};
    enum sgeo_status status = sgeo_journal_open(&journal, path, other, remember, &replayed);
    ck_assert_int_ne(status, SGEO_OK);
    ck_assert_ptr_null(journal);
    ck_assert_msg(strstr(sgeo_error_text(), path) != NULL, "%s", sgeo_error_text());
    ck_assert_msg(strstr(sgeo_error_text(), reason) != NULL, "%s", sgeo_error_text());
    sgeo_text_clear(&replayed.lines);
    return status;
}

static void append(struct sgeo_journal *journal, const char *line)
{
    ck_assert_msg(sgeo_journal_append(journal, line) == SGEO_OK, "%s", sgeo_error_text());
}

static void assert_holds(const char *path, const char *expected)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    ck_assert_int_eq(sgeo_file_read(path, 1000000, &bytes, &n_bytes), SGEO_OK);
    ck_assert_uint_eq(n_bytes, strlen(expected));
    ck_assert_str_eq((const char *)bytes, expected);
    sgeo_free(bytes);
}

START_TEST(test_lines_come_back_in_order)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "j");
    struct sgeo_journal *journal = open_expecting(path, "");
    append(journal, "one");
    append(journal, "");
    append(journal, "three");
    sgeo_journal_close(journal);
    journal = open_expecting(path, "one;;three;");
    append(journal, "four");
    sgeo_journal_close(journal);
    sgeo_journal_close(open_expecting(path, "one;;three;four;"));
    sgeo_journal_close(NULL);
}
END_TEST

START_TEST(test_line_is_in_the_file_when_append_returns)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "j");
    struct sgeo_journal *journal = open_expecting(path, "");
    assert_holds(path, "{\"argv\":\"--table 2\"}\n");
    append(journal, "one");
    assert_holds(path, "{\"argv\":\"--table 2\"}\none\n");
    sgeo_journal_close(journal);
}
END_TEST

/* What must be replayed from the first `cut` bytes: the whole lines behind the identity. */
static void whole_lines(struct sgeo_text *expected, const char *bytes, size_t cut)
{
    const char *line = strchr(bytes, '\n') + 1;
    for (const char *end; (end = strchr(line, '\n')) != NULL && end < bytes + cut; line = end + 1) {
        sgeo_text_append(expected, "%.*s;", (int)(end - line), line);
    }
    sgeo_text_append(expected, "%s", "");
}

START_TEST(test_journal_cut_at_any_byte_keeps_its_whole_lines_and_goes_on)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_text bytes = {0};
    sgeo_text_append(&bytes, "%s\nfirst job\nsecond, longer job\n3\n", identity);
    for (size_t cut = 0; cut <= bytes.length; cut++) {
        struct sgeo_text expected = {0};
        whole_lines(&expected, bytes.bytes, cut);
        scratch_write(path, "j", bytes.bytes, cut);
        struct sgeo_journal *journal = open_expecting(path, expected.bytes);
        append(journal, "n"); /* shorter than any torn line */
        sgeo_journal_close(journal);
        sgeo_text_append(&expected, "n;");
        sgeo_journal_close(open_expecting(path, expected.bytes));
        sgeo_text_clear(&expected);
    }
    sgeo_text_clear(&bytes);
}
END_TEST

START_TEST(test_torn_line_is_cut_off_at_open)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_text bytes = {0};
    sgeo_text_append(&bytes, "%s\nwhole\ntor", identity);
    scratch_write(path, "j", bytes.bytes, bytes.length);
    sgeo_journal_close(open_expecting(path, "whole;"));
    ck_assert_int_eq(scratch_size(path), (long long)bytes.length - 3);
    sgeo_text_clear(&bytes);
}
END_TEST

START_TEST(test_other_arguments_are_refused_with_a_way_out)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "j");
    struct sgeo_journal *journal = open_expecting(path, "");
    append(journal, "one");
    sgeo_journal_close(journal);
    ck_assert_int_eq(open_refused(path, "{\"argv\":\"--table 1\"}", "other arguments"), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "--out"));
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "original arguments"));
    ck_assert_int_eq(open_refused(path, "{\"argv\":\"--table 2\"", "other arguments"), SGEO_USAGE);
    ck_assert_int_eq(open_refused(path, "{\"argv\":\"--table 2\"}x", "other arguments"),
                     SGEO_USAGE);
    sgeo_journal_close(open_expecting(path, "one;"));
}
END_TEST

START_TEST(test_foreign_file_is_refused_and_left_alone)
{
    static const char *const contents[] = {"notes without a newline", "{\"argx", "\n",
                                           "notes\nmore"};
    char path[SCRATCH_PATH_BYTES];
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        scratch_write(path, "j", contents[i], strlen(contents[i]));
        ck_assert_int_eq(open_refused(path, identity, "other arguments"), SGEO_USAGE);
        assert_holds(path, contents[i]);
    }
}
END_TEST

START_TEST(test_callback_failure_ends_the_replay_with_its_status)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_text bytes = {0};
    struct sgeo_journal *journal = NULL;
    struct replayed replayed = {.stop_at = "two"};
    sgeo_text_append(&bytes, "%s\none\ntwo\nthree\n", identity);
    scratch_write(path, "j", bytes.bytes, bytes.length);
    ck_assert_int_eq(sgeo_journal_open(&journal, path, identity, remember, &replayed), SGEO_IO);
    ck_assert_msg(strstr(sgeo_error_text(), "j:3: stopped at two") != NULL, "%s",
                  sgeo_error_text());
    ck_assert_str_eq(replayed.lines.bytes, "one;");
    ck_assert_ptr_null(journal);
    assert_holds(path, bytes.bytes);
    sgeo_text_clear(&replayed.lines);
    sgeo_text_clear(&bytes);
}
END_TEST

START_TEST(test_nul_byte_in_a_whole_line_is_damage)
{
    static const char bytes[] = "{\"argv\":\"--table 2\"}\no\0e\n";
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "j", bytes, sizeof bytes - 1);
    ck_assert_int_eq(open_refused(path, identity, "j:2: the journal is damaged: NUL byte"),
                     SGEO_IO);
}
END_TEST

START_TEST(test_append_that_fails_leaves_no_trace)
{
    char path[SCRATCH_PATH_BYTES];
    char large[8192];
    memset(large, 'l', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    scratch_path(path, "j");
    struct sgeo_journal *journal = open_expecting(path, "");
    append(journal, "one");
    limit_file_size(4096);
    enum sgeo_status status = sgeo_journal_append(journal, large);
    limit_file_size(RLIM_INFINITY);
    ck_assert_int_eq(status, SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "File too large"));
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), path));
    ck_assert_int_eq(scratch_size(path), (long long)strlen(identity) + 5);
    append(journal, "two");
    sgeo_journal_close(journal);
    sgeo_journal_close(open_expecting(path, "one;two;"));
}
END_TEST

START_TEST(test_journal_in_a_missing_directory_is_io)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "missing/j");
    ck_assert_int_eq(open_refused(path, identity, "No such file or directory"), SGEO_IO);
    ck_assert_int_eq(open_refused(scratch_directory, identity, "Is a directory"), SGEO_IO);
}
END_TEST

/* In another process: hold the journal open, say so, and wait until told to end. */
static void hold(const char *path, int ready, int release)
{
    struct sgeo_journal *journal = NULL;
    struct replayed replayed = {0};
    char byte = 'x';
    if (sgeo_journal_open(&journal, path, identity, remember, &replayed) == SGEO_OK &&
        write(ready, &byte, 1) == 1 && read(release, &byte, 1) == 0) {
        sgeo_journal_close(journal);
        _exit(0);
    }
    _exit(1);
}

START_TEST(test_journal_of_another_running_process_is_refused)
{
    char path[SCRATCH_PATH_BYTES];
    int ready[2];
    int release[2];
    char byte;
    int exit_status;
    scratch_path(path, "j");
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(release), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)close(release[1]);
        hold(path, ready[1], release[0]);
    }
    ck_assert_int_eq(close(ready[1]), 0);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(open_refused(path, identity, "in use by another running process"), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "--out"));
    ck_assert_int_eq(close(release[1]), 0);
    ck_assert_int_eq(waitpid(child, &exit_status, 0), child);
    ck_assert_int_eq(exit_status, 0);
    sgeo_journal_close(open_expecting(path, "")); /* free again */
    ck_assert_int_eq(close(ready[0]), 0);
    ck_assert_int_eq(close(release[0]), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("journal");
    tcase_set_timeout(tcase, 60.0); /* every line is fsynced */
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_lines_come_back_in_order);
    tcase_add_test(tcase, test_line_is_in_the_file_when_append_returns);
    tcase_add_test(tcase, test_journal_cut_at_any_byte_keeps_its_whole_lines_and_goes_on);
    tcase_add_test(tcase, test_torn_line_is_cut_off_at_open);
    tcase_add_test(tcase, test_other_arguments_are_refused_with_a_way_out);
    tcase_add_test(tcase, test_foreign_file_is_refused_and_left_alone);
    tcase_add_test(tcase, test_callback_failure_ends_the_replay_with_its_status);
    tcase_add_test(tcase, test_nul_byte_in_a_whole_line_is_damage);
    tcase_add_test(tcase, test_append_that_fails_leaves_no_trace);
    tcase_add_test(tcase, test_journal_in_a_missing_directory_is_io);
    tcase_add_test(tcase, test_journal_of_another_running_process_is_refused);
    return run_case("base/journal", tcase);
}
