/*
 * The click-through rows of a task, open: from --data or generated, split, with a feed for training
 * and one for validation. Read-only once open, so that threads share one.
 */
#ifndef SGEO_HARNESS_CTR_SET_H
#define SGEO_HARNESS_CTR_SET_H

#include "base/text.h"
#include "data/ctr_data.h"
#include "harness/ctr_feed.h"
#include "harness/ctr_task.h"
#include "harness/preset.h"
#include "space/ctr_one_shot.h"

struct sgeo_ctr_set {
    const struct sgeo_ctr_task *task;
    uint32_t cap; /* most rows of an embedding table */
    bool chronological;
    struct sgeo_ctr_data data;
    struct sgeo_ctr_split split;
    struct sgeo_ctr_part_feed *train, *valid, *test;
};

/* All runs see the same generated set, and the same split of a set: the authors' random_state. */
#define SGEO_CTR_SET_SYNTH_SEED ((uint64_t)1)
#define SGEO_CTR_SET_SPLIT_SEED ((uint64_t)2018)

/*
 * Open the rows of a task: options->data, skip_bad and chronological; size->rows generated ones
 * without a data folder, tables of at most size->cap rows. Caches go to options->out/clicks. The
 * caller closes *clicks, which must not move while it is open. Errors as sgeo_ctr_data_open; it is
 * empty then.
 */
enum sgeo_status sgeo_ctr_set_open(struct sgeo_ctr_set *clicks, const struct sgeo_ctr_task *task,
                                   const struct sgeo_options *options,
                                   const struct sgeo_search_size *size);
void sgeo_ctr_set_close(struct sgeo_ctr_set *clicks); /* an empty one is fine */

/* Rows of each embedding table (n_fields). */
void sgeo_ctr_set_table_rows(size_t *rows, const struct sgeo_ctr_set *clicks);

/* One-shot evaluations on its rows: `steps` steps and the recipe's batch and validation rows. */
struct sgeo_ctr_one_shot sgeo_ctr_set_one_shot(const struct sgeo_ctr_set *clicks,
                                               const struct sgeo_ctr_recipe *recipe, size_t steps);

/* What the rows are: "generated", "full" (the whole public set) or "real sample". */
const char *sgeo_ctr_set_kind(const struct sgeo_ctr_set *clicks);

/* Whether a data folder (NULL: none) has a file of the task's set; otherwise rows can only be
 * generated. */
bool sgeo_ctr_set_has_files(const char *data_dir, const struct sgeo_ctr_task *task);

/* Rows of a task's set, roughly, without opening it: of its files in the data folder (NULL: none),
 * else size->rows. SGEO_IO when they cannot be read. */
enum sgeo_status sgeo_ctr_set_rows_about(size_t *rows, const char *data_dir,
                                         const struct sgeo_ctr_task *task,
                                         const struct sgeo_search_size *size);

/* Append what decides the rows that a run sees, as JSON members. */
void sgeo_ctr_set_identity(struct sgeo_text *text, const struct sgeo_ctr_set *clicks);

#endif
