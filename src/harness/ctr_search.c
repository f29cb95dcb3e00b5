#include "harness/ctr_search.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "harness/ctr_cost.h"
#include "harness/ctr_scorer.h"
#include "harness/ctr_set.h"
#include "harness/ctr_warmup.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"

struct run {
    const struct sgeo_ctr_search *search;
    const struct sgeo_options *options;
    struct sgeo_options placed; /* the same with the search's own result folder */
    enum sgeo_nasrec_space space;
    const struct sgeo_search_method *method;
    struct sgeo_search_size size;
    struct sgeo_ctr_set clicks;
    struct sgeo_ctr_recipe recipe;
    struct sgeo_lambda lambda;
    struct sgeo_ctr_draw draw;
    struct sgeo_ctr_judge judge;
    struct sgeo_backend *backend; /* the supernet's */
    struct sgeo_ctr_supernet *supernet;
    struct sgeo_text identity;
    struct sgeo_search_cost cost;
};

/* --- what is asked for --- */

static enum sgeo_status find_space(enum sgeo_nasrec_space *space, const char *name)
{
    static const char prefix[] = "nasrec-";
    for (size_t i = 0; i < 2 && strncmp(name, prefix, sizeof prefix - 1) == 0; i++) {
        if (strcmp(name + sizeof prefix - 1, sgeo_nasrec_space_names[i]) == 0) {
            *space = (enum sgeo_nasrec_space)i;
            return SGEO_OK;
        }
    }
    return sgeo_fail(SGEO_USAGE, "nasrec-small or nasrec-full", "unknown space to search: %s",
                     name);
}

static enum sgeo_status find_method(const struct sgeo_search_method **method, const char *name)
{
    *method = sgeo_search_method_find(name == NULL ? "sigeo" : name);
    return *method != NULL ? SGEO_OK
                           : sgeo_fail(SGEO_USAGE, "sigeo, zico, oneshot or random",
                                       "unknown way to search: --by %s", name);
}

/* The readings of a method's score, the authors' code first; losses have none. */
static const struct sgeo_proxy *reading_of(const struct sgeo_search_method *method, size_t i)
{
    static const struct sgeo_proxy *const sigeo[2] = {&sgeo_proxy_sigeo_nasrec,
                                                      &sgeo_proxy_sigeo_eq6};
    static const struct sgeo_proxy *const zico[2] = {&sgeo_proxy_zico_nasrec, &sgeo_proxy_zico};
    return !method->higher_is_better            ? NULL
           : strcmp(method->name, "sigeo") == 0 ? sigeo[i]
                                                : zico[i];
}

static enum sgeo_status choose_proxy(struct run *run)
{
    const struct sgeo_options *options = run->options;
    const struct sgeo_proxy *first = reading_of(run->method, 0),
                            *second = reading_of(run->method, 1);
    const struct sgeo_proxy *asked = options->n_proxies == 0 ? first : options->proxies[0];
    char hint[96];
    if (first == NULL && (asked != NULL || options->has_lambda)) {
        return sgeo_fail(SGEO_USAGE, "--by sigeo or --by zico",
                         "--by %s judges by a loss, without --proxy and --lambda",
                         run->method->name);
    }
    if (options->n_proxies > 1 || (asked != first && asked != second)) {
        snprintf(hint, sizeof hint, "--proxy %s or --proxy %s", first->name, second->name);
        return sgeo_fail(SGEO_USAGE, hint, "--by %s judges by one of its own proxies%s%s",
                         run->method->name, options->n_proxies > 1 ? "" : ", not ",
                         options->n_proxies > 1 ? "" : asked->name);
    }
    if (options->has_lambda && !asked->has_terms) {
        return sgeo_fail(SGEO_USAGE, "leave it out", "--lambda weighs terms, %s has none",
                         asked->name);
    }
    run->judge.proxy = asked;
    return SGEO_OK;
}

