/* For readers that take a path: the input as a file in memory, removed when the fuzzer ends; and a
 * second file for those that take two. */
#ifndef SGEO_FUZZ_FILE_H
#define SGEO_FUZZ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char fuzz_path[] = "/dev/shm/sgeo-fuzz-XXXXXX";
static char fuzz_second_path[sizeof fuzz_path + 2];

static void fuzz_file_remove(void)
{
    remove(fuzz_path);
    remove(fuzz_second_path);
}

/* Once, from LLVMFuzzerInitialize. */
static void fuzz_file_create(void)
{
    int fd = mkstemp(fuzz_path);
    snprintf(fuzz_second_path, sizeof fuzz_second_path, "%s-2", fuzz_path);
    if (fd < 0 || close(fd) != 0 || atexit(fuzz_file_remove) != 0) {
        abort();
    }
}

static void fuzz_file_write_to(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
}

static inline void fuzz_file_write(const void *bytes, size_t size)
{
    fuzz_file_write_to(fuzz_path, bytes, size);
}

#endif
