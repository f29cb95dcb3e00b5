/* The folder of a run, options->out: where its journal is, and that nothing there is written over.
 */
#ifndef SGEO_HARNESS_RUN_FOLDER_H
#define SGEO_HARNESS_RUN_FOLDER_H

#include <stddef.h>

#include "harness/options.h"

void sgeo_run_journal_path(char *path, size_t capacity, const struct sgeo_options *options);

/*
 * Whether a run may write into the folder, which need not exist. SGEO_USAGE when it holds a run
 * that options->resume does not ask to go on with, or results without the journal that they came
 * from.
 */
enum sgeo_status sgeo_run_folder_check(const struct sgeo_options *options);

#endif
