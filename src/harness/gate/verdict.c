#include "harness/gate/verdict.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stats/mann_whitney.h"
#include "stats/robust.h"

#define DRAWS                  ((size_t)2000)
#define ROUNDS_MAX             ((size_t)1000) /* of a bench, so that resamples fit the stack */
#define CALIBRATION_ROUNDS_MIN ((size_t)8)

struct sgeo_gate_rule sgeo_gate_rule_defaults(void)
{
    return (struct sgeo_gate_rule){.alpha = 0.01, .least_effect = 0.05, .least_count = 0.01};
}

void sgeo_gate_report_clear(struct sgeo_gate_report *report)
{
    sgeo_free(report->rows);
    *report = (struct sgeo_gate_report){0};
}

size_t sgeo_gate_count(const struct sgeo_gate_report *report, enum sgeo_gate_verdict verdict)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n; i++) {
        n += report->rows[i].verdict == verdict;
    }
    return n;
}

const char *sgeo_gate_verdict_name(enum sgeo_gate_verdict verdict)
{
    static const char *const names[SGEO_GATE_VERDICTS] = {[SGEO_GATE_IMPROVED] = "IMPROVED",
                                                          [SGEO_GATE_SAME] = "SAME",
                                                          [SGEO_GATE_REGRESSED] = "REGRESSED",
                                                          [SGEO_GATE_INCONCLUSIVE] = "INCONCLUSIVE",
                                                          [SGEO_GATE_NEW] = "NEW",
                                                          [SGEO_GATE_MISSING] = "MISSING"};
    return names[verdict];
}

/* --- ratios of medians --- */

static double median_of(double *values, size_t n)
{
    sgeo_sort_ascending(values, n);
    return sgeo_quantile_sorted(values, n, 0.5);
}

static double resampled_median(const struct sgeo_gate_bench *bench, struct sgeo_rng *rng)
{
    double drawn[ROUNDS_MAX];
    for (size_t i = 0; i < bench->n; i++) {
        drawn[i] = bench->values[sgeo_rng_below(rng, bench->n)];
    }
    return median_of(drawn, bench->n);
}

/* Percentile bootstrap of the ratio of medians over the rounds of both sides. */
static void fill_interval(struct sgeo_gate_row *row, const struct sgeo_gate_bench *base,
                          const struct sgeo_gate_bench *candidate, uint64_t seed)
{
    double ratios[DRAWS];
    struct sgeo_rng rng = sgeo_rng_stream(seed, base->name, 0);
    for (size_t d = 0; d < DRAWS; d++) {
        double numerator = resampled_median(candidate, &rng);
        ratios[d] = numerator / resampled_median(base, &rng);
    }
    sgeo_sort_ascending(ratios, DRAWS);
    row->low = sgeo_quantile_sorted(ratios, DRAWS, 0.025);
    row->high = sgeo_quantile_sorted(ratios, DRAWS, 0.975);
}

/* --- one bench --- */

static enum sgeo_status check_rounds(const struct sgeo_gate_bench *bench)
{
    if (bench->n == 0 || bench->n > ROUNDS_MAX) {
        return sgeo_fail(SGEO_USAGE, "measure from 1 to 1000 rounds", "bench %s has %zu rounds",
                         bench->name, bench->n);
    }
    return SGEO_OK;
}

/* Whether the most extreme outcome of the test would be significant after Holm. */
static enum sgeo_status check_power(const struct sgeo_gate_bench *base,
                                    const struct sgeo_gate_bench *candidate, double alpha,
                                    size_t n_tests)
{
    double smallest = 2.0; /* two over C(n + m, n) */
    for (size_t i = 1; i <= candidate->n; i++) {
        smallest *= (double)i / (double)(base->n + i);
    }
    if (smallest * (double)n_tests > alpha) {
        return sgeo_fail(SGEO_UNSUPPORTED, "measure more rounds: --repeat N",
                         "%zu and %zu rounds of %s cannot decide anything: the least p is %.2g "
                         "for each of %zu benches",
                         base->n, candidate->n, base->name, smallest, n_tests);
    }
    return SGEO_OK;
}

