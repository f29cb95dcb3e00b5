#include "harness/search_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/journal.h"
#include "base/memory.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"
#include "harness/search_outputs.h"
#include "harness/search_record.h"
#include "kernels/dispatch/dispatch.h"
#include "search/random_search.h"

static const struct sgeo_search_method methods[] = {{"sigeo", true, true},
                                                    {"zico", true, true},
                                                    {"oneshot", false, true},
                                                    {"random", false, false}};

const struct sgeo_search_method *sgeo_search_method_find(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

struct run {
    const struct sgeo_search_request *request;
    struct sgeo_search_pool *pool;
    struct sgeo_search *search;
    struct sgeo_journal *journal;
    size_t n_recalled, n_done; /* of the journal; with those of this run */
    struct sgeo_search_cost cost;
    double start;
};

/* --- journal --- */

/* Everything that a search depends on: it is one function of its arguments. */
static void write_identity(struct sgeo_text *identity, const struct sgeo_search_request *request)
{
    const struct sgeo_evolution *sizes = &request->size.evolution;
    sgeo_text_append(identity,
                     "{\"journal\":1,\"search\":\"nasrec-%s\",\"task\":\"%s\",\"by\":\"%s\","
                     "\"isa\":\"%s\",\"seed\":%llu,\"population\":%zu,\"generations\":%zu,"
                     "\"sample\":%zu,\"children\":%zu%s%s}",
                     sgeo_nasrec_space_names[request->space], request->task, request->method->name,
                     sgeo_isa_name(sgeo_kernels_isa()), (unsigned long long)request->options->seed,
                     sizes->population, sizes->generations, sizes->sample, sizes->children,
                     *request->identity == '\0' ? "" : ",", request->identity);
}

static enum sgeo_status replay(const char *line, void *context)
{
    struct run *run = context;
    struct sgeo_candidate known;
    double seconds;
    if (sgeo_preparation_parse(&seconds, line)) {
        run->cost.preparation += seconds;
        return SGEO_OK;
    }
    enum sgeo_status status = sgeo_candidate_parse(&known, line);
    if (status == SGEO_OK) {
        run->n_recalled++;
        status = sgeo_search_recall(run->search, &known);
    }
    return status;
}

static enum sgeo_status open_journal(struct run *run)
{
    const struct sgeo_options *options = run->request->options;
    struct sgeo_text identity = {0};
    char path[1024];
    enum sgeo_status status = sgeo_run_folder_check(options);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_run_journal_path(path, sizeof path, options);
    write_identity(&identity, run->request);
    status = identity.failed ? sgeo_fail_memory("journal") : sgeo_directory_create(options->out);
    if (status == SGEO_OK) {
        status = sgeo_journal_open(&run->journal, path, identity.bytes, replay, run);
    }
    sgeo_text_clear(&identity);
    return status;
}

/* --- progress --- */

/* Every evaluation is taken to be as long as the mean of this run's. */
static void report(const struct run *run)
{
    const struct sgeo_search_request *request = run->request;
    size_t total = run->search->n_max, fresh = run->n_done - run->n_recalled;
    double elapsed = sgeo_wall_seconds() - run->start;
    const struct sgeo_progress progress = {
        .jobs_done = run->n_done,
        .jobs_total = total,
        .fraction = (double)run->n_done / (double)total,
        .eta_seconds = fresh == 0 ? -1.0 : elapsed * (double)(total - run->n_done) / (double)fresh};
    if (request->progress != NULL) {
        request->progress(&progress, request->progress_context);
    }
}

/* Takes the line's memory. */
static enum sgeo_status append(const struct run *run, struct sgeo_text *line)
{
    enum sgeo_status status = line->failed ? sgeo_fail_memory("journal line")
                                           : sgeo_journal_append(run->journal, line->bytes);
    sgeo_text_clear(line);
    return status;
}

/* Journal a scored candidate. */
static enum sgeo_status keep(const struct sgeo_candidate *candidate, void *context)
{
    struct run *run = context;
    const struct sgeo_search_request *request = run->request;
    struct sgeo_text line = {0};
    sgeo_candidate_write(&line, candidate);
    enum sgeo_status status = append(run, &line);
    if (status != SGEO_OK) {
        return status;
    }
    run->n_done++;
    report(run);
    return request->stop == NULL || !atomic_load(request->stop)
               ? SGEO_OK
               : sgeo_fail(SGEO_INTERRUPTED, NULL, "search of nasrec-%s on %s stopped",
                           sgeo_nasrec_space_names[request->space], request->task);
}

/* --- the search --- */

static enum sgeo_status evaluate(struct sgeo_candidate *const *candidates, size_t n, void *context)
{
    struct run *run = context;
    return sgeo_search_pool_evaluate(candidates, n, run->pool);
}

static enum sgeo_status open_search(struct run *run)
{
    const struct sgeo_search_request *request = run->request;
    const struct sgeo_search_settings settings = {.space = request->space,
                                                  .seed = request->options->seed,
                                                  .higher_is_better =
                                                      request->method->higher_is_better,
                                                  .evaluate = evaluate,
                                                  .context = run};
    return sgeo_search_create(&run->search, &settings,
                              sgeo_evolution_evaluations(&request->size.evolution));
}

static void print_plan(const struct run *run)
{
    const struct sgeo_search_request *request = run->request;
    const struct sgeo_evolution *sizes = &request->size.evolution;
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "search of nasrec-%s on %s by %s: %zu evaluations",
                     sgeo_nasrec_space_names[request->space], request->task, request->method->name,
                     run->search->n_max);
    if (request->method->evolves) {
        sgeo_text_append(&text, " (%zu random, %zu generations of %zu from a sample of %zu)",
                         sizes->population, sizes->generations, sizes->children, sizes->sample);
    }
    sgeo_text_append(&text, ", the best %zu in %s\n", request->size.best, request->options->out);
    request->sink(text.bytes, request->sink_context);
    sgeo_text_clear(&text);
}

