/*
 * Table 2: correlation with ground truth over warm-up levels, ZiCo against the readings of SiGeo.
 * The levels are the preset's.
 */
#include "harness/paper.h"
#include "harness/table.h"

static void fill(struct sgeo_options *options)
{
    static const char *const proxies[] = {"zico", "sigeo-naslib", "sigeo-eq6", "params"};
    sgeo_table_fill_proxies(options, proxies, sizeof proxies / sizeof *proxies);
}

static double paper_value(const struct sgeo_csv *paper, const struct sgeo_row *row)
{
    return sgeo_paper_table2_value(paper, row->task, row->proxy, row->level, row->statistic);
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
    return sgeo_summarise(summary, campaign, &source);
}

const struct sgeo_table sgeo_table2 = {
    .number = "2",
    .title = "Table 2: correlation of proxies with ground truth over warm-up levels",
    .summary = "correlation with ground truth over warm-up levels, ZiCo against SiGeo",
    .fill = fill,
    .rows = rows,
};
