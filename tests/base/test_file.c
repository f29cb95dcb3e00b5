#include "base/file.h"

#include <fcntl.h>
#include <string.h>

#include "base/memory.h"
#include "limit.h"
#include "suite.h"

static void assert_holds(const char *path, const char *expected)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    ck_assert_int_eq(sgeo_file_read(path, 1000000, &bytes, &n_bytes), SGEO_OK);
    ck_assert_uint_eq(n_bytes, strlen(expected));
    ck_assert_str_eq((const char *)bytes, expected);
    sgeo_free(bytes);
}

static void assert_error_says(const char *words)
{
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "%s", sgeo_error_text());
}

START_TEST(test_publish_creates_and_replaces)
{
    char path[SCRATCH_PATH_BYTES];
    char temporary[SCRATCH_PATH_BYTES];
    scratch_path(path, "f");
    scratch_path(temporary, "f.tmp");
    ck_assert_int_eq(sgeo_file_publish(path, "first version", 13), SGEO_OK);
    assert_holds(path, "first version");
    ck_assert_int_eq(sgeo_file_publish(path, "second", 6), SGEO_OK);
    assert_holds(path, "second");
    ck_assert_int_eq(sgeo_file_publish(path, "", 0), SGEO_OK);
    assert_holds(path, "");
    ck_assert(!sgeo_file_exists(temporary));
}
END_TEST

START_TEST(test_publish_overwrites_a_temporary_file_left_by_a_crash)
{
    char path[SCRATCH_PATH_BYTES];
    char temporary[SCRATCH_PATH_BYTES];
    scratch_path(path, "f");
    scratch_write(temporary, "f.tmp", "a long leftover", 15);
    ck_assert_int_eq(sgeo_file_publish(path, "new", 3), SGEO_OK);
    assert_holds(path, "new");
    ck_assert(!sgeo_file_exists(temporary));
}
END_TEST

START_TEST(test_publish_on_a_full_disk_says_so_and_keeps_the_old_file)
{
    char path[SCRATCH_PATH_BYTES];
    char temporary[SCRATCH_PATH_BYTES];
    scratch_write(path, "f", "old", 3);
    scratch_path(temporary, "f.tmp");
    ck_assert_int_eq(symlink("/dev/full", temporary), 0); /* where the bytes will go */
    ck_assert_int_eq(sgeo_file_publish(path, "new", 3), SGEO_IO);
    assert_error_says(path);
    assert_error_says("No space left on device");
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "free some disk space"));
    assert_holds(path, "old");
    ck_assert_int_eq(scratch_size(temporary), -1);
}
END_TEST

START_TEST(test_publish_cut_in_the_middle_keeps_the_old_file)
{
    static char large[65536];
    char path[SCRATCH_PATH_BYTES];
    char temporary[SCRATCH_PATH_BYTES];
    scratch_write(path, "f", "old", 3);
    scratch_path(temporary, "f.tmp");
    limit_file_size(4096);
    enum sgeo_status status = sgeo_file_publish(path, large, sizeof large);
    limit_file_size(RLIM_INFINITY);
    ck_assert_int_eq(status, SGEO_IO);
    assert_error_says("File too large");
    assert_holds(path, "old");
    ck_assert_int_eq(scratch_size(temporary), -1);
}
END_TEST

START_TEST(test_publish_into_a_missing_directory_fails)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "missing/f");
    ck_assert_int_eq(sgeo_file_publish(path, "new", 3), SGEO_IO);
    assert_error_says("missing/f.tmp: No such file or directory");
}
END_TEST

START_TEST(test_publish_below_a_file_fails)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "f", "old", 3);
    scratch_path(path, "f/g");
    ck_assert_int_eq(sgeo_file_publish(path, "new", 3), SGEO_IO);
    assert_error_says("Not a directory");
}
END_TEST

START_TEST(test_publish_into_a_read_only_directory_keeps_the_old_file)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "f", "old", 3);
    if (geteuid() == 0) {
        return; /* permissions do not bind root */
    }
    ck_assert_int_eq(chmod(scratch_directory, 0500), 0);
    enum sgeo_status status = sgeo_file_publish(path, "new", 3);
    enum sgeo_status created = sgeo_directory_create(scratch_directory);
    ck_assert_int_eq(chmod(scratch_directory, 0700), 0);
    ck_assert_int_eq(status, SGEO_IO);
    ck_assert_int_eq(created, SGEO_IO);
    assert_error_says("Permission denied");
    assert_holds(path, "old");
}
END_TEST

