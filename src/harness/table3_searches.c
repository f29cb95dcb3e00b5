#include "harness/table3_searches.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/log.h"
#include "base/memory.h"
#include "harness/ctr_search.h"
#include "harness/job_pool.h"
#include "harness/table3_cost.h"
#include "proxy/ctr_measure.h"

struct run;

/* A search, with the estimate of its CPU seconds. */
struct strand {
    struct run *run;
    struct sgeo_table3_cell *cell;
    double warmup, evaluations; /* warmup: 0 where an earlier one of its job trains the supernet */
    /* inside the monitor */
    double done, recalled; /* seconds; those of earlier runs, NaN until it starts */
    bool over;
};

struct job {
    size_t leader; /* strand; its job has those behind it that share its supernet */
    double seconds;
};

struct run {
    struct sgeo_table3 *table;
    struct strand *strands; /* (n_strands) in the order of cells */
    size_t n_strands;
    struct job *jobs; /* (n) the longest first */
    bool *done;       /* (n) none: a search that is over is read again */
    double *costs;    /* (n) */
    size_t n;
    size_t workers; /* of a search */
    double start;
    struct sgeo_monitor *monitor;
};

/* --- one search --- */

void sgeo_table3_name_search(char path[1024], const struct sgeo_options *options,
                             const struct sgeo_ctr_task *task, const struct sgeo_table3_row *row)
{
    char weights[96] = "";
    if (row->has_lambda) {
        snprintf(weights, sizeof weights, "-l%g-%g-%g", row->lambda.zico, row->lambda.fr,
                 row->lambda.loss);
    }
    snprintf(path, SGEO_TABLE3_PATH, "%s/searches/%s-%s-%s%s-w%g-s%llu", options->out, task->name,
             sgeo_nasrec_space_names[row->space], row->proxy == NULL ? row->by : row->proxy,
             weights, row->level, (unsigned long long)options->seed);
}

/* The best of a search, from its file. */
static enum sgeo_status read_found(struct sgeo_table3_cell *cell, const char *directory)
{
    struct sgeo_csv csv = {0};
    char path[SGEO_TABLE3_PATH + 32];
    snprintf(path, sizeof path, "%s/search_best.csv", directory);
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    size_t column = status == SGEO_OK ? sgeo_csv_column(&csv, "arch") : 0;
    cell->n_found = 0;
    for (size_t r = 0; status == SGEO_OK && r < csv.n_rows && r < SGEO_TABLE3_FOUND_MAX; r++) {
        status = sgeo_ctr_named_parse(&cell->found[r], sgeo_csv_cell(&csv, r, column));
        cell->n_found += status == SGEO_OK;
    }
    sgeo_csv_clear(&csv);
    return status;
}

/* The best go to their file, which is enough. */
static void drop_text(const char *text, void *context)
{
    (void)text;
    (void)context;
}

/* One task, level, reading with its weights, and seed; it goes on where the table does. */
static struct sgeo_options options_of(const struct strand *strand)
{
    const struct sgeo_table3_row *row = strand->cell->row;
    struct sgeo_options own =
        sgeo_table3_options(strand->run->table->options, strand->cell->clicks->task);
    own.levels[0] = row->level;
    own.n_levels = 1;
    own.n_proxies = row->proxy == NULL ? 0 : 1;
    own.proxies[0] = row->proxy == NULL ? NULL : sgeo_ctr_proxy_find(row->proxy);
    own.has_lambda = row->has_lambda;
    own.lambda = row->lambda;
    own.seeds = 1;
    own.workers = strand->run->workers;
    own.resume = true;
    return own;
}

/* --- progress --- */

/* Inside the monitor. */
static void report(const struct run *run)
{
    const struct sgeo_table3 *table = run->table;
    struct sgeo_progress progress = {.jobs_total = run->n_strands, .eta_seconds = -1.0};
    double total = 0.0, done = 0.0, gained = 0.0;
    for (size_t i = 0; i < run->n_strands; i++) {
        const struct strand *strand = &run->strands[i];
        total += strand->warmup + strand->evaluations;
        done += strand->done;
        gained += isnan(strand->recalled) ? 0.0 : strand->done - strand->recalled;
        progress.jobs_done += strand->over;
    }
    progress.fraction = done / total;
    if (gained > 0.0) {
        progress.eta_seconds = (sgeo_wall_seconds() - run->start) * (total - done) / gained;
    }
    if (table->progress != NULL) {
        table->progress(&progress, table->progress_context);
    }
}

static void note(struct strand *strand, double done, bool over)
{
    sgeo_monitor_enter(strand->run->monitor);
    strand->recalled = isnan(strand->recalled) ? done : strand->recalled;
    strand->done = done;
    strand->over = over;
    report(strand->run);
    sgeo_monitor_leave(strand->run->monitor);
}

static void on_warmup(const struct sgeo_progress *progress, void *context)
{
    struct strand *strand = context;
    note(strand, strand->warmup * progress->fraction, false);
}

static void on_evaluation(const struct sgeo_progress *progress, void *context)
{
    struct strand *strand = context;
    note(strand, strand->warmup + strand->evaluations * progress->fraction, false);
}

/* --- jobs --- */

