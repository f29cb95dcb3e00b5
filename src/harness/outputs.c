#include "harness/outputs.h"

#include <math.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/file.h"

enum sgeo_status sgeo_outputs_publish(const char *out, const char *name,
                                      const struct sgeo_text *csv)
{
    char path[1280];
    snprintf(path, sizeof path, "%s/%s", out, name);
    return csv->failed ? sgeo_fail_memory(name) : sgeo_file_publish(path, csv->bytes, csv->length);
}

const char sgeo_scores_header[] =
    "task,arch,arch_index,proxy,warmup_percent,warmup_mode,warmup_steps,seed,score,"
    "term_zico,term_fr,term_loss,seconds_cpu,status,convention,arithmetic\n";

/* A term that the proxy does not have is an empty field. */
static void put_term(struct sgeo_text *csv, const struct sgeo_proxy *proxy, double term,
                     bool has_it)
{
    if (proxy->has_terms || has_it) {
        sgeo_csv_put_double(csv, term);
    } else {
        sgeo_csv_put(csv, "");
    }
}

static const char *status_name(const struct sgeo_score *score)
{
    return isnan(score->value)   ? "nan"
           : isinf(score->value) ? "inf"
           : score->degenerate   ? "degenerate"
                                 : "ok";
}

void sgeo_scores_rows(struct sgeo_text *csv, const struct sgeo_record *record,
                      struct sgeo_executor executor)
{
    const struct sgeo_job_key *key = &record->key;
    for (size_t i = 0; i < record->n_scores; i++) {
        const struct sgeo_proxy *proxy = record->scores[i].proxy;
        const struct sgeo_score *score = &record->scores[i].score;
        sgeo_csv_put(csv, key->task->name);
        sgeo_csv_put(csv, record->arch);
        sgeo_csv_put_size(csv, key->arch_index);
        sgeo_csv_put(csv, proxy->name);
        sgeo_csv_put_double(csv, key->level);
        sgeo_csv_put(csv, sgeo_warmup_mode_name(key->mode, key->level));
        sgeo_csv_put_size(csv, record->steps);
        sgeo_csv_put_size(csv, (size_t)key->seed);
        sgeo_csv_put_double(csv, score->value);
        put_term(csv, proxy, score->term_zico, !isnan(score->term_zico));
        put_term(csv, proxy, score->term_fr, false);
        put_term(csv, proxy, score->term_loss, false);
        sgeo_csv_put_double(csv, score->seconds_cpu);
        sgeo_csv_put(csv, status_name(score));
        sgeo_csv_put(csv, sgeo_convention_name(record->convention));
        sgeo_csv_put(csv, sgeo_arithmetic_name(executor));
        sgeo_csv_end_row(csv);
    }
}

enum sgeo_status sgeo_scores_publish(const struct sgeo_campaign *campaign)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "%s", sgeo_scores_header);
    for (size_t r = 0; r < campaign->n_records; r++) {
        if (campaign->records[r].key.kind == SGEO_JOB_SCORE) {
            sgeo_scores_rows(&csv, &campaign->records[r], campaign->options->executor);
        }
    }
    enum sgeo_status status = sgeo_outputs_publish(campaign->options->out, "scores.csv", &csv);
    sgeo_text_clear(&csv);
    return status;
}
