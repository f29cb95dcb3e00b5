/*
 * Trainings from scratch in a result folder: a list of jobs that grows as searches end, run on
 * worker threads, journalled one by one. A model that two searches found is trained once.
 *
 * Files: OUT/journal.jsonl (ctr_final.h), OUT/predictions/.
 */
#ifndef SGEO_HARNESS_CTR_FINALS_H
#define SGEO_HARNESS_CTR_FINALS_H

#include "harness/ctr_final.h"
#include "harness/schedule.h"

struct sgeo_ctr_finals;

/*
 * Open the journal in options->out and recall its trainings. SGEO_USAGE when it holds a run that
 * options->resume does not ask to go on with, or one of another program. The caller owns *finals;
 * options outlive it.
 */
enum sgeo_status sgeo_ctr_finals_open(struct sgeo_ctr_finals **finals,
                                      const struct sgeo_options *options);
void sgeo_ctr_finals_close(struct sgeo_ctr_finals *finals); /* NULL is fine */

/*
 * Add the training of a model, unless the list has it; epochs: on a sample. clicks outlives the
 * list. SGEO_USAGE when the journal has the same model and seed with other rows or another recipe.
 */
enum sgeo_status sgeo_ctr_finals_add(struct sgeo_ctr_finals *finals,
                                     const struct sgeo_ctr_set *clicks,
                                     const struct sgeo_ctr_named *model, size_t epochs,
                                     uint64_t seed);

/* Train what is on the list and neither in the journal nor trained yet, on options->workers
 * threads. progress may be NULL. */
enum sgeo_status sgeo_ctr_finals_train(struct sgeo_ctr_finals *finals, sgeo_progress_fn progress,
                                       void *progress_context);

/* A training of the list that is done, valid until the next one is added; NULL when there is none.
 */
const struct sgeo_ctr_final *sgeo_ctr_finals_find(const struct sgeo_ctr_finals *finals,
                                                  const struct sgeo_ctr_task *task,
                                                  const struct sgeo_ctr_named *model,
                                                  uint64_t seed);

/* Trainings of the list, in the order of their adding; those not done have no steps. */
size_t sgeo_ctr_finals_count(const struct sgeo_ctr_finals *finals);
const struct sgeo_ctr_final *sgeo_ctr_finals_at(const struct sgeo_ctr_finals *finals, size_t index);

/*
 * The folder's other trainings: those of the journal that the list does not have and whose
 * predictions are there, by task, model and seed. The caller frees *others (n) with sgeo_free; what
 * they point to is valid until finals are closed. SGEO_IO without memory.
 */
enum sgeo_status sgeo_ctr_finals_others(const struct sgeo_ctr_final ***others, size_t *n,
                                        const struct sgeo_ctr_finals *finals);

#endif
