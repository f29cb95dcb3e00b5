#include "harness/ctr_bayes.h"

#include "base/memory.h"
#include "stats/log_loss.h"

/* The next row of a part in the file, from *position on; false behind the last. */
static bool next_row(uint32_t *row, size_t *position, const struct sgeo_ctr_set *clicks,
                     enum sgeo_ctr_part part)
{
    return sgeo_ctr_split_take(row, &clicks->split, SGEO_CTR_PART(part), position, 1) == 1;
}

void sgeo_ctr_read_labels(uint8_t *labels, const struct sgeo_ctr_set *clicks,
                          enum sgeo_ctr_part part)
{
    const uint8_t *all = sgeo_ctr_cache_labels(clicks->data.cache);
    size_t position = 0, n = 0;
    uint32_t row;
    while (next_row(&row, &position, clicks, part)) {
        labels[n++] = all[row];
    }
}

void sgeo_ctr_read_true_logits(double *logits, const struct sgeo_ctr_set *clicks,
                               enum sgeo_ctr_part part)
{
    size_t position = 0, n = 0;
    uint32_t row;
    while (next_row(&row, &position, clicks, part)) {
        struct sgeo_ctr_synth_row drawn;
        sgeo_ctr_synth_draw(&drawn, clicks->data.synth, row);
        logits[n++] = drawn.logit;
    }
}

enum sgeo_status sgeo_ctr_bayes_loss(double *log_loss, const struct sgeo_ctr_set *clicks,
                                     enum sgeo_ctr_part part)
{
    size_t n = clicks->split.rows[part];
    double *logits = sgeo_calloc(n + 1, sizeof *logits);
    uint8_t *labels = sgeo_calloc(n + 1, sizeof *labels);
    enum sgeo_status status =
        logits == NULL || labels == NULL ? sgeo_fail_memory("Bayes loss") : SGEO_OK;
    if (status == SGEO_OK) {
        sgeo_ctr_read_true_logits(logits, clicks, part);
        sgeo_ctr_read_labels(labels, clicks, part);
        status =
            sgeo_log_loss(log_loss, (struct sgeo_clicks){.logit = logits, .label = labels, .n = n});
    }
    sgeo_free(logits);
    sgeo_free(labels);
    return status;
}
