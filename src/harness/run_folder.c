#include "harness/run_folder.h"

#include <stdio.h>

#include "base/file.h"

void sgeo_run_journal_path(char *path, size_t capacity, const struct sgeo_options *options)
{
    snprintf(path, capacity, "%s/journal.jsonl", options->out);
}

enum sgeo_status sgeo_run_folder_check(const struct sgeo_options *options)
{
    static const char *const results[] = {"meta.json", "accuracy.csv"};
    char path[1024];
    sgeo_run_journal_path(path, sizeof path, options);
    if (sgeo_file_exists(path)) {
        return options->resume
                   ? SGEO_OK
                   : sgeo_fail(SGEO_USAGE, "add --resume to go on, or --out another directory",
                               "%s holds a run already", options->out);
    }
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        snprintf(path, sizeof path, "%s/%s", options->out, results[i]);
        if (sgeo_file_exists(path)) {
            return sgeo_fail(SGEO_USAGE, "choose --out another directory",
                             "%s holds results without their journal: %s would be written over",
                             options->out, results[i]);
        }
    }
    return SGEO_OK;
}
