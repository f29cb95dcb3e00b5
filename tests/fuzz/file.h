/* For readers that take a path: the input as a file in memory, removed when the fuzzer ends. */
#ifndef SGEO_FUZZ_FILE_H
#define SGEO_FUZZ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char fuzz_path[] = "/dev/shm/sgeo-fuzz-XXXXXX";

static void fuzz_file_remove(void)
{
    remove(fuzz_path);
}

/* Once, from LLVMFuzzerInitialize. */
static void fuzz_file_create(void)
{
    int fd = mkstemp(fuzz_path);
    if (fd < 0 || close(fd) != 0 || atexit(fuzz_file_remove) != 0) {
        abort();
    }
}

static void fuzz_file_write(const void *bytes, size_t size)
{
    FILE *file = fopen(fuzz_path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        abort();
    }
}

#endif