static enum sgeo_status check_options(const struct sgeo_options *options)
{
    if (options->n_ctr_tasks > 1 || options->seeds > 1 || options->n_levels > 1) {
        return sgeo_fail(SGEO_USAGE, "repeat the command with another --out",
                         "a search has one task, one seed and one warm-up level");
    }
    if (options->shards > 0) {
        return sgeo_fail(SGEO_USAGE, "leave --shard out", "a search cannot be cut into shards");
    }
    if (options->data_formula) {
        return sgeo_fail(SGEO_USAGE, "without --data rows are generated",
                         "--data formula has no click-through rows");
    }
    return SGEO_OK;
}

static enum sgeo_status settle(struct run *run)
{
    enum sgeo_status status = check_options(run->options);
    if (status == SGEO_OK) {
        status = find_space(&run->space, run->search->space);
    }
    if (status == SGEO_OK) {
        status = find_method(&run->method, run->search->method);
    }
    return status == SGEO_OK ? choose_proxy(run) : status;
}

static double level_of(const struct run *run)
{
    bool by_loss = run->judge.proxy == NULL;
    return run->options->n_levels > 0 ? run->options->levels[0] : by_loss ? 100.0 : 1.0;
}

static const struct sgeo_ctr_task *task_of(const struct run *run)
{
    return run->options->n_ctr_tasks > 0 ? run->options->ctr_tasks[0] : sgeo_ctr_task_all()[0];
}

/* --- the judge --- */

/* The weights of the three terms where the command line is silent: click data have their own. */
static const struct sgeo_lambda *weights_of(struct run *run)
{
    if (run->options->has_lambda) {
        return &run->options->lambda;
    }
    run->lambda = sgeo_ctr_default_lambda(run->judge.warm);
    return run->judge.proxy == &sgeo_proxy_sigeo_eq6 ? &run->lambda : NULL;
}

static enum sgeo_status open_judge(struct run *run)
{
    const struct sgeo_ctr_recipe *recipe = &run->recipe;
    struct sgeo_ctr_judge *judge = &run->judge;
    judge->executor = run->options->executor;
    judge->warm = recipe->steps > 0;
    if (judge->proxy == NULL) {
        judge->one_shot = sgeo_ctr_set_one_shot(&run->clicks, recipe, run->size.oneshot_steps);
        return SGEO_OK;
    }
    judge->lambda = weights_of(run);
    judge->draw = &run->draw;
    return sgeo_ctr_draw_create(&run->draw, run->clicks.train, run->options->seed,
                                run->options->batches, recipe->proxy_batch);
}

/* What scores depend on besides the search's own settings. */
static enum sgeo_status write_identity(struct run *run)
{
    const struct sgeo_ctr_recipe *recipe = &run->recipe;
    const struct sgeo_ctr_judge *judge = &run->judge;
    struct sgeo_text *text = &run->identity;
    sgeo_text_append(text, "\"warmup_steps\":%zu,\"warmup_batch\":%zu,\"fade_steps\":%zu,",
                     recipe->steps, recipe->batch, recipe->fade_steps);
    if (judge->proxy == NULL) {
        sgeo_text_append(text, "\"tuning_steps\":%zu,\"batch_size\":%zu,\"valid_rows\":%zu,",
                         judge->one_shot.steps, judge->one_shot.batch, judge->one_shot.valid.rows);
    } else {
        sgeo_text_append(text, "\"proxy\":\"%s\",\"batches\":%zu,\"batch_size\":%zu,",
                         judge->proxy->name, run->options->batches, recipe->proxy_batch);
    }
    if (judge->lambda != NULL) {
        sgeo_text_append(text, "\"lambda\":[%.9g,%.9g,%.9g],", judge->lambda->zico,
                         judge->lambda->fr, judge->lambda->loss);
    }
    sgeo_ctr_set_identity(text, &run->clicks);
    return text->failed ? sgeo_fail_memory("identity of a search") : SGEO_OK;
}

/* --- the run --- */

