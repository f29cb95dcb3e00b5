/*
 * The cells of Table 3, a method on a data set each, from searches to chosen models:
 *
 *   search (OUT/searches/) -> its best, trained from scratch with the first seed -> the best of
 *   them by validation log loss, trained with the other seeds -> reported on test rows
 */
#ifndef SGEO_HARNESS_TABLE3_CELLS_H
#define SGEO_HARNESS_TABLE3_CELLS_H

#include "harness/ctr_finals.h"
#include "harness/preset.h"
#include "harness/score.h"
#include "harness/table3_rows.h"

#define SGEO_TABLE3_FOUND_MAX ((size_t)15)

struct sgeo_table3_cell {
    const struct sgeo_table3_row *row;
    const struct sgeo_ctr_set *clicks;
    double paper_equivalent_percent; /* of its supernet's training; NaN without a supernet */
    struct sgeo_ctr_named found[15]; /* the model, or the best of a search, best first */
    size_t n_found;                  /* 0: nothing of ours is trained */
    size_t chosen;                   /* place among them */
    /* CPU seconds; NaN where there is no such step. A supernet that searches share counts whole in
     * each, and so does a model that two of them found. */
    double preparation; /* what this search itself waited for its supernet */
    double supernet, search, retraining;
};

struct sgeo_table3 {
    const struct sgeo_options *options;
    struct sgeo_table3_list list;
    struct sgeo_search_size size;
    struct sgeo_ctr_set *sets; /* (n_sets) in the order of options->ctr_tasks */
    size_t n_sets;
    struct sgeo_table3_cell *cells; /* (n_cells) by set, then in the order of the rows */
    size_t n_cells;
    struct sgeo_ctr_finals *finals;
    size_t seeds; /* of a reported model: options->seed and on */
    int argc;     /* for meta.json */
    char **argv;
    sgeo_progress_fn progress;
    void *progress_context;
};

/* The options of a run on one task: without --data where that has none of the task's files, so that
 * its rows are generated. */
struct sgeo_options sgeo_table3_options(const struct sgeo_options *options,
                                        const struct sgeo_ctr_task *task);

/* Open the rows of options->ctr_tasks, *sets (*n_sets) in their order. The caller closes them in
 * any case. Errors as sgeo_ctr_set_open. */
enum sgeo_status sgeo_table3_open_sets(struct sgeo_ctr_set **sets, size_t *n_sets,
                                       const struct sgeo_options *options,
                                       const struct sgeo_search_size *size);
void sgeo_table3_close_sets(struct sgeo_ctr_set *sets, size_t n_sets);

/* Whether both are found by searches of one trained supernet. */
bool sgeo_table3_share_supernet(const struct sgeo_table3_cell *a, const struct sgeo_table3_cell *b);

/* Open sets and trainings of options->ctr_tasks and list the cells, of the rows of the list.
 * Creates options->out. The caller closes *table in any case; options and the rows outlive it.
 * Errors as sgeo_ctr_set_open and sgeo_ctr_finals_open. */
enum sgeo_status sgeo_table3_open(struct sgeo_table3 *table, const struct sgeo_options *options,
                                  const struct sgeo_table3_list *list);
void sgeo_table3_close(struct sgeo_table3 *table); /* an empty one is fine */

/* Search and train what the journals lack, and choose. Fails as the first search or training. */
enum sgeo_status sgeo_table3_work(struct sgeo_table3 *table);

/* The training of a cell's model with seed options->seed + i. */
const struct sgeo_ctr_final *sgeo_table3_final(const struct sgeo_table3 *table,
                                               const struct sgeo_table3_cell *cell, size_t i);

#endif
