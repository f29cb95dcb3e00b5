/*
 * A campaign: one run of the harness. It opens data and ground truth, lists the jobs, replays the
 * journal, runs what is missing and keeps every record: also those that the journal holds beyond
 * what this run asks for, so that a result folder grows and its tables cover all of it.
 */
#ifndef SGEO_HARNESS_CAMPAIGN_H
#define SGEO_HARNESS_CAMPAIGN_H

#include <stddef.h>

#include "harness/arch_list.h"
#include "harness/schedule.h"

struct sgeo_campaign {
    const struct sgeo_options *options;
    struct sgeo_run_context context;
    struct sgeo_arch_list lists[SGEO_TASKS_MAX]; /* in the order of options->tasks */
    struct sgeo_job *jobs;
    bool *done;                     /* per job: its record is in the journal */
    const struct sgeo_job **by_key; /* (n_jobs) sorted by key */
    size_t n_jobs;
    struct sgeo_record *records; /* sorted once run: task, level, mode, seed, architecture */
    size_t n_records;
    struct sgeo_journal *journal; /* rank 0 */
};

/*
 * Open everything for options->tasks and list the jobs. Creates options->out; an existing one
 * without options->resume is SGEO_USAGE. The caller owns *campaign; options outlive it.
 */
enum sgeo_status sgeo_campaign_create(struct sgeo_campaign **campaign,
                                      const struct sgeo_options *options);
void sgeo_campaign_destroy(struct sgeo_campaign *campaign);

/* Run the jobs that the journal lacks; on ranks other than 0 work for rank 0 and return. */
enum sgeo_status sgeo_campaign_run(struct sgeo_campaign *campaign, sgeo_progress_fn progress,
                                   void *progress_context);

/* Sum of the estimated multiply-accumulates of the jobs that are not done. */
double sgeo_campaign_cost(const struct sgeo_campaign *campaign);

#endif
