#include "stats/auc.h"

#include <math.h>

#include "base/memory.h"
#include "stats/ranks.h"

static size_t count_clicked(struct sgeo_clicks clicks)
{
    size_t clicked = 0;
    for (size_t i = 0; i < clicks.n; i++) {
        clicked += clicks.label[i];
    }
    return clicked;
}

/* ranks (n) of all logits; the caller owns them. */
static enum sgeo_status rank(double **ranks, const double *logit, size_t n)
{
    *ranks = sgeo_calloc(n, sizeof **ranks);
    if (*ranks == NULL) {
        return sgeo_fail_memory("ranks of predictions");
    }
    return sgeo_ranks_mid(*ranks, (struct sgeo_column){.values = logit, .n = n});
}

enum sgeo_status sgeo_auc(double *auc, struct sgeo_clicks clicks)
{
    double *ranks = NULL;
    enum sgeo_status status = sgeo_clicks_check(clicks, "auc");
    if (status == SGEO_OK) {
        status = rank(&ranks, clicks.logit, clicks.n);
    }
    if (status == SGEO_OK) {
        double m = (double)count_clicked(clicks), n = (double)clicks.n, sum = 0.0;
        for (size_t i = 0; i < clicks.n; i++) {
            sum += clicks.label[i] != 0 ? ranks[i] : 0.0; /* halves: exact up to 2^53 */
        }
        *auc = (sum - 0.5 * m * (m + 1.0)) / (m * (n - m));
    }
    sgeo_free(ranks);
    return status;
}

/*
 * Placements of all rows (n), those of one label first in both arrays: of a clicked row the share
 * of the others that it is ranked above, of another the share of the clicked that are above it,
 * equal predictions counting one half. The mean over either label is the AUC.
 */
static enum sgeo_status place(double *placement, struct sgeo_clicks clicks)
{
    double *all = NULL, *own = NULL, *logit = sgeo_calloc(clicks.n, sizeof *logit);
    size_t clicked = count_clicked(clicks);
    if (logit == NULL) {
        return sgeo_fail_memory("placements of predictions");
    }
    enum sgeo_status status = rank(&all, clicks.logit, clicks.n);
    for (uint8_t label = 0; label <= 1 && status == SGEO_OK; label++) {
        size_t n = 0, m = label != 0 ? clicked : clicks.n - clicked;
        double others = (double)(clicks.n - m);
        for (size_t i = 0; i < clicks.n; i++) {
            if (clicks.label[i] == label) {
                logit[n++] = clicks.logit[i];
            }
        }
        status = rank(&own, logit, n);
        n = 0;
        for (size_t i = 0; i < clicks.n && status == SGEO_OK; i++) {
            if (clicks.label[i] == label) {
                double below = (all[i] - own[n++]) / others;
                placement[i] = label != 0 ? below : 1.0 - below;
            }
        }
        sgeo_free(own);
        own = NULL;
    }
    sgeo_free(all);
    sgeo_free(logit);
    return status;
}

/* Mean of the differences of placements over the rows of a label, and the squared standard error of
 * that mean. */
static double mean_difference(double *error2, const double *a, const double *b,
                              const uint8_t *labels, size_t n, uint8_t label)
{
    double mean = 0.0, squares = 0.0, count = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (labels[i] == label) {
            double before = a[i] - b[i] - mean;
            count += 1.0;
            mean += before / count;
            squares += before * (a[i] - b[i] - mean);
        }
    }
    *error2 = squares / (count - 1.0) / count;
    return mean;
}

enum sgeo_status sgeo_auc_difference(struct sgeo_difference *difference, struct sgeo_clicks a,
                                     struct sgeo_clicks b)
{
    enum sgeo_status status = sgeo_clicks_check_pair(a, b, "auc");
    if (status != SGEO_OK) {
        return status;
    }
    size_t clicked = count_clicked(a);
    if (clicked < 2 || a.n - clicked < 2) { /* then there is no variance; perhaps no AUC either */
        double auc_a, auc_b;
        status = sgeo_auc(&auc_a, a);
        if (status == SGEO_OK) {
            status = sgeo_auc(&auc_b, b);
        }
        if (status == SGEO_OK) {
            *difference = sgeo_difference_normal(auc_a - auc_b, (double)NAN);
        }
        return status;
    }
    double *of_a = sgeo_calloc(a.n, sizeof *of_a), *of_b = sgeo_calloc(a.n, sizeof *of_b);
    status = of_a != NULL && of_b != NULL ? place(of_a, a) : sgeo_fail_memory("auc difference");
    if (status == SGEO_OK) {
        status = place(of_b, b);
    }
    if (status == SGEO_OK) {
        double error2[2];
        double value = mean_difference(&error2[1], of_a, of_b, a.label, a.n, 1);
        (void)mean_difference(&error2[0], of_a, of_b, a.label, a.n, 0);
        *difference = sgeo_difference_normal(value, sqrt(error2[0] + error2[1]));
    }
    sgeo_free(of_a);
    sgeo_free(of_b);
    return status;
}
