/*
 * Table 1: correlation of sixteen proxies with ground truth at random initialisation, and equation
 * (6) beside them. A second block has the scores that NAS-Bench-Suite-Zero stored, on those of the
 * same architectures for which it has them: whether a difference from the paper is ours or its own.
 */
#include <math.h>

#include "base/memory.h"
#include "harness/agreement.h"
#include "harness/paper.h"
#include "harness/stored.h"
#include "harness/table.h"

static void fill(struct sgeo_options *options)
{
    static const char *const proxies[] = {
        "zico",   "sigeo-naslib", "sigeo-eq6", "params", "flops",   "epe-nas",
        "fisher", "grad-norm",    "grasp",     "jacov",  "l2-norm", "naswot",
        "plain",  "snip",         "synflow",   "zen",    "meco-opt"};
    static const double cold = 0.0;
    sgeo_table_fill_proxies(options, proxies, sizeof proxies / sizeof *proxies);
    sgeo_table_fill_levels(options, &cold, 1);
}

static double paper_value(const struct sgeo_csv *paper, const struct sgeo_row *row)
{
    return row->level == 0.0 ? sgeo_paper_table1_value(paper, row->task, row->proxy, row->statistic)
                             : (double)NAN;
}

static enum sgeo_status stored_rows(struct sgeo_summary *summary,
                                    const struct sgeo_campaign *campaign,
                                    const struct sgeo_csv *paper)
{
    struct sgeo_score_source source = {
        .scores = "stored", .paper = paper, .paper_value = paper_value};
    struct sgeo_stored stored = {0};
    enum sgeo_status status = sgeo_stored_open(&stored, campaign);
    struct sgeo_record *chosen = sgeo_calloc(stored.n + 1, sizeof *chosen);
    if (status == SGEO_OK && chosen == NULL) {
        status = sgeo_fail_memory("records");
    }
    for (size_t p = 0; status == SGEO_OK && p < campaign->options->n_proxies; p++) {
        source.records = chosen;
        source.n_records =
            sgeo_stored_of(chosen, &stored, campaign->options->proxies[p], SGEO_STORED_ANY);
        status = sgeo_summarise(summary, campaign, &source);
    }
    sgeo_free(chosen);
    sgeo_stored_clear(&stored);
    return status;
}

static enum sgeo_status rows(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                             const struct sgeo_csv *paper)
{
    const struct sgeo_score_source source = {.records = campaign->records,
                                             .n_records = campaign->n_records,
                                             .scores = sgeo_scores_origin(campaign->options),
                                             .has_ceiling = true,
                                             .paper = paper,
                                             .paper_value = paper_value};
    enum sgeo_status status = sgeo_summarise(summary, campaign, &source);
    return status == SGEO_OK ? stored_rows(summary, campaign, paper) : status;
}

const struct sgeo_table sgeo_table1 = {
    .number = "1",
    .title = "Table 1: correlation of zero-cost proxies with ground truth, no warm-up",
    .summary = "sixteen proxies against ground truth at random initialisation",
    .fill = fill,
    .rows = rows,
    .publish = sgeo_agreement_publish,
};
