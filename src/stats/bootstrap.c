#include "stats/bootstrap.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stats/normal.h"
#include "stats/robust.h"

#define DEFAULT_DRAWS 2000
#define DEFAULT_LEVEL 0.95

/* A statistic, or the difference of two; and the sample of the draw at hand. */
struct resampler {
    struct sgeo_statistic plus;
    const struct sgeo_statistic *minus; /* NULL: no difference */
    uint32_t *arch_counts;              /* (n_archs) */
    uint32_t *seed_counts;              /* (n_seeds) */
    double *values;                     /* (n_draws), the defined ones first */
};

struct sgeo_bootstrap_plan sgeo_bootstrap_defaults(uint64_t seed)
{
    return (struct sgeo_bootstrap_plan){
        .seed = seed, .n_draws = DEFAULT_DRAWS, .level = DEFAULT_LEVEL};
}

static enum sgeo_status check_plan(struct sgeo_statistic statistic, struct sgeo_bootstrap_plan plan)
{
    if (statistic.n_archs < 2 || statistic.n_archs > UINT32_MAX) {
        return sgeo_fail(SGEO_USAGE, "choose more architectures, fewer than 2^32",
                         "bootstrap: %zu architectures cannot be resampled", statistic.n_archs);
    }
    if (statistic.n_seeds < 1 || statistic.n_seeds > UINT32_MAX) {
        return sgeo_fail(SGEO_USAGE, "score with at least one seed",
                         "bootstrap: %zu seeds cannot be resampled", statistic.n_seeds);
    }
    if (plan.n_draws < 1 || !(plan.level > 0.0 && plan.level < 1.0)) {
        return sgeo_fail(SGEO_USAGE, "2000 draws and level 0.95 are usual",
                         "bootstrap: %zu draws at level %g give no interval", plan.n_draws,
                         plan.level);
    }
    return SGEO_OK;
}

static enum sgeo_status resampler_init(struct resampler *resampler, size_t n_draws)
{
    size_t n_archs = resampler->plus.n_archs;
    size_t n_seeds = resampler->plus.n_seeds;
    resampler->arch_counts = sgeo_calloc(n_archs, sizeof *resampler->arch_counts);
    resampler->seed_counts = sgeo_calloc(n_seeds, sizeof *resampler->seed_counts);
    resampler->values = sgeo_calloc(n_draws, sizeof *resampler->values);
    bool whole = resampler->arch_counts != NULL && resampler->seed_counts != NULL &&
                 resampler->values != NULL;
    return whole ? SGEO_OK : sgeo_fail_memory("bootstrap draws");
}

static void resampler_clear(struct resampler *resampler)
{
    sgeo_free(resampler->arch_counts);
    sgeo_free(resampler->seed_counts);
    sgeo_free(resampler->values);
}

/* n draws with replacement from 0..n-1, as counts. */
static void draw_counts(uint32_t *counts, size_t n, struct sgeo_rng *rng)
{
    memset(counts, 0, n * sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        counts[sgeo_rng_below(rng, n)]++;
    }
}

/* Mean over the seeds, seed s taken seed_counts[s] times (NULL: once). */
static double mean_over_seeds(const struct sgeo_statistic *statistic, const uint32_t *arch_counts,
                              const uint32_t *seed_counts)
{
    double sum = 0.0;
    for (size_t s = 0; s < statistic->n_seeds; s++) {
        uint32_t times = seed_counts == NULL ? 1 : seed_counts[s];
        if (times > 0) {
            sum += times * statistic->value(statistic->context, s, arch_counts);
        }
    }
    return sum / (double)statistic->n_seeds;
}

static double evaluate(const struct resampler *resampler, const uint32_t *arch_counts,
                       const uint32_t *seed_counts)
{
    double value = mean_over_seeds(&resampler->plus, arch_counts, seed_counts);
    if (resampler->minus != NULL) {
        value -= mean_over_seeds(resampler->minus, arch_counts, seed_counts);
    }
    return value;
}

