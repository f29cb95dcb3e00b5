#include "harness/table3_panel.h"

#include "base/memory.h"
#include "harness/ctr_bayes.h"
#include "harness/ctr_predictions.h"

static bool has_diverged(const struct sgeo_table3 *table, const struct sgeo_table3_cell *cell)
{
    bool diverged = false;
    for (size_t s = 0; s < table->seeds; s++) {
        diverged = diverged || sgeo_table3_final(table, cell, s)->diverged;
    }
    return diverged;
}

static enum sgeo_status read_logits(double *logits, const struct sgeo_table3 *table,
                                    const struct sgeo_table3_cell *cell)
{
    size_t n = cell->clicks->split.rows[SGEO_CTR_TEST];
    enum sgeo_status status = SGEO_OK;
    if (cell->row->kind == SGEO_TABLE3_BOUND) {
        sgeo_ctr_read_true_logits(logits, cell->clicks, SGEO_CTR_TEST);
        return SGEO_OK;
    }
    for (size_t s = 0; status == SGEO_OK && s < table->seeds; s++) {
        status = sgeo_ctr_predictions_read(logits + s * n, n, table->options->out,
                                           sgeo_table3_final(table, cell, s));
    }
    return status;
}

enum sgeo_status sgeo_table3_panel(struct sgeo_click_panel **panel, const struct sgeo_table3 *table,
                                   const struct sgeo_table3_cell *cell)
{
    bool is_bound = cell->row->kind == SGEO_TABLE3_BOUND;
    size_t n = cell->clicks->split.rows[SGEO_CTR_TEST], seeds = is_bound ? 1 : table->seeds;
    if (cell->row->kind == SGEO_TABLE3_NOT_RERUN || (!is_bound && has_diverged(table, cell))) {
        return SGEO_OK;
    }
    double *logits = sgeo_calloc(n * seeds, sizeof *logits);
    uint8_t *labels = sgeo_calloc(n, sizeof *labels);
    enum sgeo_status status = logits == NULL || labels == NULL ? sgeo_fail_memory("predictions")
                                                               : read_logits(logits, table, cell);
    if (status == SGEO_OK) {
        sgeo_ctr_read_labels(labels, cell->clicks, SGEO_CTR_TEST);
        status = sgeo_click_panel_create(panel, logits, labels, n, seeds);
    }
    sgeo_free(logits);
    sgeo_free(labels);
    return status;
}