static enum sgeo_status search(struct strand *strand, const atomic_bool *stop)
{
    const struct sgeo_table3 *table = strand->run->table;
    struct sgeo_table3_cell *cell = strand->cell;
    const struct sgeo_table3_row *row = cell->row;
    const struct sgeo_options own = options_of(strand);
    struct sgeo_search_cost cost;
    char directory[SGEO_TABLE3_PATH], space[16];
    sgeo_table3_name_search(directory, table->options, cell->clicks->task, row);
    snprintf(space, sizeof space, "nasrec-%s", sgeo_nasrec_space_names[row->space]);
    const struct sgeo_ctr_search search = {.space = space,
                                           .method = row->by,
                                           .options = &own,
                                           .out = directory,
                                           .cost = &cost,
                                           .argv = table->argv,
                                           .argc = table->argc,
                                           .sink = drop_text,
                                           .warmup_progress = on_warmup,
                                           .progress = on_evaluation,
                                           .progress_context = strand,
                                           .stop = stop};
    sgeo_log(SGEO_LOG_INFO, "%s: %s on %s by %s, %g %% warm-up", cell->clicks->task->name,
             row->method, row->search_space, row->proxy == NULL ? row->by : row->proxy, row->level);
    enum sgeo_status status = sgeo_ctr_search_run(&search);
    if (status == SGEO_OK) {
        cell->preparation = cost.preparation;
        cell->search = cost.evaluations;
        status = read_found(cell, directory);
        note(strand, strand->warmup + strand->evaluations, true);
    }
    return status;
}

static bool in_job(const struct strand *leader, const struct strand *strand)
{
    return leader == strand || sgeo_table3_share_supernet(leader->cell, strand->cell);
}

static enum sgeo_status run_job(void *stop, size_t job, void *context)
{
    struct run *run = context;
    const struct strand *leader = &run->strands[run->jobs[job].leader];
    enum sgeo_status status = SGEO_OK;
    for (size_t i = run->jobs[job].leader; status == SGEO_OK && i < run->n_strands; i++) {
        if (in_job(leader, &run->strands[i])) {
            status = search(&run->strands[i], stop);
        }
    }
    return status;
}

/* --- the list of jobs --- */

static enum sgeo_status estimate(struct strand *strand, bool leads)
{
    const struct sgeo_ctr_set *clicks = strand->cell->clicks;
    const struct sgeo_options *options = strand->run->table->options;
    const struct sgeo_search_size *size = &strand->run->table->size;
    const struct sgeo_table3_scale scale = {.options = options,
                                            .task = clicks->task,
                                            .train_rows = clicks->split.rows[SGEO_CTR_TRAIN],
                                            .valid_rows = clicks->split.rows[SGEO_CTR_VAL]};
    struct sgeo_ctr_cost cost;
    enum sgeo_status status = sgeo_table3_search_cost(&cost, &scale, strand->cell->row);
    if (status == SGEO_OK) {
        strand->warmup = leads ? cost.warmup : 0.0;
        strand->evaluations =
            cost.evaluation * (double)sgeo_evolution_evaluations(&size->evolution);
    }
    return status;
}

/* Into the job that it shares a supernet with, or one of its own. */
static enum sgeo_status add_strand(struct run *run, struct sgeo_table3_cell *cell)
{
    size_t j = 0, place = run->n_strands;
    struct strand *strand = &run->strands[place];
    *strand = (struct strand){.run = run, .cell = cell, .recalled = (double)NAN};
    while (j < run->n && !in_job(&run->strands[run->jobs[j].leader], strand)) {
        j++;
    }
    bool leads = j == run->n;
    enum sgeo_status status = estimate(strand, leads);
    if (status == SGEO_OK) {
        run->n_strands++;
        run->n += leads;
        run->jobs[j].leader = leads ? place : run->jobs[j].leader;
        run->jobs[j].seconds += strand->warmup + strand->evaluations;
    }
    return status;
}

static int compare_jobs(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    return x->seconds > y->seconds   ? -1
           : x->seconds < y->seconds ? 1
                                     : (x->leader > y->leader) - (x->leader < y->leader);
}

static enum sgeo_status list_jobs(struct run *run)
{
    struct sgeo_table3 *table = run->table;
    enum sgeo_status status = SGEO_OK;
    run->monitor = sgeo_monitor_create();
    run->strands = sgeo_calloc(table->n_cells, sizeof *run->strands);
    run->jobs = sgeo_calloc(table->n_cells, sizeof *run->jobs);
    run->done = sgeo_calloc(table->n_cells, sizeof *run->done);
    run->costs = sgeo_calloc(table->n_cells, sizeof *run->costs);
    if (run->monitor == NULL || run->strands == NULL || run->jobs == NULL || run->done == NULL ||
        run->costs == NULL) {
        return sgeo_fail_memory("searches");
    }
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        if (table->cells[i].row->kind == SGEO_TABLE3_SEARCHED) {
            status = add_strand(run, &table->cells[i]);
        }
    }
    qsort(run->jobs, run->n, sizeof *run->jobs, compare_jobs);
    for (size_t j = 0; j < run->n; j++) {
        run->costs[j] = run->jobs[j].seconds;
    }
    return status;
}

enum sgeo_status sgeo_table3_search(struct sgeo_table3 *table)
{
    struct run run = {.table = table, .start = sgeo_wall_seconds()};
    size_t workers = table->options->workers;
    enum sgeo_status status = list_jobs(&run);
    if (status == SGEO_OK && run.n > 0) {
        const struct sgeo_job_pool pool = {.n = run.n,
                                           .done = run.done,
                                           .cost = run.costs,
                                           .open = sgeo_job_pool_open_stop,
                                           .run = run_job,
                                           .close = sgeo_job_pool_close_stop,
                                           .keep = sgeo_job_pool_keep_nothing,
                                           .context = &run};
        run.workers = workers > run.n ? workers / run.n : 1;
        status = sgeo_job_pool_run(&pool, workers);
    }
    sgeo_monitor_destroy(run.monitor);
    sgeo_free(run.strands);
    sgeo_free(run.jobs);
    sgeo_free(run.done);
    sgeo_free(run.costs);
    return status;
}
