/*
 * Table 3b, which the paper has not: how well scores order NASRec's architectures by the log loss
 * that they reach when they are trained from scratch.
 *
 *   random architectures (ctr_list.h) -> trained from scratch (ctr_finals.h): ground truth
 *                                     -> scored with inherited numbers at each level of warm-up
 *   -> correlations (summary.h)
 */
#ifndef SGEO_HARNESS_TABLE3B_H
#define SGEO_HARNESS_TABLE3B_H

#include "harness/ctr_finals.h"
#include "harness/summary.h"

/* A space on a data set. */
struct sgeo_table3b_part {
    const struct sgeo_task *task; /* ctr_list.h */
    const struct sgeo_ctr_set *clicks;
    enum sgeo_nasrec_space space;
    struct sgeo_nasrec_arch *archs; /* (n) */
    size_t n;
    size_t twice;            /* the first of them are trained with a second seed too */
    char data[SGEO_DATA_ID]; /* identifies the rows in records */
};

struct sgeo_table3b {
    const struct sgeo_options *options; /* tasks, proxies and levels filled in */
    struct sgeo_search_size size;
    struct sgeo_ctr_set *sets; /* (n_sets) in the order of options->ctr_tasks */
    size_t n_sets;
    struct sgeo_table3b_part *parts; /* (n_parts) by set, then by space */
    size_t n_parts;
    struct sgeo_ctr_finals *finals;
    struct sgeo_record *records; /* (n_records) the scores once they are there, sorted by key */
    size_t n_records;
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

/*
 * The architectures of each space on a data set, for options->archs_file or the first so many of
 * the list (options->n_archs, else the preset's). archs[space] (n[space]) are the caller's to free,
 * after an error too. SGEO_USAGE for what is no architecture of NASRec, or named twice.
 */
enum sgeo_status sgeo_table3b_archs(struct sgeo_nasrec_arch *archs[2], size_t n[2],
                                    const struct sgeo_options *options,
                                    const struct sgeo_search_size *size);

/* Open rows, architectures and trainings of options->ctr_tasks. Creates options->out. The caller
 * closes *table in any case; options outlive it. */
enum sgeo_status sgeo_table3b_open(struct sgeo_table3b *table, const struct sgeo_options *options);
void sgeo_table3b_close(struct sgeo_table3b *table); /* an empty one is fine */

/* Train what the journal lacks: every architecture with options->seed, the first also with the next
 * seed. */
enum sgeo_status sgeo_table3b_train(struct sgeo_table3b *table);

/* Score what the journal of scores lacks (table3b_scores.c), and fill records. */
enum sgeo_status sgeo_table3b_score(struct sgeo_table3b *table);

/*
 * Append the rows of a table whose trainings and scores are done: ground truth is minus the log
 * loss, so that more is better and a regret is in nats. Rows of generated data have the regret to
 * the Bayes loss of the same rows; "ceiling_seeds_spearman" is between two seeds' trainings.
 */
enum sgeo_status sgeo_table3b_rows(struct sgeo_summary *summary, const struct sgeo_table3b *table);

#endif
