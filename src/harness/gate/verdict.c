#include "harness/gate/verdict.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stats/aligned_ranks.h"
#include "stats/mann_whitney.h"
#include "stats/robust.h"

#define DRAWS                  ((size_t)2000)
#define ROUNDS_MAX             ((size_t)1000) /* of a bench, so that resamples fit the stack */
#define CALIBRATION_ROUNDS_MIN ((size_t)16)

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

/* --- ratios --- */

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

/* Of the rounds that both sides have. */
static size_t fill_ratios(double *ratios, const struct sgeo_gate_bench *base,
                          const struct sgeo_gate_bench *candidate)
{
    size_t n = base->n < candidate->n ? base->n : candidate->n;
    for (size_t i = 0; i < n; i++) {
        ratios[i] = candidate->values[i] / base->values[i];
    }
    return n;
}

static double ratio_of(const struct sgeo_gate_bench *base, const struct sgeo_gate_bench *candidate,
                       bool side_by_side)
{
    double kept[ROUNDS_MAX], other[ROUNDS_MAX];
    if (side_by_side) {
        return median_of(kept, fill_ratios(kept, base, candidate));
    }
    memcpy(kept, base->values, base->n * sizeof *kept);
    memcpy(other, candidate->values, candidate->n * sizeof *other);
    return median_of(other, candidate->n) / median_of(kept, base->n);
}

/* Percentile bootstrap of the ratio: over the rounds of each side, or over those of both. */
static void fill_interval(struct sgeo_gate_row *row, const struct sgeo_gate_bench *base,
                          const struct sgeo_gate_bench *candidate,
                          const struct sgeo_gate_rule *rule)
{
    double drawn[DRAWS], ratios[ROUNDS_MAX];
    struct sgeo_rng rng = sgeo_rng_stream(rule->seed, base->name, 0);
    struct sgeo_gate_bench rounds = {.values = ratios};
    rounds.n = rule->side_by_side ? fill_ratios(ratios, base, candidate) : 0;
    for (size_t d = 0; d < DRAWS; d++) {
        drawn[d] = resampled_median(rule->side_by_side ? &rounds : candidate, &rng);
        drawn[d] /= rule->side_by_side ? 1.0 : resampled_median(base, &rng);
    }
    sgeo_sort_ascending(drawn, DRAWS);
    row->low = sgeo_quantile_sorted(drawn, DRAWS, 0.025);
    row->high = sgeo_quantile_sorted(drawn, DRAWS, 0.975);
}

/* --- one bench --- */

static enum sgeo_status test_sides(double *p, const struct sgeo_gate_bench *base,
                                   const struct sgeo_gate_bench *candidate, bool side_by_side)
{
    struct sgeo_mann_whitney test = {0};
    double logs[2][ROUNDS_MAX];
    if (!side_by_side) {
        enum sgeo_status status =
            sgeo_mann_whitney(&test, (struct sgeo_column){base->values, base->n},
                              (struct sgeo_column){candidate->values, candidate->n});
        *p = test.p;
        return status;
    }
    for (size_t i = 0; i < base->n; i++) {
        logs[0][i] = log(base->values[i]);
        logs[1][i] = log(candidate->values[i]);
    }
    return sgeo_aligned_ranks(p, logs[0], logs[1], base->n, SGEO_GATE_BLOCK);
}

static enum sgeo_status check_rounds(const struct sgeo_gate_bench *bench)
{
    if (bench->n == 0 || bench->n > ROUNDS_MAX) {
        return sgeo_fail(SGEO_USAGE, "measure from 1 to 1000 rounds", "bench %s has %zu rounds",
                         bench->name, bench->n);
    }
    return SGEO_OK;
}

/* What the most extreme outcome would have. */
static double least_p(const struct sgeo_gate_bench *base, const struct sgeo_gate_bench *candidate,
                      bool side_by_side)
{
    double p = 2.0; /* two over C(n + m, n) */
    if (side_by_side) {
        return sgeo_aligned_ranks_least_p(base->n, SGEO_GATE_BLOCK);
    }
    for (size_t i = 1; i <= candidate->n; i++) {
        p *= (double)i / (double)(base->n + i);
    }
    return p;
}