static double threshold_of(const struct sgeo_gate_rule *rule, const char *bench)
{
    const struct sgeo_gate_bench *floor =
        rule->floors == NULL ? NULL : sgeo_gate_find(rule->floors, bench);
    return floor == NULL || floor->n == 0 ? rule->least_effect
                                          : fmax(rule->least_effect, floor->values[0]);
}

/* Everything but the verdict and Holm's p: row->p is the test's own. */
static enum sgeo_status measure(struct sgeo_gate_row *row, const struct sgeo_gate_bench *base,
                                const struct sgeo_gate_bench *candidate,
                                const struct sgeo_gate_rule *rule)
{
    struct sgeo_mann_whitney test = {0};
    struct sgeo_column sides[2] = {{base->values, base->n}, {candidate->values, candidate->n}};
    enum sgeo_status status = sgeo_median(&row->base, sides[0]);
    if (status == SGEO_OK) {
        status = sgeo_median(&row->candidate, sides[1]);
    }
    if (status == SGEO_OK) {
        status = sgeo_mann_whitney(&test, sides[0], sides[1]);
    }
    if (status == SGEO_OK) {
        row->ratio = row->candidate / row->base;
        row->p = test.p;
        row->threshold = threshold_of(rule, base->name);
        fill_interval(row, base, candidate, rule->seed);
    }
    return status;
}

/* Instruction counts repeat: one of each side is all there is to know. */
static void judge_counts(struct sgeo_gate_row *row, const struct sgeo_gate_bench *base,
                         const struct sgeo_gate_bench *candidate, double least_count)
{
    row->base = base->values[0];
    row->candidate = candidate->values[0];
    row->ratio = row->low = row->high = row->candidate / row->base;
    row->threshold = least_count;
    row->verdict = row->ratio > 1.0 + least_count           ? SGEO_GATE_REGRESSED
                   : row->ratio < 1.0 / (1.0 + least_count) ? SGEO_GATE_IMPROVED
                                                            : SGEO_GATE_SAME;
}

static enum sgeo_gate_verdict verdict_of(const struct sgeo_gate_row *row, double alpha)
{
    double slower = 1.0 + row->threshold, faster = 1.0 / slower;
    bool significant = row->p <= alpha;
    if (significant && row->low > slower) {
        return SGEO_GATE_REGRESSED;
    }
    if (significant && row->high < faster) {
        return SGEO_GATE_IMPROVED;
    }
    return row->low >= faster && row->high <= slower ? SGEO_GATE_SAME : SGEO_GATE_INCONCLUSIVE;
}

/* --- all benches --- */

static struct sgeo_gate_row one_sided(const struct sgeo_gate_bench *bench,
                                      enum sgeo_gate_verdict verdict)
{
    double nan = (double)NAN;
    bool is_new = verdict == SGEO_GATE_NEW;
    return (struct sgeo_gate_row){.bench = bench->name,
                                  .verdict = verdict,
                                  .n_base = is_new ? 0 : bench->n,
                                  .n_candidate = is_new ? bench->n : 0,
                                  .base = nan,
                                  .candidate = nan,
                                  .ratio = nan,
                                  .low = nan,
                                  .high = nan,
                                  .p = nan,
                                  .threshold = nan};
}

static size_t count_common(const struct sgeo_gate_samples *base,
                           const struct sgeo_gate_samples *candidate)
{
    size_t n = 0;
    for (size_t b = 0; b < base->n; b++) {
        n += sgeo_gate_find(candidate, base->benches[b].name) != NULL;
    }
    return n;
}

/* Rows of the base's benches; those on both sides are left undecided. */
static enum sgeo_status measure_all(struct sgeo_gate_report *report,
                                    const struct sgeo_gate_samples *base,
                                    const struct sgeo_gate_samples *candidate,
                                    const struct sgeo_gate_rule *rule)
{
    size_t n_common = count_common(base, candidate);
    bool is_count = strcmp(base->setting.metric, SGEO_GATE_INSTRUCTIONS) == 0;
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < base->n; b++) {
        const struct sgeo_gate_bench *old = &base->benches[b];
        const struct sgeo_gate_bench *now = sgeo_gate_find(candidate, old->name);
        struct sgeo_gate_row *row = &report->rows[report->n++];
        *row = one_sided(old, SGEO_GATE_MISSING);
        if (now == NULL) {
            continue;
        }
        row->verdict = SGEO_GATE_INCONCLUSIVE;
        row->n_candidate = now->n;
        status = check_rounds(old);
        status = status == SGEO_OK ? check_rounds(now) : status;
        if (status == SGEO_OK && is_count) {
            judge_counts(row, old, now, rule->least_count);
            continue;
        }
        status = status == SGEO_OK ? check_power(old, now, rule->alpha, n_common) : status;
        status = status == SGEO_OK ? measure(row, old, now, rule) : status;
    }
    return status;
}

