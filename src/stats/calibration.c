#include "stats/calibration.h"

#include <math.h>

#include "base/memory.h"
#include "stats/ranks.h"

/* Sums of a bin, then means. */
static void finish(struct sgeo_calibration_bin *bin)
{
    bin->predicted /= (double)bin->n; /* 0 / 0 is the NaN of an empty bin */
    bin->observed /= (double)bin->n;
}

static struct sgeo_calibration measure(struct sgeo_clicks clicks, const double *ranks)
{
    struct sgeo_calibration made = {0};
    struct sgeo_calibration_bin all = {.n = clicks.n};
    for (size_t i = 0; i < clicks.n; i++) {
        double place = (ranks[i] - 0.5) / (double)clicks.n; /* in (0, 1) */
        struct sgeo_calibration_bin *bin =
            &made.bins[(size_t)(place * (double)SGEO_CALIBRATION_BINS)];
        double probability = sgeo_click_probability(clicks.logit[i]);
        bin->n++;
        bin->predicted += probability;
        bin->observed += clicks.label[i];
        all.predicted += probability;
        all.observed += clicks.label[i];
    }
    finish(&all);
    for (size_t b = 0; b < SGEO_CALIBRATION_BINS; b++) {
        struct sgeo_calibration_bin *bin = &made.bins[b];
        made.error += fabs(bin->predicted - bin->observed) / (double)clicks.n; /* sums still */
        finish(bin);
    }
    made.predicted = all.predicted;
    made.observed = all.observed;
    made.ratio = all.predicted / all.observed;
    return made;
}

enum sgeo_status sgeo_calibration(struct sgeo_calibration *calibration, struct sgeo_clicks clicks)
{
    enum sgeo_status status = sgeo_clicks_check(clicks, "calibration");
    if (status != SGEO_OK) {
        return status;
    }
    double *ranks = sgeo_calloc(clicks.n, sizeof *ranks);
    if (ranks == NULL) {
        return sgeo_fail_memory("ranks of predictions");
    }
    status = sgeo_ranks_mid(ranks, (struct sgeo_column){.values = clicks.logit, .n = clicks.n});
    if (status == SGEO_OK) {
        *calibration = measure(clicks, ranks);
    }
    sgeo_free(ranks);
    return status;
}
