/*
 * Table 4: the weights of SiGeo's three terms. Every score keeps its terms, so a row is a
 * recombination: nothing is measured again. The paper's four settings, then a grid of lambda2 and
 * lambda3 at lambda1 = 1 for the heat map.
 */
#include <math.h>

#include "base/memory.h"
#include "harness/paper.h"
#include "harness/table.h"

static void fill(struct sgeo_options *options)
{
    static const char *const proxies[] = {"zico", "sigeo-naslib", "sigeo-eq6"};
    static const double levels[] = {10.0, 20.0, 40.0};
    sgeo_table_fill_proxies(options, proxies, sizeof proxies / sizeof *proxies);
    sgeo_table_fill_levels(options, levels, sizeof levels / sizeof *levels);
}

static double paper_value(const struct sgeo_csv *paper, const struct sgeo_row *row)
{
    return sgeo_paper_table4_value(paper, row->task, row->proxy, row->level, &row->lambda,
                                   row->statistic);
}

/* Scores under other weights; proxies without terms keep theirs. */
static void recombine(struct sgeo_record *records, const struct sgeo_campaign *campaign,
                      const struct sgeo_lambda *lambda)
{
    for (size_t r = 0; r < campaign->n_records; r++) {
        records[r] = campaign->records[r];
        for (size_t p = 0; p < records[r].n_scores; p++) {
            if (records[r].scores[p].proxy->has_terms) {
                records[r].scores[p].score.value =
                    sgeo_recombine(&records[r].scores[p].score, lambda);
            }
        }
    }
}

static enum sgeo_status lambda_rows(struct sgeo_summary *summary,
                                    const struct sgeo_campaign *campaign,
                                    const struct sgeo_csv *paper, struct sgeo_record *records,
                                    struct sgeo_lambda lambda, bool brief)
{
    const struct sgeo_score_source source = {.records = records,
                                             .n_records = campaign->n_records,
                                             .scores = sgeo_scores_origin(campaign->options),
                                             .paper = paper,
                                             .paper_value = paper_value,
                                             .has_lambda = true,
                                             .lambda = lambda,
                                             .brief = brief};
    recombine(records, campaign, &lambda);
    return sgeo_summarise(summary, campaign, &source);
}

/* The heat map's cells: 0 and powers of ten by halves, coefficients alone. */
static enum sgeo_status grid_rows(struct sgeo_summary *summary,
                                  const struct sgeo_campaign *campaign,
                                  const struct sgeo_csv *paper, struct sgeo_record *records)
{
    static const double weights[] = {0.0, 0.1, 0.316, 1.0, 3.16, 10.0, 31.6, 100.0, 316.0, 1000.0};
    const size_t n = sizeof weights / sizeof *weights;
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < n * n; i++) {
        status = lambda_rows(summary, campaign, paper, records,
                             (struct sgeo_lambda){1.0, weights[i / n], weights[i % n]}, true);
    }
    return status;
}

static enum sgeo_status rows(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                             const struct sgeo_csv *paper)
{
    static const struct sgeo_lambda printed[] = {
        {1.0, 50.0, 1.0}, {1.0, 100.0, 1.0}, {1.0, 1.0, 1.0}, {10.0, 1.0, 1.0}};
    struct sgeo_record *records = sgeo_calloc(campaign->n_records + 1, sizeof *records);
    enum sgeo_status status = records == NULL ? sgeo_fail_memory("records") : SGEO_OK;
    for (size_t l = 0; status == SGEO_OK && l < sizeof printed / sizeof *printed; l++) {
        status = lambda_rows(summary, campaign, paper, records, printed[l], false);
    }
    if (status == SGEO_OK) {
        status = grid_rows(summary, campaign, paper, records);
    }
    sgeo_free(records);
    return status;
}

const struct sgeo_table sgeo_table4 = {
    .number = "4",
    .title = "Table 4: the weights of SiGeo's terms",
    .summary = "SiGeo under other weights of its three terms, from recorded terms",
    .fill = fill,
    .rows = rows,
};
