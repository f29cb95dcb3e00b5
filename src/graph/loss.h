/* Losses on logits, in double: they are tiny, and everything behind them depends on them. */
#ifndef SGEO_GRAPH_LOSS_H
#define SGEO_GRAPH_LOSS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Targets of a batch: hard labels (n), or soft ones, which come first: `soft` (n, classes), a row
 * an image, or `rows` (classes, classes), row l for every image with label l.
 *
 * log_offset e is added to the probabilities inside the logarithm: l_n = -sum_c t_c ln(p_c + e), p
 * the softmax. 0 is the cross-entropy; a network's own is in its graph (sgeo_graph_offset_loss).
 *
 * One logit (classes 1) is that of a yes: labels are 0 or 1, soft targets its probability, p is the
 * sigmoid, and there is no offset.
 */
struct sgeo_targets {
    const uint16_t *labels;
    const double *soft;
    const double *rows;
    double log_offset;
};

/*
 * Softmax cross-entropy of logits (n, classes), binary cross-entropy of one: losses[n] per image
 * (may be NULL), d_logits (n, classes) = gradient of their mean (may be NULL). Returns the mean.
 */
double sgeo_cross_entropy(double *losses, double *d_logits, const double *logits,
                          const struct sgeo_targets *targets, size_t n, size_t classes);

/* Per image: sum_c d l_n / d logit_c * tangent_c, the derivative of its own loss along a tangent
 * (n, classes). */
void sgeo_cross_entropy_tangent(double *d_losses, const double *logits, const double *tangent,
                                const struct sgeo_targets *targets, size_t n, size_t classes);

/*
 * Tangent of d_logits (the gradient of the mean loss) along a tangent (n, classes) of the logits.
 * Without log_offset it is sum_c t_c * p o (tangent - <p, tangent>) / n, p the softmax; of one
 * logit p (1 - p) tangent / n, p the sigmoid.
 */
void sgeo_cross_entropy_curvature(double *d_logits_tangent, const double *logits,
                                  const double *tangent, const struct sgeo_targets *targets,
                                  size_t n, size_t classes);

/* Images whose largest logit (the first of equals) is at the label; of one logit, whether it is
 * positive. */
size_t sgeo_count_correct(const double *logits, const uint16_t *labels, size_t n, size_t classes);

#endif
