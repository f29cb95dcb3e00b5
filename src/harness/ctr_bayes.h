/* The rows of a part of a set as predictions are judged on them: labels, and where rows are
 * generated the true logits, which nothing predicts better than. */
#ifndef SGEO_HARNESS_CTR_BAYES_H
#define SGEO_HARNESS_CTR_BAYES_H

#include "harness/ctr_set.h"

/* labels (clicks->split.rows[part]) in the order of the part. */
void sgeo_ctr_read_labels(uint8_t *labels, const struct sgeo_ctr_set *clicks,
                          enum sgeo_ctr_part part);

/* The logits that generated rows were drawn by, likewise. */
void sgeo_ctr_read_true_logits(double *logits, const struct sgeo_ctr_set *clicks,
                               enum sgeo_ctr_part part);

/* Mean log loss of the true logits on the part: the Bayes loss of exactly these rows. Of generated
 * rows only. SGEO_IO without memory. */
enum sgeo_status sgeo_ctr_bayes_loss(double *log_loss, const struct sgeo_ctr_set *clicks,
                                     enum sgeo_ctr_part part);

#endif
