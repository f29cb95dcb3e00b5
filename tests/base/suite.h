/* What the tests of this room share: running one test case, and a scratch directory per test. */
#ifndef SGEO_TESTS_BASE_SUITE_H
#define SGEO_TESTS_BASE_SUITE_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_PATH_BYTES 4096

static char scratch_directory[SCRATCH_PATH_BYTES];

static inline void join_path(char path[SCRATCH_PATH_BYTES], const char *directory, const char *name)
{
    int n = snprintf(path, SCRATCH_PATH_BYTES, "%s/%s", directory, name);
    ck_assert(n > 0 && n < SCRATCH_PATH_BYTES);
}

/* Path of `name` in the scratch directory of the running test. */
static inline void scratch_path(char path[SCRATCH_PATH_BYTES], const char *name)
{
    join_path(path, scratch_directory, name);
}

static inline void scratch_create(void)
{
    const char *parent = getenv("TMPDIR");
    join_path(scratch_directory, parent != NULL ? parent : "/tmp", "sgeo-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch_directory));
}

static inline void scratch_remove_tree(const char *directory)
{
    DIR *entries = opendir(directory);
    ck_assert_ptr_nonnull(entries);
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char path[SCRATCH_PATH_BYTES];
        join_path(path, directory, entry->d_name);
        struct stat about;
        ck_assert_int_eq(lstat(path, &about), 0);
        if (S_ISDIR(about.st_mode)) {
            scratch_remove_tree(path);
        } else {
            ck_assert_int_eq(unlink(path), 0);
        }
    }
    ck_assert_int_eq(closedir(entries), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}

static inline void scratch_remove(void)
{
    scratch_remove_tree(scratch_directory);
}

/* Write a file of the scratch directory with plain stdio, and give its path. */
static inline void scratch_write(char path[SCRATCH_PATH_BYTES], const char *name, const void *bytes,
                                 size_t n_bytes)
{
    scratch_path(path, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n_bytes, file), n_bytes);
    ck_assert_int_eq(fclose(file), 0);
}

/* Size of a file, or -1 where there is none. */
static inline long long scratch_size(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 ? (long long)about.st_size : -1;
}

/* Run the tests of one case; the result is the program's exit code. */
static inline int run_case(const char *name, TCase *tcase)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
