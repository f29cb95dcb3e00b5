/*
 * The regression gate's judgement: a pure function of two sets of rounds.
 *
 * A bench has changed when the Mann-Whitney test over its rounds says so at `alpha` (Holm over all
 * benches) and the 95 % interval of the ratio lies wholly beyond the threshold, the larger of
 * `least_effect` and the noise of the bench between equal programs (calibration).
 *
 * Rounds that were measured side by side are compared within the round: a machine whose speed
 * changes every minute, because of what other guests of its host do, changes it for both. The ratio
 * is the median over rounds of candidate / base then, and the test is stratified by blocks of
 * SGEO_GATE_BLOCK rounds (stats/aligned_ranks.h). Of saved rounds it is the ratio of medians.
 * Instruction counts repeat exactly: there the ratio alone decides, against `least_count`.
 */
#ifndef SGEO_HARNESS_GATE_VERDICT_H
#define SGEO_HARNESS_GATE_VERDICT_H

#include "harness/gate/samples.h"

#define SGEO_GATE_BLOCK ((size_t)2) /* rounds: base, candidate, candidate, base */

enum sgeo_gate_verdict {
    SGEO_GATE_IMPROVED,
    SGEO_GATE_SAME, /* the interval lies within the threshold */
    SGEO_GATE_REGRESSED,
    SGEO_GATE_INCONCLUSIVE, /* neither changed nor shown to be the same */
    SGEO_GATE_NEW,          /* only the candidate has it */
    SGEO_GATE_MISSING,      /* only the base has it */
    SGEO_GATE_VERDICTS
};

struct sgeo_gate_rule {
    double alpha;                           /* 0.01 */
    double least_effect;                    /* 0.05: five per cent */
    double least_count;                     /* 0.01: of instructions */
    const struct sgeo_gate_samples *floors; /* from calibration: one value a bench; may be NULL */
    uint64_t seed;                          /* of the intervals' resampling */
    bool side_by_side; /* round i of both sides was measured at the same time: sgeo_gate_measure */
};

struct sgeo_gate_row {
    const char *bench; /* of the samples */
    enum sgeo_gate_verdict verdict;
    size_t n_base, n_candidate; /* rounds */
    double base, candidate;     /* medians, of a call; NaN: not measured */
    double ratio, low, high;    /* candidate / base, and its interval */
    double p;                   /* after Holm */
    double threshold;           /* 0.05: ratios within 1/1.05..1.05 are the same */
};

struct sgeo_gate_report {
    struct sgeo_gate_row *rows; /* the base's benches, then the new ones */
    size_t n;
};

/* The rule without calibration. */
struct sgeo_gate_rule sgeo_gate_rule_defaults(void);

/*
 * Judge. The report borrows names from both samples. SGEO_UNSUPPORTED when a bench has so few
 * rounds that no result could be significant; SGEO_USAGE for a bench without rounds on a side, or,
 * side by side, with more on one.
 */
enum sgeo_status sgeo_gate_judge(struct sgeo_gate_report *report,
                                 const struct sgeo_gate_samples *base,
                                 const struct sgeo_gate_samples *candidate,
                                 const struct sgeo_gate_rule *rule);
void sgeo_gate_report_clear(struct sgeo_gate_report *report);

size_t sgeo_gate_count(const struct sgeo_gate_report *report, enum sgeo_gate_verdict verdict);
const char *sgeo_gate_verdict_name(enum sgeo_gate_verdict verdict); /* "IMPROVED", ... */

/*
 * Noise of each bench between equal programs: the 95th percentile of |ratio - 1| when it is left to
 * chance which of them are called base. Side by side, rounds 2i and 2i + 1 were measured together,
 * and of each such pair either may be the base's; else any half of all rounds. `floors` gets one
 * value a bench; needs 16 rounds or more.
 */
enum sgeo_status sgeo_gate_calibrate(struct sgeo_gate_samples *floors,
                                     const struct sgeo_gate_samples *rounds, bool side_by_side,
                                     uint64_t seed);

#endif
