/* A run of Table 3's kind: searches and trainings of a list of rows, from the command line to their
 * files. */
#ifndef SGEO_HARNESS_TABLE3_RUN_H
#define SGEO_HARNESS_TABLE3_RUN_H

#include "harness/table.h"
#include "harness/table3_cells.h"

/* Options that were not given: a smoke run has small mini-batches of proxies. */
void sgeo_table3_fill(struct sgeo_options *options);

/*
 * Search and train what the folder lacks, then publish the files and meta.json. A dry run prints
 * its plan and no more, --preset paper before it starts. Rank 0 does all of it. SGEO_USAGE for
 * options that do not go with it, else as sgeo_table3_open and sgeo_table3_work.
 */
enum sgeo_status sgeo_table3_run(const struct sgeo_table_call *call,
                                 const struct sgeo_options *options,
                                 const struct sgeo_table3_list *list,
                                 enum sgeo_status (*publish)(const struct sgeo_table3 *table));

#endif
