/*
 * The scores of Table 3b: of each architecture at each level, with what it inherits from a supernet
 * that was warmed up to it. First the supernets, side by side; then, supernet by supernet, its
 * architectures on worker threads. Scores have a journal of their own, OUT/scores/journal.jsonl
 * (record.h); supernets have checkpoints, which a table 3 in the folder shares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "harness/ctr_scores.h"
#include "harness/ctr_warmup.h"
#include "harness/job_pool.h"
#include "harness/table3b_parts.h"

/* --- supernets --- */

static enum sgeo_status warm_up(struct sgeo_ctr_supernet **supernet, struct sgeo_backend *backend,
                                const struct sgeo_table3b_cell *cell, const atomic_bool *stop)
{
    const struct sgeo_ctr_set *clicks = cell->part->clicks;
    struct sgeo_options own = *cell->run->table->options;
    own.seed = cell->seed; /* and its checkpoint's */
    const struct sgeo_ctr_warmup warmup = {.space = cell->part->space,
                                           .clicks = clicks,
                                           .recipe = &cell->recipe,
                                           .options = &own,
                                           .stop = stop};
    return sgeo_ctr_warm_up(supernet, backend, &warmup);
}

/* Into its checkpoint. */
static enum sgeo_status run_warmup(void *stop, size_t job, void *context)
{
    const struct sgeo_table3b_run *run = context;
    struct sgeo_backend *backend = NULL;
    struct sgeo_ctr_supernet *supernet = NULL;
    enum sgeo_status status = sgeo_backend_create(&backend, run->table->options->executor);
    if (status == SGEO_OK) {
        status = warm_up(&supernet, backend, &run->cells[job], stop);
    }
    sgeo_ctr_supernet_destroy(supernet);
    sgeo_backend_destroy(backend);
    return status;
}

/* Those that have a warm-up and scores left to do; its cost is its steps, roughly. */
static enum sgeo_status warm_all(struct sgeo_table3b_run *run)
{
    struct sgeo_table3b *table = run->table;
    bool *done = sgeo_calloc(run->n + 1, sizeof *done);
    double *costs = sgeo_calloc(run->n + 1, sizeof *costs);
    enum sgeo_status status =
        done == NULL || costs == NULL ? sgeo_fail_memory("warm-ups") : SGEO_OK;
    for (size_t c = 0; status == SGEO_OK && c < run->n; c++) {
        const struct sgeo_table3b_cell *cell = &run->cells[c];
        done[c] = cell->recipe.steps == 0 || cell->n_done == cell->part->n;
        costs[c] = 1.0 + (double)cell->recipe.steps;
    }
    if (status == SGEO_OK) {
        const struct sgeo_job_pool pool = {.n = run->n,
                                           .done = done,
                                           .cost = costs,
                                           .open = sgeo_job_pool_open_stop,
                                           .run = run_warmup,
                                           .close = sgeo_job_pool_close_stop,
                                           .keep = sgeo_job_pool_keep_nothing,
                                           .context = run,
                                           .progress = table->progress,
                                           .progress_context = table->progress_context};
        status = sgeo_job_pool_run(&pool, table->options->workers);
    }
    sgeo_free(done);
    sgeo_free(costs);
    return status;
}

/* --- scores --- */

static enum sgeo_status open_bench(void **out, const atomic_bool *stop, void *context)
{
    const struct sgeo_table3b_cell *cell = context;
    struct sgeo_ctr_bench *bench = NULL;
    (void)stop; /* an evaluation is a matter of seconds */
    enum sgeo_status status = sgeo_ctr_bench_create(&bench, &cell->judge);
    *out = bench;
    return status;
}

static void close_bench(void *bench)
{
    sgeo_ctr_bench_destroy(bench);
}

static enum sgeo_status score(void *bench, size_t job, void *context)
{
    struct sgeo_table3b_cell *cell = context;
    const struct sgeo_options *options = cell->run->table->options;
    struct sgeo_record *record = &cell->records[job];
    struct sgeo_score scores[SGEO_PROXIES_MAX];
    enum sgeo_status status =
        sgeo_ctr_scores(scores, bench, cell->part->clicks->data.schema, &cell->part->archs[job],
                        options->proxies, options->n_proxies);
    for (size_t p = 0; status == SGEO_OK && p < options->n_proxies; p++) {
        record->scores[p].proxy = options->proxies[p];
        record->scores[p].score = scores[p];
        record->n_scores = p + 1;
    }
    return status;
}

static enum sgeo_status keep(size_t job, void *context)
{
    const struct sgeo_table3b_cell *cell = context;
    struct sgeo_text line = {0};
    sgeo_record_write(&line, &cell->records[job]);
    enum sgeo_status status = line.failed ? sgeo_fail_memory("journal line")
                                          : sgeo_journal_append(cell->run->journal, line.bytes);
    sgeo_text_clear(&line);
    return status;
}

