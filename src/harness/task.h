/*
 * Tasks: a search space on a data set with its ground truth, as the command line names them.
 */
#ifndef SGEO_HARNESS_TASK_H
#define SGEO_HARNESS_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "space/space.h"

/* A file of scores that NAS-Bench-Suite-Zero stored (stored.h). */
struct sgeo_stored_format {
    const char *file;      /* under the data directory; NULL: none */
    const char *arch[2];   /* columns that name the architecture; arch[1] NULL: one is enough */
    const char *separator; /* between the two, as in the architecture's text */
    const char *join;   /* arch[0] holds what the truth file has in this column; NULL: the text */
    const char *filter; /* rows with this in the column `dataset`; NULL: all */
};

struct sgeo_task {
    const char *name;  /* "nb201-cf10" */
    const char *space; /* of src/space */
    struct sgeo_net_config net;
    const char *dataset;    /* of src/data */
    const char *paper_name; /* benchmark in results/paper; NULL: the paper has none */
    const char *truth_file; /* under the data directory; under the share directory when embedded */
    const char *arch_columns[2]; /* whose cells, with arch_separator between them, are the text of
                                    an architecture; NULL: "arch" alone */
    const char *arch_separator;
    const char *val_column, *test_column; /* NULL: that truth does not exist */
    bool surrogate; /* accuracies that a model of trainings predicts, not those of trainings */
    const char *suite_file, *suite_dataset; /* NAS-Bench-Suite-Zero's JSON instead; NULL: none */
    struct sgeo_stored_format stored;       /* scores to compare with */
    const char *order_column;               /* list order; NULL: file order */
    const char *default_truth;              /* what --table prints first: "val" or "test" */
    size_t batch_size; /* images of a mini-batch, in a supernet's warm-up too; 0: the common one */
    size_t supernet_images, supernet_epochs; /* a supernet's warm-up at 100 %; 0: the common ones */
    bool embedded;                           /* works without --data */
    bool paths_from_list; /* a supernet's paths are the list's architectures, not the space's */
};

/* By name; NULL when unknown. */
const struct sgeo_task *sgeo_task_find(const char *name);
/* All tasks, NULL-terminated. */
const struct sgeo_task *const *sgeo_task_all(void);
/* The task of a fresh machine. */
const struct sgeo_task *sgeo_task_embedded(void);

#endif
