#include "cli/bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define PROGRAM "bench_kernels"

/* DIR/bench_kernels of the folder that holds this program; false when that cannot be known. */
static bool path_beside(char *path, size_t capacity)
{
    ssize_t length = readlink("/proc/self/exe", path, capacity - 1);
    if (length <= 0) {
        return false;
    }
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1; /* an absolute path */
    size_t room = capacity - (size_t)(name - path);
    return (size_t)snprintf(name, room, PROGRAM) < room;
}

const char *sgeo_bench_path(void)
{
    static char path[4096];
    return path_beside(path, sizeof path) && sgeo_file_exists(path) ? path : PROGRAM;
}

static void execute(char *const *words)
{
    char path[4096];
    if (path_beside(path, sizeof path)) {
        execv(path, words);
    }
    execvp(PROGRAM, words);
}

enum sgeo_status sgeo_bench_become(const char *regex, const char *out)
{
    struct sgeo_text filter = {0}, csv = {0}, json = {0};
    char program[] = PROGRAM, format[] = "--benchmark_out_format=json";
    char *words[6] = {program};
    size_t n = 1;
    enum sgeo_status status = out == NULL ? SGEO_OK : sgeo_directory_create(out);
    if (status != SGEO_OK) {
        return status;
    }
    if (regex != NULL) {
        sgeo_text_append(&filter, "--benchmark_filter=%s", regex);
        words[n++] = filter.bytes;
    }
    if (out != NULL) {
        sgeo_text_append(&csv, "--csv=%s/kernels.csv", out);
        words[n++] = csv.bytes;
        sgeo_text_append(&json, "--benchmark_out=%s/kernels.json", out);
        words[n++] = json.bytes;
        words[n++] = format;
    }
    if (!filter.failed && !csv.failed && !json.failed) {
        execute(words);
    }
    sgeo_text_clear(&filter);
    sgeo_text_clear(&csv);
    sgeo_text_clear(&json);
    return sgeo_fail(SGEO_UNSUPPORTED,
                     "install libbenchmark-dev and g++, then build again: ./setup.sh build",
                     PROGRAM " is neither beside this program nor on the PATH");
}