/* Of the cell at work as part of all: scores cost about the same in each. */
static void report(const struct sgeo_progress *of_cell, void *context)
{
    const struct sgeo_table3b_cell *cell = context;
    const struct sgeo_table3b_run *run = cell->run;
    const struct sgeo_table3b *table = run->table;
    size_t fresh = run->n_fresh + of_cell->jobs_done - cell->n_done;
    size_t done = run->n_recalled + fresh, left = run->n_total - done;
    double elapsed = sgeo_wall_seconds() - run->start;
    const struct sgeo_progress progress = {
        .jobs_done = done,
        .jobs_total = run->n_total,
        .fraction = (double)done / (double)run->n_total,
        .eta_seconds = fresh == 0 ? -1.0 : elapsed * (double)left / (double)fresh};
    if (table->progress != NULL) {
        table->progress(&progress, table->progress_context);
    }
}

static enum sgeo_status open_judge(struct sgeo_table3b_cell *cell)
{
    const struct sgeo_table3b *table = cell->run->table;
    const struct sgeo_options *options = table->options;
    const struct sgeo_ctr_set *clicks = cell->part->clicks;
    const struct sgeo_ctr_recipe *recipe = &cell->recipe;
    enum sgeo_status status = sgeo_backend_create(&cell->backend, options->executor);
    if (status == SGEO_OK) {
        status = warm_up(&cell->supernet, cell->backend, cell, NULL);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_draw_create(&cell->draw, clicks->train, cell->seed, options->batches,
                                      recipe->proxy_batch);
    }
    cell->judge = (struct sgeo_ctr_judge){
        .supernet = cell->supernet,
        .executor = options->executor,
        .draw = &cell->draw,
        .warm = recipe->steps > 0,
        .one_shot = sgeo_ctr_set_one_shot(clicks, recipe, table->size.oneshot_steps)};
    return status;
}

static void close_judge(struct sgeo_table3b_cell *cell)
{
    sgeo_ctr_draw_destroy(&cell->draw);
    sgeo_ctr_supernet_destroy(cell->supernet);
    sgeo_backend_destroy(cell->backend);
}

static enum sgeo_status score_cell(struct sgeo_table3b_cell *cell)
{
    const struct sgeo_job_pool pool = {.n = cell->part->n,
                                       .done = cell->done,
                                       .cost = cell->costs,
                                       .open = open_bench,
                                       .run = score,
                                       .close = close_bench,
                                       .keep = keep,
                                       .context = cell,
                                       .progress = report,
                                       .progress_context = cell};
    sgeo_log(SGEO_LOG_INFO, "%s: scores of %s at %g %% warm-up, seed %llu",
             cell->part->clicks->task->name, cell->part->task->space, cell->recipe.level,
             (unsigned long long)cell->seed);
    enum sgeo_status status = open_judge(cell);
    if (status == SGEO_OK) {
        status = sgeo_job_pool_run(&pool, cell->run->table->options->workers);
    }
    close_judge(cell);
    return status;
}

static enum sgeo_status score_all(struct sgeo_table3b_run *run)
{
    enum sgeo_status status = SGEO_OK;
    run->start = sgeo_wall_seconds();
    for (size_t c = 0; c < run->n; c++) {
        run->n_recalled += run->cells[c].n_done;
    }
    for (size_t c = 0; status == SGEO_OK && c < run->n; c++) {
        size_t left = run->cells[c].part->n - run->cells[c].n_done;
        if (left > 0) {
            status = score_cell(&run->cells[c]);
        }
        run->n_fresh += left;
    }
    return status;
}

/* --- all --- */

static int compare_records(const void *a, const void *b)
{
    const struct sgeo_record *x = a, *y = b;
    return sgeo_job_key_compare(&x->key, &y->key);
}

static enum sgeo_status gather(struct sgeo_table3b_run *run)
{
    struct sgeo_table3b *table = run->table;
    table->records = sgeo_calloc(run->n_total + 1, sizeof *table->records);
    if (table->records == NULL) {
        return sgeo_fail_memory("scores");
    }
    for (size_t c = 0; c < run->n; c++) {
        const struct sgeo_table3b_cell *cell = &run->cells[c];
        memcpy(table->records + table->n_records, cell->records,
               cell->part->n * sizeof *cell->records);
        table->n_records += cell->part->n;
    }
    qsort(table->records, table->n_records, sizeof *table->records, compare_records);
    return SGEO_OK;
}

enum sgeo_status sgeo_table3b_score(struct sgeo_table3b *table)
{
    struct sgeo_table3b_run run = {.table = table, .placed = *table->options};
    snprintf(run.folder, sizeof run.folder, "%s/scores", table->options->out);
    run.placed.out = run.folder;
    enum sgeo_status status = sgeo_table3b_list_cells(&run);
    if (status == SGEO_OK) {
        status = sgeo_table3b_open_journal(&run);
    }
    if (status == SGEO_OK) {
        status = warm_all(&run);
    }
    if (status == SGEO_OK) {
        status = score_all(&run);
    }
    if (status == SGEO_OK) {
        status = gather(&run);
    }
    sgeo_journal_close(run.journal);
    sgeo_table3b_close_cells(&run);
    return status;
}
