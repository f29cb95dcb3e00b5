#include "harness/agreement.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "harness/outputs.h"
#include "harness/stored.h"
#include "stats/bootstrap.h"
#include "stats/nonfinite.h"
#include "stats/panel.h"

/* Fewer architectures than this are reported, not judged. */
#define FEWEST_JUDGED   ((size_t)300)
#define DATA_FREE_FLOOR 0.95
#define SEED_MARGIN     0.03

/* The finite scores that two sides have for the same architectures. */
struct sides {
    double *ours, *theirs; /* (n) */
    size_t n;
};

static enum sgeo_status open_sides(struct sides *sides, size_t capacity)
{
    *sides = (struct sides){.ours = sgeo_calloc(capacity + 1, sizeof(double)),
                            .theirs = sgeo_calloc(capacity + 1, sizeof(double))};
    return sides->ours == NULL || sides->theirs == NULL ? sgeo_fail_memory("scores") : SGEO_OK;
}

static void close_sides(struct sides *sides)
{
    sgeo_free(sides->ours);
    sgeo_free(sides->theirs);
}

static double score_of(const struct sgeo_record *record, const struct sgeo_proxy *proxy)
{
    for (size_t p = 0; p < record->n_scores; p++) {
        if (record->scores[p].proxy == proxy) {
            return record->scores[p].score.value;
        }
    }
    return (double)NAN;
}