static enum sgeo_status prepare(double *seconds, void *context)
{
    struct run *run = context;
    const struct sgeo_ctr_warmup warmup = {.space = run->space,
                                           .clicks = &run->clicks,
                                           .recipe = &run->recipe,
                                           .options = run->options,
                                           .progress = run->search->warmup_progress,
                                           .progress_context = run->search->progress_context,
                                           .stop = run->search->stop};
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = sgeo_backend_create(&run->backend, run->options->executor);
    if (status == SGEO_OK) {
        status = sgeo_ctr_warm_up(&run->supernet, run->backend, &warmup);
    }
    run->judge.supernet = run->supernet;
    *seconds = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* Before hours of work. */
static enum sgeo_status tell_cost(const struct run *run)
{
    const struct sgeo_ctr_schema *schema = run->clicks.data.schema;
    const struct sgeo_nasrec_supernet shape =
        sgeo_nasrec_supernet(run->space, schema->n_dense, schema->n_fields);
    size_t evaluations = sgeo_evolution_evaluations(&run->size.evolution);
    struct sgeo_ctr_cost cost;
    if (run->options->preset != SGEO_PRESET_PAPER) {
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_ctr_cost(&cost, &shape, &run->recipe, &run->judge, run->options->seed);
    if (status == SGEO_OK) {
        sgeo_log(SGEO_LOG_INFO,
                 "%zu steps of warm-up, about %.2g core-hours, then %zu evaluations, about %.2g "
                 "core-hours, results in %s",
                 run->recipe.steps, cost.warmup / SGEO_SECONDS_AN_HOUR, evaluations,
                 cost.evaluation * (double)evaluations / SGEO_SECONDS_AN_HOUR, run->placed.out);
    }
    return status;
}

static enum sgeo_status open_run(struct run *run)
{
    enum sgeo_status status = sgeo_run_folder_check(&run->placed);
    if (status == SGEO_OK) {
        status = sgeo_ctr_set_open(&run->clicks, task_of(run), run->options, &run->size);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_recipe(&run->recipe, task_of(run), run->options, level_of(run),
                                 run->size.epochs, run->clicks.split.rows[SGEO_CTR_TRAIN]);
    }
    if (status == SGEO_OK) {
        status = open_judge(run);
    }
    if (status == SGEO_OK) {
        status = tell_cost(run);
    }
    return status == SGEO_OK ? write_identity(run) : status;
}

static enum sgeo_status run_search(struct run *run)
{
    const struct sgeo_ctr_search *search = run->search;
    const struct sgeo_search_request request = {
        .space = run->space,
        .task = task_of(run)->name,
        .method = run->method,
        .size = run->size,
        .scorer = sgeo_ctr_scorer(&run->judge),
        .prepare = prepare,
        .prepare_context = run,
        .cost = &run->cost,
        .identity = run->identity.bytes == NULL ? "" : run->identity.bytes,
        .options = &run->placed,
        .sink = search->sink,
        .sink_context = search->sink_context,
        .progress = search->progress,
        .progress_context = search->progress_context,
        .stop = search->stop};
    return sgeo_search_run(&request);
}

static enum sgeo_status run_all(struct run *run)
{
    enum sgeo_status status = settle(run);
    if (status != SGEO_OK || run->options->dry_run) {
        return status == SGEO_OK ? run_search(run) : status;
    }
    status = open_run(run);
    if (status == SGEO_OK) {
        status = run_search(run);
    }
    if (status == SGEO_OK) {
        const struct sgeo_searched searched = {
            .space = run->space, .clicks = &run->clicks, .recipe = &run->recipe, .cost = run->cost};
        status = sgeo_provenance_publish_search(&run->placed, &searched, run->search->argc,
                                                run->search->argv);
    }
    if (status == SGEO_OK && run->search->cost != NULL) {
        *run->search->cost = run->cost;
    }
    return status;
}

enum sgeo_status sgeo_ctr_search_run(const struct sgeo_ctr_search *search)
{
    struct run run = {.search = search,
                      .options = search->options,
                      .placed = *search->options,
                      .size = sgeo_search_size(search->options->preset)};
    if (sgeo_ranks_rank() != 0) {
        return SGEO_OK;
    }
    run.placed.out = search->out == NULL ? search->options->out : search->out;
    enum sgeo_status status = run_all(&run);
    sgeo_ctr_supernet_destroy(run.supernet);
    sgeo_backend_destroy(run.backend);
    sgeo_ctr_draw_destroy(&run.draw);
    sgeo_ctr_set_close(&run.clicks);
    sgeo_text_clear(&run.identity);
    return status;
}
