/* Softmax cross-entropy of logits (B,C): losses (B), dlogits (B,C). In double. */
#include <math.h>

#include "kernels/symbols.h"

/* A row relative to its largest logit, in sums over its classes. */
struct row {
    double largest;
    double sum;    /* of e^(z - largest) */
    double others; /* the same without the hard label */
    double mass;   /* of the targets */
    double dot;    /* of target and z - largest, where there is a target */
};

static double target_of(const struct sgeo_class_targets *targets, size_t b, size_t c,
                        size_t classes)
{
    if (targets->soft)
        return (double)targets->soft[b * classes + c];
    return (size_t)targets->labels[b] == c ? 1.0 : 0.0;
}

static struct row row_of(const float *z, const struct sgeo_class_targets *targets, size_t b,
                         size_t classes)
{
    struct row row = {.largest = (double)z[0]};
    for (size_t c = 1; c < classes; c++)
        row.largest = (double)z[c] > row.largest ? (double)z[c] : row.largest;
    for (size_t c = 0; c < classes; c++) {
        double t = target_of(targets, b, c, classes), shifted = (double)z[c] - row.largest;
        row.sum += exp(shifted);
        row.others += t == 1.0 ? 0.0 : exp(shifted);
        row.mass += t;
        row.dot += t == 0.0 ? 0.0 : t * shifted;
    }
    return row;
}

void sgeo_f32_softmax_xent__ref(double *losses, float *dlogits, const float *logits,
                                const struct sgeo_class_targets *targets, size_t batch,
                                size_t classes, double scale)
{
    for (size_t b = 0; b < batch; b++) {
        const float *z = logits + b * classes;
        struct row row = row_of(z, targets, b, classes);
        if (losses)
            losses[b] = row.mass * log(row.sum) - row.dot;
        for (size_t c = 0; dlogits && c < classes; c++) {
            double t = target_of(targets, b, c, classes);
            double gradient = exp((double)z[c] - row.largest) / row.sum * row.mass - t;
            if (targets->labels && t == 1.0)
                gradient = -row.others / row.sum;
            dlogits[b * classes + c] = (float)(scale * gradient);
        }
    }
}
