/*
 * Click-through rows of our own making, in the exact formats of Criteo, Avazu and KDD Cup 2012, of
 * any number, with a known best possible log loss. What a fresh machine uses, and what tests and
 * benchmarks use everywhere.
 *
 * The label of a row is drawn with probability 1 / (1 + exp(-logit)),
 *   logit = intercept + sum over fields of e_f(c_f)
 *         + sum over chosen pairs of fields of <u(c_f), v(c_g)> + u(c_f) v(c_g) w(c_h) for a triple
 *         + sum over dense numbers of a sin(t + phase), t = ln(max(0, x) + 1) as the reader has it.
 * e, u, v, w are fixed random numbers of each category, smaller for rare ones. Categories are
 * Zipf-distributed, numbers log-normal, both missing as often as in the public sets. Every
 * category keeps an index of its own through the reader's modulo unless a cap is set, and a missing
 * number acts as 0 does, so that the reader loses nothing that the label depends on: no model can
 * do better than the true probabilities, whose log loss is reported.
 *
 * All draws come from streams named by (seed, purpose, row or category): equal bytes for an equal
 * (schema, seed, number of rows), and the truth of any row can be computed alone.
 */
#ifndef SGEO_DATA_CTR_SYNTH_H
#define SGEO_DATA_CTR_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/ctr_fields.h"

struct sgeo_ctr_synth;

/* A generator of n_rows (>= 1) rows; immutable, so that threads may share it. SGEO_IO without
 * memory. */
enum sgeo_status sgeo_ctr_synth_create(struct sgeo_ctr_synth **synth,
                                       const struct sgeo_ctr_schema *schema, uint64_t seed,
                                       uint64_t n_rows);
void sgeo_ctr_synth_destroy(struct sgeo_ctr_synth *synth); /* NULL is fine */

struct sgeo_ctr_synth_row {
    uint8_t label;
    double logit;                       /* of the true probability of label 1 */
    int32_t number[SGEO_CTR_DENSE_MAX]; /* as written; 0 when missing */
    bool missing[SGEO_CTR_DENSE_MAX];
    uint32_t category[SGEO_CTR_FIELDS_MAX]; /* from 1, the most frequent; 0: missing */
};

/* Row `row` of the set (0..n_rows-1). */
void sgeo_ctr_synth_draw(struct sgeo_ctr_synth_row *drawn, const struct sgeo_ctr_synth *synth,
                         uint64_t row);

/* What is known of the rows that were written. Losses in nats. */
struct sgeo_ctr_synth_truth {
    uint64_t rows, clicked;
    double log_loss;       /* mean entropy of the true probabilities: nothing predicts better */
    double log_loss_error; /* standard error of `log_loss_drawn` around it */
    double log_loss_drawn; /* of the true probabilities on the labels as drawn */
    double log_loss_rate;  /* of predicting their mean for every row */
    double auc;            /* expected AUC of the true probabilities, to 1e-6 */
};

/*
 * Write the set to `path`, and user profiles to `profiles` (kdd12; NULL for the others), through
 * the publish sequence of base/file.h. Memory does not grow with the rows. *truth may be NULL.
 * SGEO_IO when a file cannot be written.
 */
enum sgeo_status sgeo_ctr_synth_write(struct sgeo_ctr_synth_truth *truth,
                                      const struct sgeo_ctr_synth *synth, const char *path,
                                      const char *profiles);

#endif
