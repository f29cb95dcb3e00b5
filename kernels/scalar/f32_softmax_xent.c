/*
 * Softmax cross-entropy of logits (B,C): losses (B), dlogits (B,C). Exponentials in f32, sums in
 * double. A row is read for its largest logit, then for the exponentials, which wait in dlogits,
 * and a last time for its gradient. Lanes behind the last class hold -infinity: they add nothing.
 */
#include "kernels/scalar/exp.h"
#include "kernels/scalar/tile.h"

struct sums {
    double exps[SGEO_LANES]; /* e^(z - largest) */
    double mass[SGEO_LANES]; /* soft targets */
    double dot[SGEO_LANES];  /* soft target * (z - largest) */
};

/* largest[j] = max(largest[j], x[j]) for j below a constant `width`; of a NaN in x nothing is left
 */
SGEO_INLINE void max_lanes(float *largest, const float *x, size_t width)
{
    for (size_t j = 0; j < width; j++)
        largest[j] = x[j] > largest[j] ? x[j] : largest[j];
}

SGEO_INLINE void max_step(float *largest, const float *logits, size_t width)
{
    float z[SGEO_LANES];
    sgeo_tile_load(z, logits, width, -INFINITY);
    max_lanes(largest, z, SGEO_LANES);
}

/* -infinity when there is no number above it; a NaN is left to the sums. */
SGEO_INLINE float largest_of(const float *logits, size_t classes)
{
    float largest[SGEO_LANES];
    size_t at = 0;
    for (size_t j = 0; j < SGEO_LANES; j++)
        largest[j] = -INFINITY;
    for (; at + SGEO_LANES <= classes; at += SGEO_LANES)
        max_step(largest, logits + at, SGEO_LANES);
    if (at < classes)
        max_step(largest, logits + at, classes - at);
    max_lanes(largest, largest + 8, 8);
    max_lanes(largest, largest + 4, 4);
    max_lanes(largest, largest + 2, 2);
    max_lanes(largest, largest + 1, 1);
    return largest[0];
}

/* A class without target has no part in dot, whatever its logit z. */
SGEO_INLINE void soft_step(struct sums *sums, const float *z, const float *soft, float largest,
                           size_t width)
{
    float t[SGEO_LANES], with_target[SGEO_LANES];
    sgeo_tile_load(t, soft, width, 0.0f);
    for (size_t j = 0; j < SGEO_LANES; j++)
        with_target[j] = t[j] == 0.0f ? largest : z[j];
    sgeo_tile_add(sums->mass, t);
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums->dot[j] =
            sgeo_multiply_add((double)t[j], (double)with_target[j] - (double)largest, sums->dot[j]);
}

/* dlogits = e^(z - largest), and all sums. soft and dlogits may be NULL. */
SGEO_INLINE void exp_step(struct sums *sums, float *dlogits, const float *logits, const float *soft,
                          float largest, size_t width)
{
    float z[SGEO_LANES], e[SGEO_LANES];
    sgeo_tile_load(z, logits, width, -INFINITY);
    for (size_t j = 0; j < SGEO_LANES; j++)
        e[j] = sgeo_exp_nonpositive_f32(z[j] - largest);
    sgeo_tile_add(sums->exps, e);
    if (soft)
        soft_step(sums, z, soft, largest, width);
    if (dlogits)
        sgeo_tile_store(dlogits, e, width);
}

SGEO_INLINE void exp_row(struct sums *sums, float *dlogits, const float *logits, const float *soft,
                         float largest, size_t classes)
{
    struct sums local;
    size_t at = 0;
    sgeo_tile_zero(local.exps);
    sgeo_tile_zero(local.mass);
    sgeo_tile_zero(local.dot);
    for (; at + SGEO_LANES <= classes; at += SGEO_LANES)
        exp_step(&local, dlogits ? dlogits + at : NULL, logits + at, soft ? soft + at : NULL,
                 largest, SGEO_LANES);
    if (at < classes)
        exp_step(&local, dlogits ? dlogits + at : NULL, logits + at, soft ? soft + at : NULL,
                 largest, classes - at);
    *sums = local;
}

/* dlogits = factor * dlogits - scale * soft; soft may be NULL. */
static void finish_row(float *dlogits, const float *soft, float factor, float scale, size_t classes)
{
    if (soft)
        for (size_t c = 0; c < classes; c++)
            dlogits[c] = sgeo_multiply_add_f32(dlogits[c], factor, -scale * soft[c]);
    else
        for (size_t c = 0; c < classes; c++)
            dlogits[c] *= factor;
}

static void hard_row(double *loss, float *dlogits, const float *logits, size_t label,
                     size_t classes, double scale)
{
    struct sums sums;
    float largest = largest_of(logits, classes);
    double shifted = (double)logits[label] - (double)largest;
    exp_row(&sums, dlogits, logits, NULL, largest, classes);
    double sum = sgeo_tile_sum(sums.exps);
    if (loss)
        *loss = log(sum) - shifted;
    if (!dlogits)
        return;
    double others = sum - (double)dlogits[label];
    finish_row(dlogits, NULL, (float)(scale / sum), (float)scale, classes);
    dlogits[label] = (float)(-scale * others / sum);
}

static void soft_row(double *loss, float *dlogits, const float *logits, const float *soft,
                     size_t classes, double scale)
{
    struct sums sums;
    exp_row(&sums, dlogits, logits, soft, largest_of(logits, classes), classes);
    double sum = sgeo_tile_sum(sums.exps), mass = sgeo_tile_sum(sums.mass);
    if (loss)
        *loss = mass * log(sum) - sgeo_tile_sum(sums.dot);
    if (dlogits)
        finish_row(dlogits, soft, (float)(scale * mass / sum), (float)scale, classes);
}

void SGEO_SYMBOL(f32_softmax_xent)(double *losses, float *dlogits, const float *logits,
                                   const struct sgeo_class_targets *targets, size_t batch,
                                   size_t classes, double scale)
{
    for (size_t b = 0; b < batch; b++) {
        double *loss = losses ? losses + b : NULL;
        float *gradient = dlogits ? dlogits + b * classes : NULL;
        if (targets->soft)
            soft_row(loss, gradient, logits + b * classes, targets->soft + b * classes, classes,
                     scale);
        else
            hard_row(loss, gradient, logits + b * classes, (size_t)targets->labels[b], classes,
                     scale);
    }
}
