/*
 * Cross-entropy. Of several logits, with an offset e in the logarithm, p = softmax(z):
 *
 *   l_n          = -sum_c t_c ln(p_c + e)
 *   d l_n / dz_c = p_c sum_j s_j - s_c,        s_c = t_c p_c / (p_c + e)
 *   tangent of p, s along t: p'_c = p_c (t_c - <p, t>),  s'_c = t_c e p'_c / (p_c + e)^2
 *
 * e = 0: s = t, s' = 0, and ln p_c is z_c - ln sum exp(z), which cannot underflow. Shapes: logits
 * (N,K), targets (N), (N,K) or (K,K). Source of the offset: the spec of the proxies, section 1.
 *
 * Of one logit, p = 1 / (1 + exp(-z)), y its target:
 *
 *   l_n         = -y ln p - (1 - y) ln(1 - p) = |z| (z > 0 ? 1 - y : y) + ln(1 + exp(-|z|))
 *   d l_n / dz  = p - y = (1 - y) p - y (1 - p);  tangent of p along t: p (1 - p) t
 */
#include "graph/loss.h"

#include <math.h>
#include <stdbool.h>

static double target(const struct sgeo_targets *targets, size_t n, size_t c, size_t classes)
{
    if (targets->soft != NULL) {
        return targets->soft[n * classes + c];
    }
    if (targets->rows != NULL) {
        return targets->rows[targets->labels[n] * classes + c];
    }
    return targets->labels[n] == c ? 1.0 : 0.0;
}

static bool has_offset(const struct sgeo_targets *targets)
{
    return targets->log_offset > 0.0;
}

/* s_c of a class with probability p. */
static double share(const struct sgeo_targets *targets, double t, double p)
{
    return has_offset(targets) ? t * p / (p + targets->log_offset) : t;
}

/* s'_c where p moves by dp. */
static double share_tangent(const struct sgeo_targets *targets, double t, double p, double dp)
{
    double sum = p + targets->log_offset;
    return has_offset(targets) ? t * targets->log_offset * dp / (sum * sum) : 0.0;
}

/* -t_c ln(p_c + e), of a logit and the logarithm of the softmax's denominator. */
static double class_loss(const struct sgeo_targets *targets, double t, double z, double log_norm)
{
    return has_offset(targets) ? -t * log(exp(z - log_norm) + targets->log_offset)
                               : t * (log_norm - z);
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

/* sum_c s_c of image i. */
static double share_sum(const struct sgeo_targets *targets, size_t i, const double *z,
                        double log_norm, size_t classes)
{
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++) {
        sum += share(targets, target(targets, i, c, classes), exp(z[c] - log_norm));
    }
    return sum;
}

/* --- one logit --- */

/* The probability that image i should have. */
static double binary_target(const struct sgeo_targets *targets, size_t i)
{
    bool is_soft = targets->soft != NULL || targets->rows != NULL;
    return is_soft ? target(targets, i, 0, 1) : targets->labels[i] != 0 ? 1.0 : 0.0;
}

/* 1 / (1 + exp(-z)) */
static double logistic(double z)
{
    return z >= 0.0 ? 1.0 / (1.0 + exp(-z)) : exp(z) / (1.0 + exp(z));
}

static double binary_slope(double z, double y)
{
    return (1.0 - y) * logistic(z) - y * logistic(-z);
}

static double binary_cross_entropy(double *losses, double *d_logits, const double *logits,
                                   const struct sgeo_targets *targets, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        double z = logits[i], y = binary_target(targets, i);
        double gap = z > 0.0 ? 1.0 - y : y, loss = log1p(exp(-fabs(z)));
        if (gap != 0.0) { /* a sure answer that is right costs nothing, also where z is infinite */
            loss += fabs(z) * gap;
        }
        if (d_logits != NULL) {
            d_logits[i] = binary_slope(z, y) / (double)n;
        }
        if (losses != NULL) {
            losses[i] = loss;
        }
        total += loss;
    }
    return n == 0 ? 0.0 : total / (double)n;
}

/* --- any number of logits --- */

double sgeo_cross_entropy(double *losses, double *d_logits, const double *logits,
                          const struct sgeo_targets *targets, size_t n, size_t classes)
{
    if (classes == 1) {
        return binary_cross_entropy(losses, d_logits, logits, targets, n);
    }
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        double log_norm = log_sum_exp(z, classes), loss = 0.0;
        for (size_t c = 0; c < classes; c++) {
            double t = target(targets, i, c, classes);
            if (t !=
                0.0) { /* a class without target adds nothing, also where its logit is infinite */
                loss += class_loss(targets, t, z[c], log_norm);
            }
        }
        double mass = d_logits == NULL ? 0.0 : share_sum(targets, i, z, log_norm, classes);
        for (size_t c = 0; d_logits != NULL && c < classes; c++) {
            double p = exp(z[c] - log_norm);
            d_logits[i * classes + c] =
                (p * mass - share(targets, target(targets, i, c, classes), p)) / (double)n;
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
    for (size_t i = 0; classes == 1 && i < n; i++) {
        d_losses[i] = binary_slope(logits[i], binary_target(targets, i)) * tangent[i];
    }
    for (size_t i = 0; classes != 1 && i < n; i++) {
        const double *z = logits + i * classes;
        double log_norm = log_sum_exp(z, classes), sum = 0.0;
        double mass = share_sum(targets, i, z, log_norm, classes);
        for (size_t c = 0; c < classes; c++) {
            double p = exp(z[c] - log_norm);
            double gradient = p * mass - share(targets, target(targets, i, c, classes), p);
            sum += gradient * tangent[i * classes + c];
        }
        d_losses[i] = sum;
    }
}

void sgeo_cross_entropy_curvature(double *d_logits_tangent, const double *logits,
                                  const double *tangent, const struct sgeo_targets *targets,
                                  size_t n, size_t classes)
{
    for (size_t i = 0; classes == 1 && i < n; i++) {
        d_logits_tangent[i] = logistic(logits[i]) * logistic(-logits[i]) * tangent[i] / (double)n;
    }
    for (size_t i = 0; classes != 1 && i < n; i++) {
        const double *z = logits + i * classes, *t = tangent + i * classes;
        double log_norm = log_sum_exp(z, classes), mean = 0.0, mass_tangent = 0.0;
        double mass = share_sum(targets, i, z, log_norm, classes);
        for (size_t c = 0; c < classes; c++) {
            mean += exp(z[c] - log_norm) * t[c];
        }
        for (size_t c = 0; c < classes; c++) {
            double p = exp(z[c] - log_norm);
            mass_tangent +=
                share_tangent(targets, target(targets, i, c, classes), p, p * (t[c] - mean));
        }
        for (size_t c = 0; c < classes; c++) {
            double p = exp(z[c] - log_norm);
            double own =
                share_tangent(targets, target(targets, i, c, classes), p, p * (t[c] - mean));
            d_logits_tangent[i * classes + c] =
                (mass * p * (t[c] - mean) + (p * mass_tangent - own)) / (double)n;
        }
    }
}

size_t sgeo_count_correct(const double *logits, const uint16_t *labels, size_t n, size_t classes)
{
    size_t correct = 0;
    for (size_t i = 0; i < n; i++) {
        const double *z = logits + i * classes;
        size_t best = classes == 1 && z[0] > 0.0 ? 1 : 0;
        for (size_t c = 1; c < classes; c++) {
            best = z[c] > z[best] ? c : best;
        }
        correct += best == labels[i];
    }
    return correct;
}
