/*
 * The searches of Table 3, on worker threads. Those that share a supernet are one job: the first of
 * them trains it, the others load it. The job that will take longest comes first.
 */
#ifndef SGEO_HARNESS_TABLE3_SEARCHES_H
#define SGEO_HARNESS_TABLE3_SEARCHES_H

#include "harness/table3_cells.h"

#define SGEO_TABLE3_PATH ((size_t)1024)

/* The folder of a search, OUT/searches/criteo-small-sigeo-nasrec-w1-s0; weights of its own stand
 * behind the proxy: ...-sigeo-nasrec-l0-1-1-w1-s0. */
void sgeo_table3_name_search(char path[1024], const struct sgeo_options *options,
                             const struct sgeo_ctr_task *task, const struct sgeo_table3_row *row);

/*
 * Search for every cell that is found by a search, what the journals lack, and fill what its
 * architectures are and what they cost. Ends as the first search that fails, the others are
 * stopped.
 */
enum sgeo_status sgeo_table3_search(struct sgeo_table3 *table);

#endif