/* Fill values with the defined draws; returns how many there are. */
static size_t run_draws(struct resampler *resampler, struct sgeo_bootstrap_plan plan)
{
    size_t n_defined = 0;
    for (size_t draw = 0; draw < plan.n_draws; draw++) {
        struct sgeo_rng rng = sgeo_rng_stream(plan.seed, "bootstrap", draw);
        draw_counts(resampler->arch_counts, resampler->plus.n_archs, &rng);
        draw_counts(resampler->seed_counts, resampler->plus.n_seeds, &rng);
        double value = evaluate(resampler, resampler->arch_counts, resampler->seed_counts);
        if (!isnan(value)) {
            resampler->values[n_defined++] = value;
        }
    }
    return n_defined;
}

static struct sgeo_interval measure(struct resampler *resampler, struct sgeo_bootstrap_plan plan)
{
    size_t n_defined = run_draws(resampler, plan);
    struct sgeo_interval interval = {.value = evaluate(resampler, NULL, NULL),
                                     .low = (double)NAN,
                                     .high = (double)NAN,
                                     .n_draws = plan.n_draws,
                                     .n_undefined = plan.n_draws - n_defined};
    if (n_defined > 0) {
        double tail = 0.5 * (1.0 - plan.level);
        sgeo_sort_ascending(resampler->values, n_defined);
        interval.low = sgeo_quantile_sorted(resampler->values, n_defined, tail);
        interval.high = sgeo_quantile_sorted(resampler->values, n_defined, 1.0 - tail);
    }
    return interval;
}

static enum sgeo_status bootstrap(struct sgeo_interval *interval, struct sgeo_statistic plus,
                                  const struct sgeo_statistic *minus,
                                  struct sgeo_bootstrap_plan plan)
{
    enum sgeo_status status = check_plan(plus, plan);
    if (status != SGEO_OK) {
        return status;
    }
    struct resampler resampler = {.plus = plus, .minus = minus};
    status = resampler_init(&resampler, plan.n_draws);
    if (status == SGEO_OK) {
        *interval = measure(&resampler, plan);
    }
    resampler_clear(&resampler);
    return status;
}

enum sgeo_status sgeo_bootstrap_interval(struct sgeo_interval *interval,
                                         struct sgeo_statistic statistic,
                                         struct sgeo_bootstrap_plan plan)
{
    return bootstrap(interval, statistic, NULL, plan);
}

enum sgeo_verdict sgeo_verdict_of(double low, double high)
{
    if (low > 0.0) {
        return SGEO_VERDICT_BETTER;
    }
    return high < 0.0 ? SGEO_VERDICT_WORSE : SGEO_VERDICT_UNDECIDED;
}

static enum sgeo_verdict judge(const struct sgeo_interval *interval, double level)
{
    if ((double)interval->n_undefined > (1.0 - level) * (double)interval->n_draws) {
        return SGEO_VERDICT_UNDECIDED;
    }
    return sgeo_verdict_of(interval->low, interval->high);
}

enum sgeo_status sgeo_bootstrap_difference(struct sgeo_difference *difference,
                                           struct sgeo_statistic a, struct sgeo_statistic b,
                                           struct sgeo_bootstrap_plan plan)
{
    if (a.n_archs != b.n_archs || a.n_seeds != b.n_seeds) {
        return sgeo_fail(SGEO_USAGE, "score both on the same architectures and seeds",
                         "paired bootstrap: %zu x %zu scores against %zu x %zu (seeds x archs)",
                         a.n_seeds, a.n_archs, b.n_seeds, b.n_archs);
    }
    struct sgeo_interval interval;
    enum sgeo_status status = bootstrap(&interval, a, &b, plan);
    if (status != SGEO_OK) {
        return status;
    }
    *difference =
        (struct sgeo_difference){.interval = interval, .verdict = judge(&interval, plan.level)};
    return SGEO_OK;
}

struct sgeo_difference sgeo_difference_normal(double value, double standard_error)
{
    double half = SGEO_Z_TWO_SIDED_5_PERCENT * standard_error;
    struct sgeo_interval interval = {.value = value, .low = value - half, .high = value + half};
    return (struct sgeo_difference){.interval = interval,
                                    .verdict = sgeo_verdict_of(interval.low, interval.high)};
}

const char *sgeo_verdict_name(enum sgeo_verdict verdict)
{
    switch (verdict) {
    case SGEO_VERDICT_BETTER:
        return "better";
    case SGEO_VERDICT_WORSE:
        return "worse";
    case SGEO_VERDICT_UNDECIDED:
        break;
    }
    return "undecided";
}
