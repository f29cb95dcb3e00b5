#include "harness/table_cell.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stats/ranks.h"

/* Where the paper's sample is the first thousand of a list; elsewhere no difference is shown. */
enum { PAPER_ARCHS = 1000 };

size_t sgeo_table_cell_gather(struct sgeo_table_cell *cell, const struct sgeo_record *first,
                              const struct sgeo_record *end)
{
    size_t stride = cell->n_archs, count = 0;
    for (const struct sgeo_record *a = first; a < end && a->key.seed == first->key.seed; a++) {
        size_t found = 0;
        uint64_t last_seed = 0;
        if (a->key.kind != SGEO_JOB_SCORE) {
            continue;
        }
        for (const struct sgeo_record *b = a; b < end && found < cell->n_seeds; b++) {
            bool fresh = found == 0 || b->key.seed != last_seed;
            if (fresh && b->key.kind == SGEO_JOB_SCORE && b->key.arch_index == a->key.arch_index) {
                cell->records[found * stride + count] = b;
                last_seed = b->key.seed;
                found++;
            }
        }
        count += found == cell->n_seeds;
    }
    for (size_t s = 1; s < cell->n_seeds; s++) { /* close the gaps between the seeds' rows */
        memmove(cell->records + s * count, cell->records + s * stride,
                count * sizeof *cell->records);
    }
    cell->n_archs = count;
    return count;
}

/* Trainable parameters of every architecture, for the partial correlation. */
static enum sgeo_status fill_params(struct sgeo_table_cell *cell)
{
    const struct sgeo_task *task = cell->subject->options->tasks[cell->task];
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < cell->n_archs; i++) {
        status = cell->subject->params(&cell->params[i], task, cell->records[i]->arch);
    }
    return status;
}

static enum sgeo_status fill_truths(struct sgeo_table_cell *cell)
{
    const struct sgeo_arch_list *list = &cell->subject->lists[cell->task];
    enum sgeo_status status = SGEO_OK;
    for (size_t kind = 0; kind < 2; kind++) {
        if (!list->has_truth[kind]) {
            continue;
        }
        cell->truth[kind] = sgeo_calloc(cell->n_archs, sizeof(double));
        if (cell->truth[kind] == NULL) {
            return sgeo_fail_memory("ground truth column");
        }
        for (size_t i = 0; status == SGEO_OK && i < cell->n_archs; i++) {
            status = sgeo_truth_accuracy(&cell->truth[kind][i], &list->truth,
                                         cell->records[i]->arch, (enum sgeo_truth_kind)kind);
        }
    }
    return status;
}

/* Checksum of the architectures, and whether they are the paper's sample: the list's first
 * thousand. */
static enum sgeo_status identify(struct sgeo_table_cell *cell)
{
    const struct sgeo_truth *truth = &cell->subject->lists[cell->task].truth;
    struct sgeo_text text = {0};
    cell->is_paper_sample = cell->n_archs == PAPER_ARCHS && truth->n >= PAPER_ARCHS;
    for (size_t i = 0; i < cell->n_archs; i++) {
        sgeo_text_append(&text, "%s\n", cell->records[i]->arch);
        cell->is_paper_sample = cell->is_paper_sample && truth->entries[i].naslib_idx == i &&
                                strcmp(truth->entries[i].arch, cell->records[i]->arch) == 0;
    }
    sgeo_sha256(cell->sha256, text.bytes == NULL ? "" : text.bytes, text.length);
    enum sgeo_status status = text.failed ? sgeo_fail_memory("architecture list") : SGEO_OK;
    sgeo_text_clear(&text);
    return status;
}

enum sgeo_status sgeo_table_cell_fill(struct sgeo_table_cell *cell)
{
    enum sgeo_status status = identify(cell);
    cell->params = sgeo_calloc(cell->n_archs, sizeof *cell->params);
    if (status == SGEO_OK && cell->params == NULL) {
        status = sgeo_fail_memory("parameter counts");
    }
    if (status == SGEO_OK && !cell->source->brief) {
        status = fill_params(cell);
    }
    return status == SGEO_OK ? fill_truths(cell) : status;
}

void sgeo_table_cell_clear(struct sgeo_table_cell *cell)
{
    sgeo_free(cell->params);
    sgeo_free(cell->truth[0]);
    sgeo_free(cell->truth[1]);
    cell->params = cell->truth[0] = cell->truth[1] = NULL;
}

