#include "stats/panel.h"

#include <math.h>

#include "base/memory.h"
#include "stats/correlation.h"
#include "stats/pair.h"

struct sgeo_panel {
    size_t n_archs;
    size_t n_seeds;
    struct sgeo_pair **score_truth;     /* (n_seeds) */
    struct sgeo_pair **score_covariate; /* (n_seeds), or NULL without a covariate */
    struct sgeo_pair *truth_covariate;  /* likewise */
    double bound;                       /* NaN: none */
};

/* Row of the score matrix (n_seeds, n_archs). */
static struct sgeo_column seed_row(struct sgeo_column scores, size_t seed, size_t n_archs)
{
    return (struct sgeo_column){.values = scores.values + seed * n_archs, .n = n_archs};
}

/* A pair of each seed's scores with `other`; on failure *pairs is still to be destroyed. */
static enum sgeo_status create_pairs(struct sgeo_pair ***pairs, struct sgeo_column scores,
                                     size_t n_seeds, struct sgeo_column other)
{
    *pairs = sgeo_calloc(n_seeds, sizeof **pairs);
    if (*pairs == NULL) {
        return sgeo_fail_memory("score panel");
    }
    enum sgeo_status status = SGEO_OK;
    for (size_t s = 0; s < n_seeds && status == SGEO_OK; s++) {
        status = sgeo_pair_create(&(*pairs)[s], seed_row(scores, s, other.n), other);
    }
    return status;
}

static void destroy_pairs(struct sgeo_pair **pairs, size_t n_seeds)
{
    if (pairs == NULL) {
        return;
    }
    for (size_t s = 0; s < n_seeds; s++) {
        sgeo_pair_destroy(pairs[s]);
    }
    sgeo_free(pairs);
}

static enum sgeo_status fill(struct sgeo_panel *panel, struct sgeo_column scores,
                             struct sgeo_column truth, const struct sgeo_column *covariate)
{
    enum sgeo_status status = create_pairs(&panel->score_truth, scores, panel->n_seeds, truth);
    if (status != SGEO_OK || covariate == NULL) {
        return status;
    }
    status = sgeo_pair_create(&panel->truth_covariate, truth, *covariate);
    if (status != SGEO_OK) {
        return status;
    }
    return create_pairs(&panel->score_covariate, scores, panel->n_seeds, *covariate);
}

static enum sgeo_status check_shape(struct sgeo_column scores, size_t n_seeds, size_t n_archs)
{
    size_t n_scores;
    if (n_seeds < 1 || !sgeo_size_mul(n_seeds, n_archs, &n_scores) || n_scores != scores.n) {
        return sgeo_fail(SGEO_USAGE, "give one score per seed and architecture",
                         "score panel: %zu scores are not %zu seeds x %zu architectures", scores.n,
                         n_seeds, n_archs);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_panel_create(struct sgeo_panel **panel, struct sgeo_column scores,
                                   size_t n_seeds, struct sgeo_column truth,
                                   const struct sgeo_column *covariate)
{
    enum sgeo_status status = check_shape(scores, n_seeds, truth.n);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_panel *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory("score panel");
    }
    made->n_archs = truth.n;
    made->n_seeds = n_seeds;
    made->bound = (double)NAN;
    status = fill(made, scores, truth, covariate);
    if (status != SGEO_OK) {
        sgeo_panel_destroy(made);
        return status;
    }
    *panel = made;
    return SGEO_OK;
}

void sgeo_panel_destroy(struct sgeo_panel *panel)
{
    if (panel == NULL) {
        return;
    }
    destroy_pairs(panel->score_truth, panel->n_seeds);
    destroy_pairs(panel->score_covariate, panel->n_seeds);
    sgeo_pair_destroy(panel->truth_covariate);
    sgeo_free(panel);
}

void sgeo_panel_set_bound(struct sgeo_panel *panel, double bound)
{
    panel->bound = bound;
}

static double value_spearman(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_pair_spearman(panel->score_truth[seed], counts);
}

static double value_kendall(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_pair_kendall(panel->score_truth[seed], counts);
}

static double value_spearman_top10(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_pair_spearman_top10(panel->score_truth[seed], counts);
}

static double value_regret(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_pair_regret(panel->score_truth[seed], counts);
}

static double value_regret_to(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_pair_regret_to(panel->score_truth[seed], counts, panel->bound);
}

static double value_spearman_partial(void *context, size_t seed, const uint32_t *counts)
{
    struct sgeo_panel *panel = context;
    return sgeo_partial(sgeo_pair_spearman(panel->score_truth[seed], counts),
                        sgeo_pair_spearman(panel->score_covariate[seed], counts),
                        sgeo_pair_spearman(panel->truth_covariate, counts));
}

enum sgeo_status sgeo_panel_statistic(struct sgeo_statistic *statistic, struct sgeo_panel *panel,
                                      enum sgeo_measure measure)
{
    static const sgeo_statistic_value values[] = {
        [SGEO_MEASURE_SPEARMAN] = value_spearman,
        [SGEO_MEASURE_KENDALL] = value_kendall,
        [SGEO_MEASURE_SPEARMAN_TOP10] = value_spearman_top10,
        [SGEO_MEASURE_REGRET] = value_regret,
        [SGEO_MEASURE_SPEARMAN_PARTIAL] = value_spearman_partial,
        [SGEO_MEASURE_REGRET_TO] = value_regret_to,
    };
    if (measure == SGEO_MEASURE_SPEARMAN_PARTIAL && panel->score_covariate == NULL) {
        return sgeo_fail(SGEO_USAGE, "give the panel a covariate, e.g. the parameter counts",
                         "score panel: a partial correlation needs a covariate");
    }
    if (measure == SGEO_MEASURE_REGRET_TO && isnan(panel->bound)) {
        return sgeo_fail(SGEO_USAGE, "set the panel's bound first",
                         "score panel: the regret to a bound needs one");
    }
    *statistic = (struct sgeo_statistic){.value = values[measure],
                                         .context = panel,
                                         .n_archs = panel->n_archs,
                                         .n_seeds = panel->n_seeds};
    return SGEO_OK;
}
