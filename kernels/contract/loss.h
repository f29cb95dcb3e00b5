/* Contracts of the losses on logits. Losses are double: everything behind them depends on them. */
#ifndef SGEO_KERNELS_CONTRACT_LOSS_H
#define SGEO_KERNELS_CONTRACT_LOSS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Binary cross-entropy of n logits z with labels y in 0..1:
 *   *loss = scale * sum -(y ln s + (1 - y) ln(1 - s)), s = 1 / (1 + e^-z)
 *         = scale * sum |z| (z > 0 ? 1 - y : y) + ln(1 + e^-|z|)
 *   dlogits = scale * (s - y) = scale * ((1 - y) s - y (1 - s))
 * scale 1: the sum; 1/n: the mean. Nothing cancels or overflows, whatever the logit: a gradient of
 * e^-50 keeps its digits. Logarithms in f32, products and sums in double, 16 lanes, then a tree.
 * An infinite logit gives a loss that is not finite. dlogits may be NULL or logits.
 */
typedef void sgeo_f32_bce_logits_sig(double *loss, float *dlogits, const float *logits,
                                     const float *labels, size_t n, double scale);

/* Targets of a batch: hard labels (B), each below C, or soft rows (B,C) >= 0; the other is NULL. */
struct sgeo_class_targets {
    const int32_t *labels;
    const float *soft;
};

/*
 * Softmax cross-entropy of logits (B,C), C >= 1; a hard label is a soft row of one 1.
 *   losses (B) = sum_c t_c (ln sum_k e^z_k - z_c)
 *   dlogits (B,C) = scale * (softmax(z) * sum_c t_c - t)
 * scale 1/B makes dlogits the gradient of the mean. Relative to the largest logit, so that nothing
 * overflows; exponentials below FLT_MIN are zero; sums in double, 16 lanes, then a tree; a hard
 * label's own gradient comes from the others' sum, so that it does not cancel. A class without
 * target adds nothing to the loss, also where its logit is -infinity; rows with NaN or +infinity,
 * or -infinity alone, are NaN throughout. losses or dlogits may be NULL; dlogits may be logits.
 */
typedef void sgeo_f32_softmax_xent_sig(double *losses, float *dlogits, const float *logits,
                                       const struct sgeo_class_targets *targets, size_t batch,
                                       size_t classes, double scale);

#endif
