/*
 * A model trained from scratch on a task's training rows, with its quality on validation and test
 * rows: what Table 3 reports, and what searches are judged by.
 */
#ifndef SGEO_HARNESS_CTR_FINAL_H
#define SGEO_HARNESS_CTR_FINAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "backend/backend.h"
#include "base/hash.h"
#include "base/text.h"
#include "harness/ctr_named.h"
#include "harness/ctr_set.h"
#include "harness/record.h"

/* Of predictions on rows that the training has not seen. */
struct sgeo_ctr_quality {
    double log_loss;    /* nats; 999.99 where the training diverged, as published */
    double auc;         /* NaN where it diverged, or all rows have one label */
    double calibration; /* mean prediction / click rate; NaN where it diverged */
    double calibration_error;
};

enum { SGEO_CTR_CURVE_POINTS = 8 };

struct sgeo_ctr_curve_point {
    size_t steps;      /* done */
    double train_loss; /* mean over the steps since the point before */
    double valid_loss; /* on the rows of a one-shot evaluation */
};

/* A training's key, and what came of it. */
struct sgeo_ctr_final {
    const struct sgeo_ctr_task *task;
    char model[SGEO_NASREC_TEXT_MAX]; /* sgeo_ctr_named_text */
    uint64_t seed;
    char settings[SGEO_DATA_ID]; /* hash of rows and recipe */
    size_t steps;                /* done */
    size_t params;               /* without the embedding tables */
    bool diverged;
    struct sgeo_ctr_quality valid, test;
    size_t n_points;
    struct sgeo_ctr_curve_point curve[SGEO_CTR_CURVE_POINTS]; /* at equal distances, the last at
                                                                 the end */
    double seconds;                                           /* CPU */
};

/*
 * Journal lines, and back:
 *   {"job":"final","task":"criteo","model":"dlrm","seed":0,"settings":"0123456789abcdef",
 *    "steps":343,"params":475985,"diverged":false,"valid":[log loss, AUC, calibration, its error],
 *    "test":[..],"seconds":3.5,"curve":[[42,0.61,0.55],..]}
 * Numbers as in json_number.h. parse: SGEO_IO when it is none, *record untouched.
 */
void sgeo_ctr_final_write(struct sgeo_text *line, const struct sgeo_ctr_final *record);
enum sgeo_status sgeo_ctr_final_parse(struct sgeo_ctr_final *record, const char *line);

/* Hash of what a training depends on besides model and seed. SGEO_IO without memory. */
enum sgeo_status sgeo_ctr_final_settings(char settings[SGEO_DATA_ID],
                                         const struct sgeo_ctr_set *clicks,
                                         const struct sgeo_ctr_final_recipe *recipe);

/* Hash of the whole key, settings included: names the files of a training. */
void sgeo_ctr_final_identity(char hex[SGEO_SHA256_HEX], const struct sgeo_ctr_final *record);

/* Trains on the thread that created it, one model at a time; *stop (NULL: never) outlives it. */
struct sgeo_ctr_trainer;
enum sgeo_status sgeo_ctr_trainer_create(struct sgeo_ctr_trainer **trainer,
                                         struct sgeo_executor executor, const atomic_bool *stop);
void sgeo_ctr_trainer_destroy(struct sgeo_ctr_trainer *trainer); /* NULL is fine */

/* Keep a checkpoint of trainings in OUT/checkpoints, every so many seconds of wall clock, until
 * they are over; `out` outlives the trainer. Without this call there are none. */
void sgeo_ctr_trainer_keep(struct sgeo_ctr_trainer *trainer, const char *out, double seconds);

/*
 * Train a model, initial numbers from the streams (seed, "init:NAME", 0), by the recipe, and fill
 * *record but for its settings. It goes on with a checkpoint of the same training, to the same
 * numbers. logits: of the test rows (clicks->test); not numbers where the training diverged.
 * SGEO_INTERRUPTED once *stop is set, SGEO_IO without memory or for a damaged checkpoint.
 */
enum sgeo_status sgeo_ctr_final_train(struct sgeo_ctr_trainer *trainer,
                                      struct sgeo_ctr_final *record, double *logits,
                                      const struct sgeo_ctr_set *clicks,
                                      const struct sgeo_ctr_named *model,
                                      const struct sgeo_ctr_final_recipe *recipe, uint64_t seed);

#endif
