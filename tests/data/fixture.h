/*
 * Small data sets of our own making for the tests of this room: a scratch folder a test, files in
 * it, and images whose every pixel follows from a formula.
 */
#ifndef TESTS_DATA_FIXTURE_H
#define TESTS_DATA_FIXTURE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/status.h"

enum { FIXTURE_PATH_MAX = 512, FIXTURE_FILES_MAX = 32 };

static char fixture_dir[FIXTURE_PATH_MAX];
static char fixture_made[FIXTURE_FILES_MAX][2 * FIXTURE_PATH_MAX];
static size_t fixture_n_made;

/* Path of a file or folder in the scratch folder; valid until the next call. */
static inline const char *fixture_path(const char *name)
{
    static char path[2 * FIXTURE_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", fixture_dir, name);
    return path;
}

/* A fresh scratch folder: a checked setup. */
static inline void fixture_open(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(fixture_dir, sizeof(fixture_dir), "%s/sgeo-test-XXXXXX",
             parent != NULL ? parent : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(fixture_dir));
    fixture_n_made = 0;
}

/* Remove what was made, last first: a checked teardown. */
static inline void fixture_close(void)
{
    while (fixture_n_made > 0) {
        remove(fixture_made[--fixture_n_made]);
    }
    remove(fixture_dir);
}

static inline void fixture_remember(const char *path)
{
    ck_assert_uint_lt(fixture_n_made, FIXTURE_FILES_MAX);
    snprintf(fixture_made[fixture_n_made++], sizeof(fixture_made[0]), "%s", path);
}

/* Make a folder in the scratch folder; fine when it is there. */
static inline void fixture_folder(const char *name)
{
    const char *path = fixture_path(name);
    if (mkdir(path, 0700) == 0) {
        fixture_remember(path);
    }
}

/* Write a file, replacing an older one; a name in .gz is packed. */
static inline void fixture_write(const char *name, const void *bytes, size_t n_bytes)
{
    const char *path = fixture_path(name);
    bool known = access(path, F_OK) == 0;
    bool packed = strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".gz") == 0;
    gzFile file = gzopen(path, packed ? "wb" : "wbT");
    ck_assert_ptr_nonnull(file);
    if (n_bytes > 0) {
        ck_assert_int_eq(gzwrite(file, bytes, (unsigned)n_bytes), (int)n_bytes);
    }
    ck_assert_int_eq(gzclose(file), Z_OK);
    if (!known) {
        fixture_remember(path);
    }
}

static inline void fixture_write_text(const char *name, const char *text)
{
    fixture_write(name, text, strlen(text));
}

/* The pixel at byte `i` of image `image`. */
static inline uint8_t fixture_pixel(size_t image, size_t i)
{
    return (uint8_t)((image * 31 + i * 7 + i / 32) & 255);
}

/*
 * n CIFAR records, the first showing image `first`: labels (image % 10), or (image % 20, image %
 * 100).
 */
static inline size_t fixture_cifar_records(unsigned char *bytes, size_t first, size_t n,
                                           bool hundred)
{
    size_t length = 0;
    for (size_t image = first; image < first + n; image++) {
        bytes[length++] = (unsigned char)(image % (hundred ? 20 : 10));
        if (hundred) {
            bytes[length++] = (unsigned char)(image % 100);
        }
        for (size_t i = 0; i < 3072; i++) {
            bytes[length++] = fixture_pixel(image, i);
        }
    }
    return length;
}

/* A whole CIFAR-10: five batches of n images, numbered through, and a test batch of n more. */
static inline void fixture_cifar10(size_t n)
{
    unsigned char *bytes = malloc(n * 3073);
    ck_assert_ptr_nonnull(bytes);
    fixture_folder("cifar-10-batches-bin");
    for (size_t b = 0; b < 6; b++) {
        char name[64];
        snprintf(name, sizeof(name), "cifar-10-batches-bin/data_batch_%zu.bin", b + 1);
        fixture_write(b < 5 ? name : "cifar-10-batches-bin/test_batch.bin", bytes,
                      fixture_cifar_records(bytes, b * n, n, false));
    }
    free(bytes);
}

/*
 * An idx file of unsigned bytes with up to 3 dimensions under 256; value i is fixture_pixel(0, i) %
 * modulus.
 */
static inline size_t fixture_idx(unsigned char *bytes, size_t rank, const size_t *dims,
                                 unsigned modulus)
{
    size_t n_values = 1;
    memset(bytes, 0, 4 + 4 * rank);
    bytes[2] = 8;
    bytes[3] = (unsigned char)rank;
    for (size_t d = 0; d < rank; d++) {
        bytes[4 + 4 * d + 3] = (unsigned char)dims[d];
        n_values *= dims[d];
    }
    for (size_t i = 0; i < n_values; i++) {
        bytes[4 + 4 * rank + i] = (unsigned char)(fixture_pixel(0, i) % modulus);
    }
    return 4 + 4 * rank + n_values;
}

/*
 * A whole MNIST-like set in `folder`: n training images and 2 test images of 28x28, names ending in
 * `ending`.
 */
static inline void fixture_mnist(const char *folder, size_t n, const char *ending)
{
    static const char *const kinds[] = {"train", "t10k"};
    static unsigned char bytes[16 + 64 * 784];
    ck_assert_uint_le(n, 64);
    fixture_folder(folder);
    for (size_t k = 0; k < 2; k++) {
        const size_t dims[3] = {k == 0 ? n : 2, 28, 28};
        char name[128];
        snprintf(name, sizeof(name), "%s/%s-images-idx3-ubyte%s", folder, kinds[k], ending);
        fixture_write(name, bytes, fixture_idx(bytes, 3, dims, 256));
        snprintf(name, sizeof(name), "%s/%s-labels-idx1-ubyte%s", folder, kinds[k], ending);
        fixture_write(name, bytes, fixture_idx(bytes, 1, dims, 10));
    }
}

/* The user's data folder, or NULL after saying that the test is skipped. */
static inline const char *fixture_real_data(void)
{
    const char *dir = getenv("SIGEO_DATA");
    if (dir == NULL) {
        fprintf(stderr, "skipped: SIGEO_DATA not set\n");
    }
    return dir;
}

/* Path of a file of the user's data folder, or NULL after saying that the test is skipped. */
static inline const char *fixture_real_file(const char *name)
{
    static char path[2 * FIXTURE_PATH_MAX];
    const char *dir = fixture_real_data();
    if (dir == NULL) {
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (access(path, F_OK) != 0) {
        fprintf(stderr, "skipped: SIGEO_DATA has no %s\n", name);
        return NULL;
    }
    return path;
}

/* Whether the last error's text or hint holds `part`. */
static inline bool fixture_error_says(const char *part)
{
    return strstr(sgeo_error_text(), part) != NULL || strstr(sgeo_error_hint(), part) != NULL;
}

/* A Check main: run one case with a setup and its teardown around every test. */
static inline int fixture_run_around(const char *name, const TTest *const *tests, size_t n_tests,
                                     void (*setup)(void), void (*teardown)(void))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < n_tests; i++) {
        tcase_add_test(tcase, tests[i]);
    }
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The same with a scratch folder around every test. */
static inline int fixture_run(const char *name, const TTest *const *tests, size_t n_tests)
{
    return fixture_run_around(name, tests, n_tests, fixture_open, fixture_close);
}

#endif
