/*
 * Softmax cross-entropy: l_n = -sum_c t_c ln softmax(z)_c, d l_n / d z_c = softmax(z)_c sum_c' t_c'
 * - t_c. Shapes: logits (N,K), targets (N) or (N,K).
 */
#include "graph/loss.h"

#include <math.h>

static double target(const struct sgeo_targets *targets, size_t n, size_t c, size_t classes)
{
    if (targets->soft != NULL) {
        return targets->soft[n * classes + c];
    }
    return targets->labels[n] == c ? 1.0 : 0.0;
}

/* ln sum_c exp(z_c), shifted by the maximum so that nothing overflows. */
static double log_sum_exp(const double *z, size_t classes)
{
    double largest = z[0];
    for (size_t c = 1; c < classes; c++) {
        largest = z[c] > largest ? z[c] : largest;
    }
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++) {
        sum += exp(z[c] - largest);
    }
    return largest + log(sum);
}

double sgeo_cross_entropy(double *losses, double *d_logits, const double *logits,
                          const struct sgeo_targets *targets, size_t n, size_t classes)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        double log_norm = log_sum_exp(z, classes);
        double loss = 0.0, mass = 0.0;
        for (size_t c = 0; c < classes; c++) {
            double t = target(targets, i, c, classes);
            mass += t;
            if (t !=
                0.0) { /* a class without target adds nothing, also where its logit is infinite */
                loss += t * (log_norm - z[c]);
            }
        }
        for (size_t c = 0; d_logits != NULL && c < classes; c++) {
            d_logits[i * classes + c] =
                (exp(z[c] - log_norm) * mass - target(targets, i, c, classes)) / (double)n;
        }
        if (losses != NULL) {
            losses[i] = loss;
        }
        total += loss;
    }
    return n == 0 ? 0.0 : total / (double)n;
}

void sgeo_cross_entropy_tangent(double *d_losses, const double *logits, const double *tangent,
                                const struct sgeo_targets *targets, size_t n, size_t classes)
{
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        double log_norm = log_sum_exp(z, classes);
        double mass = 0.0, sum = 0.0;
        for (size_t c = 0; c < classes; c++) {
            mass += target(targets, i, c, classes);
        }
        for (size_t c = 0; c < classes; c++) {
            double gradient = exp(z[c] - log_norm) * mass - target(targets, i, c, classes);
            sum += gradient * tangent[i * classes + c];
        }
        d_losses[i] = sum;
    }
}

void sgeo_cross_entropy_curvature(double *d_logits_tangent, const double *logits,
                                  const double *tangent, const struct sgeo_targets *targets,
                                  size_t n, size_t classes)
{
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes, *t = tangent + i * classes;
        double log_norm = log_sum_exp(z, classes), mass = 0.0, mean = 0.0;
        for (size_t c = 0; c < classes; c++) {
            mass += target(targets, i, c, classes);
            mean += exp(z[c] - log_norm) * t[c];
        }
        for (size_t c = 0; c < classes; c++) {
            d_logits_tangent[i * classes + c] =
                mass * exp(z[c] - log_norm) * (t[c] - mean) / (double)n;
        }
    }
}

size_t sgeo_count_correct(const double *logits, const uint16_t *labels, size_t n, size_t classes)
{
    size_t correct = 0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        size_t best = 0;
        for (size_t c = 1; c < classes; c++) {
            best = z[c] > z[best] ? c : best;
        }
        correct += best == labels[i];
    }
    return correct;
}