/* Holm over the benches of both sides, then their verdicts. */
static enum sgeo_status decide(struct sgeo_gate_report *report, double alpha)
{
    double *p = sgeo_calloc(2 * report->n + 1, sizeof *p), *adjusted = p + report->n;
    size_t n = 0;
    if (p == NULL) {
        return sgeo_fail_memory("verdicts");
    }
    for (size_t i = 0; i < report->n; i++) {
        if (report->rows[i].verdict == SGEO_GATE_INCONCLUSIVE) {
            p[n++] = report->rows[i].p;
        }
    }
    enum sgeo_status status = sgeo_holm(adjusted, p, n);
    n = 0;
    for (size_t i = 0; status == SGEO_OK && i < report->n; i++) {
        struct sgeo_gate_row *row = &report->rows[i];
        if (row->verdict == SGEO_GATE_INCONCLUSIVE) {
            row->p = adjusted[n++];
            row->verdict = verdict_of(row, alpha);
        }
    }
    sgeo_free(p);
    return status;
}

enum sgeo_status sgeo_gate_judge(struct sgeo_gate_report *report,
                                 const struct sgeo_gate_samples *base,
                                 const struct sgeo_gate_samples *candidate,
                                 const struct sgeo_gate_rule *rule)
{
    *report = (struct sgeo_gate_report){0};
    report->rows = sgeo_calloc(base->n + candidate->n, sizeof *report->rows);
    if (report->rows == NULL) {
        return sgeo_fail_memory("gate report");
    }
    enum sgeo_status status = measure_all(report, base, candidate, rule);
    if (status == SGEO_OK) {
        status = decide(report, rule->alpha);
    }
    for (size_t c = 0; status == SGEO_OK && c < candidate->n; c++) {
        if (sgeo_gate_find(base, candidate->benches[c].name) == NULL) {
            report->rows[report->n++] = one_sided(&candidate->benches[c], SGEO_GATE_NEW);
        }
    }
    if (status != SGEO_OK) {
        sgeo_gate_report_clear(report);
    }
    return status;
}

/* --- calibration --- */

static double split_noise(const struct sgeo_gate_bench *bench, uint64_t seed)
{
    double shuffled[ROUNDS_MAX], distances[DRAWS];
    struct sgeo_rng rng = sgeo_rng_stream(seed, bench->name, 1);
    size_t half = bench->n / 2;
    memcpy(shuffled, bench->values, bench->n * sizeof *shuffled);
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t i = bench->n; i-- > 1;) {
            size_t j = sgeo_rng_below(&rng, i + 1);
            double kept = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = kept;
        }
        double ratio = median_of(shuffled, half) / median_of(shuffled + half, bench->n - half);
        distances[d] = fabs(ratio - 1.0);
    }
    sgeo_sort_ascending(distances, DRAWS);
    return sgeo_quantile_sorted(distances, DRAWS, 0.95);
}

enum sgeo_status sgeo_gate_calibrate(struct sgeo_gate_samples *floors,
                                     const struct sgeo_gate_samples *rounds, uint64_t seed)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < rounds->n; b++) {
        const struct sgeo_gate_bench *bench = &rounds->benches[b];
        status = check_rounds(bench);
        if (status == SGEO_OK && bench->n < CALIBRATION_ROUNDS_MIN) {
            status = sgeo_fail(SGEO_UNSUPPORTED, "measure more rounds: --repeat N",
                               "%zu rounds of %s are too few to calibrate", bench->n, bench->name);
        }
        if (status == SGEO_OK) {
            status = sgeo_gate_add(floors, bench->name, split_noise(bench, seed));
        }
    }
    floors->setting = rounds->setting;
    return status;
}