static enum sgeo_status prepare(struct run *run)
{
    const struct sgeo_search_request *request = run->request;
    struct sgeo_text line = {0};
    double seconds = 0.0;
    if (request->prepare == NULL || run->n_recalled == run->search->n_max) {
        return SGEO_OK;
    }
    enum sgeo_status status = request->prepare(&seconds, request->prepare_context);
    if (status != SGEO_OK) {
        return status;
    }
    run->cost.preparation += seconds;
    sgeo_preparation_write(&line, seconds);
    return append(run, &line);
}

static enum sgeo_status search(struct run *run)
{
    const struct sgeo_search_request *request = run->request;
    enum sgeo_status status = prepare(run);
    run->n_done = run->n_recalled;
    run->start = sgeo_wall_seconds();
    if (status == SGEO_OK) {
        status = sgeo_search_pool_create(&run->pool, &request->scorer, request->options->workers,
                                         keep, run);
    }
    if (status != SGEO_OK) {
        return status;
    }
    return request->method->evolves ? sgeo_evolution_run(run->search, &request->size.evolution)
                                    : sgeo_random_search(run->search);
}

static void report_cost(struct run *run)
{
    for (size_t i = 0; i < run->search->n; i++) {
        run->cost.evaluations += run->search->candidates[i].seconds_cpu;
    }
    if (run->request->cost != NULL) {
        *run->request->cost = run->cost;
    }
}

static enum sgeo_status run_search(struct run *run)
{
    enum sgeo_status status = open_search(run);
    if (status == SGEO_OK && run->request->options->dry_run) {
        print_plan(run);
        return SGEO_OK;
    }
    if (status == SGEO_OK) {
        status = open_journal(run);
    }
    if (status == SGEO_OK) {
        status = search(run);
    }
    if (status == SGEO_OK) {
        report_cost(run);
    }
    return status == SGEO_OK ? sgeo_search_publish(run->request, run->search) : status;
}

enum sgeo_status sgeo_search_run(const struct sgeo_search_request *request)
{
    struct run run = {.request = request};
    if (sgeo_ranks_rank() != 0) {
        return SGEO_OK;
    }
    enum sgeo_status status = run_search(&run);
    sgeo_search_pool_destroy(run.pool);
    sgeo_search_destroy(run.search);
    sgeo_journal_close(run.journal);
    return status;
}
