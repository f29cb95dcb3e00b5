/* Losses on logits, in double: they are tiny, and everything behind them depends on them. */
#ifndef SGEO_GRAPH_LOSS_H
#define SGEO_GRAPH_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* Targets of a batch: hard labels (n), or soft rows (n, classes); one of the two. */
struct sgeo_targets {
    const uint16_t *labels;
    const double *soft;
};

/*
 * Softmax cross-entropy of logits (n, classes): losses[n] per image (may be NULL), d_logits
 * (n, classes) = gradient of their mean (may be NULL). Returns the mean.
 */
double sgeo_cross_entropy(double *losses, double *d_logits, const double *logits,
                          const struct sgeo_targets *targets, size_t n, size_t classes);

/* Per image: sum_c d l_n / d logit_c * tangent_c, the derivative of its own loss along a tangent
 * (n, classes). */
void sgeo_cross_entropy_tangent(double *d_losses, const double *logits, const double *tangent,
                                const struct sgeo_targets *targets, size_t n, size_t classes);

/*
 * Tangent of d_logits (the gradient of the mean loss) along a tangent (n, classes) of the logits:
 * sum_c t_c * p o (tangent - <p, tangent>) / n, p the softmax.
 */
void sgeo_cross_entropy_curvature(double *d_logits_tangent, const double *logits,
                                  const double *tangent, const struct sgeo_targets *targets,
                                  size_t n, size_t classes);

/* Images whose largest logit (the first of equals) is at the label. */
size_t sgeo_count_correct(const double *logits, const uint16_t *labels, size_t n, size_t classes);

#endif