/* The campaign's record under a key; records are sorted by it. NULL: none. */
static const struct sgeo_record *find_record(const struct sgeo_campaign *campaign,
                                             const struct sgeo_job_key *key)
{
    size_t low = 0, high = campaign->n_records;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sgeo_job_key_compare(&campaign->records[middle].key, key);
        if (order == 0) {
            return &campaign->records[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* Pair the cold first-seed scores of `records` with ours under the same key, at `seed`. */
static void fill_sides(struct sides *sides, const struct sgeo_campaign *campaign,
                       const struct sgeo_record *records, size_t n_records,
                       const struct sgeo_task *task, const struct sgeo_proxy *proxy, uint64_t seed)
{
    sides->n = 0;
    for (size_t r = 0; r < n_records; r++) {
        struct sgeo_job_key key = records[r].key;
        bool wanted = key.task == task && key.kind == SGEO_JOB_SCORE && key.level == 0.0 &&
                      key.seed == campaign->options->seed;
        key.seed = seed;
        const struct sgeo_record *own = wanted ? find_record(campaign, &key) : NULL;
        if (own != NULL) {
            sides->ours[sides->n] = score_of(own, proxy);
            sides->theirs[sides->n++] = score_of(&records[r], proxy);
        }
    }
    sgeo_nonfinite_floor(sides->ours, sides->n);
    sgeo_nonfinite_floor(sides->theirs, sides->n);
}

static enum sgeo_status correlate(struct sgeo_interval *interval, const struct sides *sides,
                                  enum sgeo_measure measure, uint64_t seed)
{
    struct sgeo_panel *panel = NULL;
    struct sgeo_statistic statistic;
    *interval = (struct sgeo_interval){(double)NAN, (double)NAN, (double)NAN, 0, 0};
    if (sides->n < 2) {
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_panel_create(&panel, (struct sgeo_column){sides->ours, sides->n}, 1,
                          (struct sgeo_column){sides->theirs, sides->n}, NULL);
    if (status == SGEO_OK) {
        status = sgeo_panel_statistic(&statistic, panel, measure);
    }
    if (status == SGEO_OK) {
        status = sgeo_bootstrap_interval(interval, statistic, sgeo_bootstrap_defaults(seed));
    }
    sgeo_panel_destroy(panel);
    return status;
}

/* One row of agreement.csv. */
struct row {
    const struct sgeo_task *task;
    const struct sgeo_proxy *proxy;
    const char *source; /* of the stored scores; "all" */
    size_t n, n_seeds;  /* architectures that both have; that two of our seeds have */
    struct sgeo_interval spearman, kendall, seeds;
    double required; /* NaN: nothing to compare with */
};

static bool is_data_free(const struct sgeo_proxy *proxy)
{
    static const char *const names[] = {"params", "flops", "l2-norm", "synflow"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(proxy->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *verdict_of(const struct row *row)
{
    if (row->n < FEWEST_JUDGED) {
        return "few";
    }
    if (isnan(row->required)) {
        return "one seed";
    }
    return row->spearman.value >= row->required ? "holds" : "below";
}

static void put_row(struct sgeo_text *csv, const struct row *row)
{
    sgeo_csv_put(csv, row->task->name);
    sgeo_csv_put(csv, row->proxy->name);
    sgeo_csv_put_size(csv, row->n);
    sgeo_csv_put_optional(csv, row->spearman.value);
    sgeo_csv_put_optional(csv, row->spearman.low);
    sgeo_csv_put_optional(csv, row->spearman.high);
    sgeo_csv_put_optional(csv, row->kendall.value);
    sgeo_csv_put_size(csv, row->n_seeds);
    sgeo_csv_put_optional(csv, row->seeds.value);
    sgeo_csv_put_optional(csv, row->required);
    sgeo_csv_put(csv, verdict_of(row));
    sgeo_csv_put(csv, row->source);
    sgeo_csv_end_row(csv);
}

static enum sgeo_status measure_row(struct row *row, struct sides *sides,
                                    const struct sgeo_campaign *campaign,
                                    const struct sgeo_record *stored, size_t n_stored)
{
    uint64_t seed = campaign->options->seed;
    fill_sides(sides, campaign, stored, n_stored, row->task, row->proxy, seed);
    row->n = sides->n;
    enum sgeo_status status = correlate(&row->spearman, sides, SGEO_MEASURE_SPEARMAN, seed);
    if (status == SGEO_OK) {
        status = correlate(&row->kendall, sides, SGEO_MEASURE_KENDALL, seed);
    }
    if (status == SGEO_OK) { /* our first seed's records against our second seed's */
        fill_sides(sides, campaign, campaign->records, campaign->n_records, row->task, row->proxy,
                   seed + 1);
        row->n_seeds = sides->n;
        status = correlate(&row->seeds, sides, SGEO_MEASURE_SPEARMAN, seed);
    }
    row->required = is_data_free(row->proxy) ? DATA_FREE_FLOOR : row->seeds.value - SEED_MARGIN;
    return status;
}

/* A proxy on a task: against every stored score; then against each source's, if there are several.
 */
static enum sgeo_status put_proxy(struct sgeo_text *csv, struct sgeo_record *chosen,
                                  struct sides *sides, const struct sgeo_campaign *campaign,
                                  const struct sgeo_stored *stored, struct row row)
{
    enum sgeo_status status = SGEO_OK;
    size_t n_all = 0;
    for (size_t i = 0; status == SGEO_OK && i <= stored->n_sources; i++) {
        row.source = i == 0 ? "all" : stored->sources[i - 1];
        size_t n = sgeo_stored_of(chosen, stored, row.proxy, i == 0 ? SGEO_STORED_ANY : i - 1);
        status = measure_row(&row, sides, campaign, chosen, n);
        n_all = i == 0 ? row.n : n_all;
        if (status == SGEO_OK && row.n > 0 && (i == 0 || row.n < n_all)) {
            put_row(csv, &row);
        }
    }
    return status;
}

static enum sgeo_status all_rows(struct sgeo_text *csv, const struct sgeo_campaign *campaign,
                                 const struct sgeo_stored *stored)
{
    const struct sgeo_options *options = campaign->options;
    struct sgeo_record *chosen = sgeo_calloc(stored->n + 1, sizeof *chosen);
    struct sides sides;
    enum sgeo_status status = open_sides(&sides, campaign->n_records);
    if (status == SGEO_OK && chosen == NULL) {
        status = sgeo_fail_memory("stored scores");
    }
    for (size_t i = 0; status == SGEO_OK && i < options->n_tasks * options->n_proxies; i++) {
        const struct row row = {.task = options->tasks[i / options->n_proxies],
                                .proxy = options->proxies[i % options->n_proxies]};
        status = put_proxy(csv, chosen, &sides, campaign, stored, row);
    }
    close_sides(&sides);
    sgeo_free(chosen);
    return status;
}

enum sgeo_status sgeo_agreement_publish(const struct sgeo_campaign *campaign)
{
    struct sgeo_stored stored;
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "task,proxy,n,spearman,ci_low,ci_high,kendall,n_seed_pairs,"
                           "seed_spearman,required,verdict,source\n");
    enum sgeo_status status = sgeo_stored_open(&stored, campaign);
    if (status == SGEO_OK) {
        status = all_rows(&csv, campaign, &stored);
    }
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(campaign->options->out, "agreement.csv", &csv);
    }
    sgeo_stored_clear(&stored);
    sgeo_text_clear(&csv);
    return status;
}