/* Whether that would be significant after Holm; and side by side, no round is without its other. */
static enum sgeo_status check_power(const struct sgeo_gate_bench *base,
                                    const struct sgeo_gate_bench *candidate,
                                    const struct sgeo_gate_rule *rule, size_t n_tests)
{
    if (rule->side_by_side && base->n != candidate->n) {
        return sgeo_fail(SGEO_USAGE, NULL, "%s has %zu rounds of the base and %zu of the candidate",
                         base->name, base->n, candidate->n);
    }
    double p = least_p(base, candidate, rule->side_by_side);
    if (p * (double)n_tests > rule->alpha) {
        return sgeo_fail(SGEO_UNSUPPORTED, "measure more rounds: --repeat N",
                         "%zu and %zu rounds of %s cannot decide anything: the least p is %.2g "
                         "for each of %zu benches",
                         base->n, candidate->n, base->name, p, n_tests);
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
    enum sgeo_status status = sgeo_median(&row->base, (struct sgeo_column){base->values, base->n});
    if (status == SGEO_OK) {
        status =
            sgeo_median(&row->candidate, (struct sgeo_column){candidate->values, candidate->n});
    }
    if (status == SGEO_OK) {
        status = test_sides(&row->p, base, candidate, rule->side_by_side);
    }
    if (status == SGEO_OK) {
        row->ratio = ratio_of(base, candidate, rule->side_by_side);
        row->threshold = threshold_of(rule, base->name);
        fill_interval(row, base, candidate, rule);
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
    double nan = (double)NAN, median = nan;
    bool is_new = verdict == SGEO_GATE_NEW;
    if (bench->n > 0) {
        sgeo_median(&median, (struct sgeo_column){bench->values, bench->n});
    }
    return (struct sgeo_gate_row){.bench = bench->name,
                                  .verdict = verdict,
                                  .n_base = is_new ? 0 : bench->n,
                                  .n_candidate = is_new ? bench->n : 0,
                                  .base = is_new ? nan : median,
                                  .candidate = is_new ? median : nan,
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
        status = status == SGEO_OK ? check_power(old, now, rule, n_common) : status;
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

static void shuffle(double *values, size_t n, struct sgeo_rng *rng)
{
    for (size_t i = n; i-- > 1;) {
        size_t j = sgeo_rng_below(rng, i + 1);
        double kept = values[i];
        values[i] = values[j];
        values[j] = kept;
    }
}

static double drawn_ratio(const struct sgeo_gate_bench *bench, bool side_by_side,
                          struct sgeo_rng *rng)
{
    double values[ROUNDS_MAX];
    size_t half = bench->n / 2;
    if (side_by_side) {
        for (size_t i = 0; i < half; i++) {
            size_t base = 2 * i + sgeo_rng_below(rng, 2);
            values[i] = bench->values[base ^ 1] / bench->values[base];
        }
        return median_of(values, half);
    }
    memcpy(values, bench->values, bench->n * sizeof *values);
    shuffle(values, bench->n, rng);
    return median_of(values, half) / median_of(values + half, bench->n - half);
}

static double noise_of(const struct sgeo_gate_bench *bench, bool side_by_side, uint64_t seed)
{
    double distances[DRAWS];
    struct sgeo_rng rng = sgeo_rng_stream(seed, bench->name, 1);
    for (size_t d = 0; d < DRAWS; d++) {
        distances[d] = fabs(drawn_ratio(bench, side_by_side, &rng) - 1.0);
    }
    sgeo_sort_ascending(distances, DRAWS);
    return sgeo_quantile_sorted(distances, DRAWS, 0.95);
}

enum sgeo_status sgeo_gate_calibrate(struct sgeo_gate_samples *floors,
                                     const struct sgeo_gate_samples *rounds, bool side_by_side,
                                     uint64_t seed)
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
            status = sgeo_gate_add(floors, bench->name, noise_of(bench, side_by_side, seed));
        }
    }
    floors->setting = rounds->setting;
    return status;
}
