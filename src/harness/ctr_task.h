/*
 * Click-through tasks: a data set with the recipe that NASRec's authors searched it by (spec
 * nasrec, sections 1.3 to 1.5), and what becomes of the recipe on fewer rows.
 */
#ifndef SGEO_HARNESS_CTR_TASK_H
#define SGEO_HARNESS_CTR_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/options.h"
#include "space/nasrec.h"

struct sgeo_ctr_task {
    const char *name;      /* of the data set too: "criteo" */
    const char *paper;     /* as Table 3 prints it: "Criteo" */
    const char *published; /* the authors' architectures: "criteo", for criteo-small, -full */
    size_t published_rows; /* for training */
    size_t batch;          /* of supernet, proxies and one-shot evaluation */
    size_t fade_steps;     /* of the supernet's full paths */
    size_t valid_batches;  /* of SGEO_CTR_VALID_BATCH rows, one-shot */
    size_t final_batch;    /* of trainings from scratch */
    double final_rates[2]; /* their peak learning rates, by enum sgeo_nasrec_space */
};

#define SGEO_CTR_VALID_BATCH ((size_t)8192)

/* By name; NULL when unknown. */
const struct sgeo_ctr_task *sgeo_ctr_task_find(const char *name);
/* All, NULL-terminated. */
const struct sgeo_ctr_task *const *sgeo_ctr_task_all(void);

/* A supernet's warm-up to a level, and what is drawn by the side. */
struct sgeo_ctr_recipe {
    double level;                    /* percent of all_steps */
    size_t epochs;                   /* at 100 % */
    size_t batch;                    /* rows of a step */
    size_t all_steps;                /* at 100 %: epochs * rows / batch */
    size_t steps;                    /* at this level, rounded; a schedule of their own */
    size_t fade_steps;               /* the published share of all_steps */
    size_t proxy_batch;              /* rows of a proxy's mini-batch */
    size_t one_shot_batch;           /* of a one-shot step */
    size_t valid_rows;               /* of a one-shot evaluation, at most */
    double paper_equivalent_percent; /* rows of the warm-up, of those of a published epoch */
};

/*
 * The recipe for `rows` training rows. A set with less than a tenth of the published rows is a
 * sample: `epochs` epochs (options->epochs if given) in batches of SGEO_CTR_SAMPLE_BATCH; others
 * are read once, in published batches. SGEO_USAGE when there are fewer rows than a batch has, or a
 * level above 0 has no step.
 */
#define SGEO_CTR_SAMPLE_BATCH ((size_t)256)
enum sgeo_status sgeo_ctr_recipe(struct sgeo_ctr_recipe *recipe, const struct sgeo_ctr_task *task,
                                 const struct sgeo_options *options, double level, size_t epochs,
                                 size_t rows);

/* Whether so many training rows are a sample of the public set: less than a tenth. */
bool sgeo_ctr_is_sample(const struct sgeo_ctr_task *task, size_t rows);

/* A training from scratch (spec nasrec, section 1.6). */
struct sgeo_ctr_final_recipe {
    size_t batch, steps;
    double peak; /* learning rate; the schedule is sgeo_ctr_standard_schedule's */
};

/*
 * The recipe for `rows` training rows: `epochs` epochs on a sample, in batches of
 * SGEO_CTR_SAMPLE_BATCH; otherwise one, as published. space: whose peak rate.
 *
 * DEVIATES: published finals train on the validation rows too, and pick their best step on the test
 * rows; here the last step counts, validation rows choose between models, test rows report.
 *
 * SGEO_USAGE when there are fewer rows than a batch has.
 */
enum sgeo_status sgeo_ctr_final_recipe(struct sgeo_ctr_final_recipe *recipe,
                                       const struct sgeo_ctr_task *task,
                                       enum sgeo_nasrec_space space, size_t epochs, size_t rows);

#endif