bool sgeo_table_cell_has_scores(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy)
{
    for (size_t i = 0; i < cell->n_archs; i++) {
        for (size_t p = 0; p < cell->records[i]->n_scores; p++) {
            if (cell->records[i]->scores[p].proxy == proxy) {
                return true;
            }
        }
    }
    return false;
}

static void fill_scores(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy,
                        double *scores)
{
    for (size_t i = 0; i < cell->n_seeds * cell->n_archs; i++) {
        const struct sgeo_record *record = cell->records[i];
        scores[i] = (double)NAN;
        for (size_t p = 0; p < record->n_scores; p++) {
            if (record->scores[p].proxy == proxy) {
                scores[i] = record->scores[p].score.value;
            }
        }
    }
}

enum sgeo_status sgeo_table_cell_keep_finite(const struct sgeo_table_cell *cell,
                                             const struct sgeo_proxy *a, const struct sgeo_proxy *b,
                                             bool *keep)
{
    const struct sgeo_proxy *const proxies[2] = {a, b};
    double *scores = sgeo_calloc(cell->n_seeds * cell->n_archs, sizeof *scores);
    if (scores == NULL) {
        return sgeo_fail_memory("scores");
    }
    memset(keep, 1, cell->n_archs * sizeof *keep);
    for (size_t p = 0; p < 2 && proxies[p] != NULL; p++) {
        fill_scores(cell, proxies[p], scores);
        sgeo_nonfinite_mark(keep, scores, cell->n_seeds, cell->n_archs);
    }
    sgeo_free(scores);
    return SGEO_OK;
}

/* Finite scores that are made of rounding noise. */
static size_t count_degenerate(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n_seeds * cell->n_archs; i++) {
        const struct sgeo_record *record = cell->records[i];
        for (size_t p = 0; p < record->n_scores; p++) {
            const struct sgeo_score *score = &record->scores[p].score;
            n += record->scores[p].proxy == proxy && score->degenerate && isfinite(score->value);
        }
    }
    return n;
}

enum sgeo_status sgeo_score_column_open(const struct sgeo_table_cell *cell,
                                        const struct sgeo_proxy *proxy, const double *truth,
                                        const bool *keep, struct sgeo_score_column *column)
{
    size_t n = cell->n_archs, seeds = cell->n_seeds;
    *column = (struct sgeo_score_column){.proxy = proxy, .n = n};
    column->scores = sgeo_calloc(seeds * n, sizeof(double));
    column->truth = sgeo_calloc(n, sizeof(double));
    column->params = sgeo_calloc(n, sizeof(double));
    if (column->scores == NULL || column->truth == NULL || column->params == NULL) {
        return sgeo_fail_memory("score column");
    }
    fill_scores(cell, proxy, column->scores);
    memcpy(column->truth, truth, n * sizeof *truth);
    memcpy(column->params, cell->params, n * sizeof *truth);
    column->nonfinite = sgeo_nonfinite_count(column->scores, seeds * n);
    column->n_degenerate = count_degenerate(cell, proxy);
    if (keep == NULL) {
        sgeo_nonfinite_floor(column->scores, seeds * n);
    } else {
        column->n = sgeo_nonfinite_drop(column->scores, seeds, n, keep);
        sgeo_nonfinite_drop(column->truth, 1, n, keep);
        sgeo_nonfinite_drop(column->params, 1, n, keep);
    }
    if (column->n < 2) {
        return SGEO_OK;
    }
    const struct sgeo_column params = {column->params, column->n};
    enum sgeo_status status =
        sgeo_panel_create(&column->panel, (struct sgeo_column){column->scores, seeds * column->n},
                          seeds, (struct sgeo_column){column->truth, column->n}, &params);
    return status == SGEO_OK
               ? sgeo_ranks_tied(&column->n_tied, (struct sgeo_column){column->scores, column->n})
               : status;
}

void sgeo_score_column_clear(struct sgeo_score_column *column)
{
    sgeo_panel_destroy(column->panel);
    sgeo_free(column->scores);
    sgeo_free(column->truth);
    sgeo_free(column->params);
    *column = (struct sgeo_score_column){0};
}
