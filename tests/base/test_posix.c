#include "base/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "suite.h"

START_TEST(test_failure_says_what_on_which_and_why)
{
    ck_assert_int_eq(sgeo_fail_errno(ENOENT, "open", "some/file"), SGEO_IO);
    ck_assert_str_eq(sgeo_error_text(), "cannot open some/file: No such file or directory");
    ck_assert_str_ne(sgeo_error_hint(), "");
}
END_TEST

START_TEST(test_full_disk_has_its_own_hint)
{
    (void)sgeo_fail_errno(ENOSPC, "write", "f");
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "No space left on device"));
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "free some disk space"));
}
END_TEST

START_TEST(test_write_to_a_full_device_fails_with_its_reason)
{
    int fd = sgeo_fd_open("/dev/full", O_WRONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert(!sgeo_fd_write_at(fd, "x", 1, 0));
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(test_write_lands_at_its_offset)
{
    char path[SCRATCH_PATH_BYTES];
    char bytes[16] = {0};
    scratch_write(path, "f", "0123456789", 10);
    int fd = sgeo_fd_open(path, O_RDWR);
    ck_assert(sgeo_fd_write_at(fd, "xyz", 3, 4));
    ck_assert_int_eq(sgeo_fd_read(fd, bytes, sizeof bytes), 10);
    ck_assert_str_eq(bytes, "0123xyz789");
    ck_assert_int_eq(sgeo_fd_read(fd, bytes, sizeof bytes), 0);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(test_read_starts_at_its_offset_and_ends_with_the_file)
{
    char path[SCRATCH_PATH_BYTES];
    char bytes[16] = {0};
    scratch_write(path, "f", "0123456789", 10);
    int fd = sgeo_fd_open(path, O_RDONLY);
    ck_assert_int_eq(sgeo_fd_read_at(fd, bytes, 3, 4), 3);
    ck_assert_str_eq(bytes, "456");
    ck_assert_int_eq(sgeo_fd_read_at(fd, bytes, sizeof bytes, 8), 2);
    ck_assert_int_eq(sgeo_fd_read_at(fd, bytes, sizeof bytes, 10), 0);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(sgeo_fd_read_at(fd, bytes, 1, 0), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(test_parent_of_every_form_of_path_is_found)
{
    char path[SCRATCH_PATH_BYTES];
    ck_assert_int_eq(sgeo_parent_sync("name"), SGEO_OK);
    ck_assert_int_eq(sgeo_parent_sync("/name"), SGEO_OK);
    scratch_path(path, "name");
    ck_assert_int_eq(sgeo_parent_sync(path), SGEO_OK);
    scratch_path(path, "missing/name");
    ck_assert_int_eq(sgeo_parent_sync(path), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "missing: No such file"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("posix");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_failure_says_what_on_which_and_why);
    tcase_add_test(tcase, test_full_disk_has_its_own_hint);
    tcase_add_test(tcase, test_write_to_a_full_device_fails_with_its_reason);
    tcase_add_test(tcase, test_write_lands_at_its_offset);
    tcase_add_test(tcase, test_read_starts_at_its_offset_and_ends_with_the_file);
    tcase_add_test(tcase, test_parent_of_every_form_of_path_is_found);
    return run_case("base/posix", tcase);
}
