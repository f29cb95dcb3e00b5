/*
 * Which architectures a run covers, in list order, with their ground truth.
 */
#ifndef SGEO_HARNESS_ARCH_LIST_H
#define SGEO_HARNESS_ARCH_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "data/truth.h"
#include "harness/options.h"
#include "harness/task.h"

struct sgeo_arch_list {
    struct sgeo_truth truth;
    bool has_truth[2];                       /* by enum sgeo_truth_kind: what the source offers */
    const struct sgeo_truth_entry **entries; /* (n), borrowed from truth */
    size_t n;
    bool is_prefix;  /* the first n of the list, as the paper samples */
    size_t *same_as; /* (n) --dedupe: the first architecture of the same function; else NULL */
    char sha256[SGEO_SHA256_HEX]; /* of the texts, one a line */
};

/*
 * The architectures that the options ask for: the first N of the task's list, or those of a file,
 * each with every truth that the source offers. list must be zeroed; clear it in any case.
 */
enum sgeo_status sgeo_arch_list_open(struct sgeo_arch_list *list, const struct sgeo_task *task,
                                     const struct sgeo_options *options);
void sgeo_arch_list_clear(struct sgeo_arch_list *list);

/* Number of the i-th architecture in random streams and journals (sgeo_truth_number). */
size_t sgeo_arch_list_index(const struct sgeo_arch_list *list, size_t i);

/* Path of the ground truth of a task: its CSV, or NAS-Bench-Suite-Zero's JSON where only that is
 * there. */
enum sgeo_status sgeo_truth_path(char *path, size_t capacity, const struct sgeo_task *task,
                                 const char *data_dir);

/* Read the ground truth of a task; has_truth says which kinds the file offers. */
enum sgeo_status sgeo_task_truth(struct sgeo_truth *truth, bool has_truth[2],
                                 const struct sgeo_task *task, const char *data_dir);

#endif
