#include "stats/click_panel.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "stats/clicks.h"

/* A row where its prediction ranks. */
struct ranked {
    double logit;
    uint32_t row;
    uint32_t clicked;
};

struct sgeo_click_panel {
    size_t n, n_seeds;
    double *losses;        /* (n_seeds, n) of each row */
    struct ranked *ranked; /* (n_seeds, n) ascending by logit, then row */
};

/* --- creation --- */

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->logit != y->logit) {
        return x->logit < y->logit ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

static void rank_seed(struct sgeo_click_panel *panel, size_t seed, const double *logits,
                      const uint8_t *labels)
{
    double *losses = panel->losses + seed * panel->n;
    struct ranked *ranked = panel->ranked + seed * panel->n;
    for (size_t i = 0; i < panel->n; i++) {
        losses[i] = sgeo_click_loss(logits[i], labels[i]);
        ranked[i] = (struct ranked){.logit = logits[i], .row = (uint32_t)i, .clicked = labels[i]};
    }
    qsort(ranked, panel->n, sizeof *ranked, compare_ranked);
}

static enum sgeo_status check(const double *logits, const uint8_t *labels, size_t n, size_t n_seeds)
{
    enum sgeo_status status = n_seeds > 0 ? SGEO_OK
                                          : sgeo_fail(SGEO_USAGE, "train with one seed at least",
                                                      "predictions of no seed have no log loss");
    for (size_t seed = 0; status == SGEO_OK && seed < n_seeds; seed++) {
        const struct sgeo_clicks clicks = {.logit = logits + seed * n, .label = labels, .n = n};
        status = sgeo_clicks_check(clicks, "predictions");
    }
    return status;
}

enum sgeo_status sgeo_click_panel_create(struct sgeo_click_panel **out, const double *logits,
                                         const uint8_t *labels, size_t n, size_t n_seeds)
{
    size_t all;
    enum sgeo_status status = check(logits, labels, n, n_seeds);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_click_panel *panel = sgeo_calloc(1, sizeof *panel);
    if (panel == NULL || !sgeo_size_mul(n, n_seeds, &all)) {
        sgeo_free(panel);
        return sgeo_fail_memory("predictions");
    }
    *panel = (struct sgeo_click_panel){.n = n, .n_seeds = n_seeds};
    panel->losses = sgeo_calloc(all, sizeof *panel->losses);
    panel->ranked = sgeo_calloc(all, sizeof *panel->ranked);
    if (panel->losses == NULL || panel->ranked == NULL) {
        sgeo_click_panel_destroy(panel);
        return sgeo_fail_memory("predictions");
    }
    for (size_t seed = 0; seed < n_seeds; seed++) {
        rank_seed(panel, seed, logits + seed * n, labels);
    }
    *out = panel;
    return SGEO_OK;
}

void sgeo_click_panel_destroy(struct sgeo_click_panel *panel)
{
    if (panel != NULL) {
        sgeo_free(panel->losses);
        sgeo_free(panel->ranked);
        sgeo_free(panel);
    }
}

/* --- measures of a sample --- */

static double times(const uint32_t *counts, size_t row)
{
    return counts == NULL ? 1.0 : (double)counts[row];
}

static double log_loss(void *context, size_t seed, const uint32_t *counts)
{
    const struct sgeo_click_panel *panel = context;
    const double *losses = panel->losses + seed * panel->n;
    double sum = 0.0, rows = 0.0;
    for (size_t i = 0; i < panel->n; i++) {
        double weight = times(counts, i);
        if (weight > 0.0) { /* a row that is left out may have an infinite loss */
            sum += weight * losses[i];
            rows += weight;
        }
    }
    return sum / rows;
}

/* Pairs of a clicked row with one that was not and ranks lower, equal ones counting one half. */
static double auc(void *context, size_t seed, const uint32_t *counts)
{
    const struct sgeo_click_panel *panel = context;
    const struct ranked *ranked = panel->ranked + seed * panel->n;
    double pairs = 0.0, clicked = 0.0, others = 0.0;
    for (size_t i = 0; i < panel->n;) {
        double tied_clicked = 0.0, tied_others = 0.0, logit = ranked[i].logit;
        for (; i < panel->n && ranked[i].logit == logit; i++) {
            double weight = times(counts, ranked[i].row);
            tied_clicked += ranked[i].clicked != 0 ? weight : 0.0;
            tied_others += ranked[i].clicked != 0 ? 0.0 : weight;
        }
        pairs += tied_clicked * (others + 0.5 * tied_others);
        clicked += tied_clicked;
        others += tied_others;
    }
    return clicked > 0.0 && others > 0.0 ? pairs / (clicked * others) : (double)NAN;
}

struct sgeo_statistic sgeo_click_panel_statistic(const struct sgeo_click_panel *panel,
                                                 enum sgeo_click_measure measure)
{
    return (struct sgeo_statistic){.value = measure == SGEO_CLICKS_AUC ? auc : log_loss,
                                   .context = (void *)panel,
                                   .n_archs = panel->n,
                                   .n_seeds = panel->n_seeds};
}