START_TEST(test_publish_does_not_replace_what_is_no_file)
{
    struct stat about;
    ck_assert_int_eq(sgeo_file_publish("/dev/null", "new", 3), SGEO_IO);
    assert_error_says("/dev/null: not a regular file");
    ck_assert_int_eq(stat("/dev/null", &about), 0);
    ck_assert(S_ISCHR(about.st_mode));
    ck_assert_int_eq(sgeo_file_publish(scratch_directory, "new", 3), SGEO_IO);
}
END_TEST

START_TEST(test_publish_beside_a_directory_named_like_the_temporary_file_fails)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "f.tmp");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    scratch_write(path, "f", "old", 3);
    ck_assert_int_eq(sgeo_file_publish(path, "new", 3), SGEO_IO);
    assert_error_says("Is a directory");
    assert_holds(path, "old");
}
END_TEST

START_TEST(test_directory_is_created_with_its_parents_and_twice_is_fine)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "a/b//c/");
    ck_assert_int_eq(sgeo_directory_create(path), SGEO_OK);
    ck_assert_int_eq(sgeo_directory_create(path), SGEO_OK);
    scratch_path(path, "a/b/c/f");
    ck_assert_int_eq(sgeo_file_publish(path, "x", 1), SGEO_OK);
}
END_TEST

START_TEST(test_relative_paths_start_at_the_working_directory)
{
    char path[SCRATCH_PATH_BYTES];
    int back = open(".", O_RDONLY);
    ck_assert_int_ge(back, 0);
    ck_assert_int_eq(chdir(scratch_directory), 0);
    enum sgeo_status created = sgeo_directory_create("a/b");
    enum sgeo_status existing = sgeo_directory_create(".");
    enum sgeo_status published = sgeo_file_publish("f", "x", 1);
    ck_assert_int_eq(fchdir(back), 0);
    ck_assert_int_eq(close(back), 0);
    ck_assert_int_eq(created, SGEO_OK);
    ck_assert_int_eq(existing, SGEO_OK);
    ck_assert_int_eq(published, SGEO_OK);
    scratch_path(path, "f");
    assert_holds(path, "x");
}
END_TEST

START_TEST(test_directory_through_or_onto_a_file_fails)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "f", "x", 1);
    ck_assert_int_eq(sgeo_directory_create(path), SGEO_IO);
    assert_error_says("f: Not a directory");
    scratch_path(path, "f/g");
    ck_assert_int_eq(sgeo_directory_create(path), SGEO_IO);
    assert_error_says("f: Not a directory");
    ck_assert_int_eq(sgeo_directory_create(""), SGEO_IO);
}
END_TEST

START_TEST(test_exists_tells_files_and_directories)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "f");
    ck_assert(!sgeo_file_exists(path));
    scratch_write(path, "f", "", 0);
    ck_assert(sgeo_file_exists(path));
    ck_assert(sgeo_file_exists(scratch_directory));
}
END_TEST

START_TEST(test_remove_removes_and_is_fine_with_nothing)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "old", "x", 1);
    ck_assert_int_eq(sgeo_file_remove(path), SGEO_OK);
    ck_assert(!sgeo_file_exists(path));
    ck_assert_int_eq(sgeo_file_remove(path), SGEO_OK);
    scratch_path(path, "folder");
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert_int_eq(sgeo_file_remove(path), SGEO_IO);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("file");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_publish_creates_and_replaces);
    tcase_add_test(tcase, test_remove_removes_and_is_fine_with_nothing);
    tcase_add_test(tcase, test_publish_overwrites_a_temporary_file_left_by_a_crash);
    tcase_add_test(tcase, test_publish_on_a_full_disk_says_so_and_keeps_the_old_file);
    tcase_add_test(tcase, test_publish_cut_in_the_middle_keeps_the_old_file);
    tcase_add_test(tcase, test_publish_into_a_missing_directory_fails);
    tcase_add_test(tcase, test_publish_below_a_file_fails);
    tcase_add_test(tcase, test_publish_into_a_read_only_directory_keeps_the_old_file);
    tcase_add_test(tcase, test_publish_does_not_replace_what_is_no_file);
    tcase_add_test(tcase, test_publish_beside_a_directory_named_like_the_temporary_file_fails);
    tcase_add_test(tcase, test_directory_is_created_with_its_parents_and_twice_is_fine);
    tcase_add_test(tcase, test_relative_paths_start_at_the_working_directory);
    tcase_add_test(tcase, test_directory_through_or_onto_a_file_fails);
    tcase_add_test(tcase, test_exists_tells_files_and_directories);
    return run_case("base/file", tcase);
}
