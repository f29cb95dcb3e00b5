#include "harness/search_outputs.h"

#include <math.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/memory.h"
#include "harness/outputs.h"

static const char header[] = "search_space,task,by,seed,evaluation,generation,kept,best,arch,score,"
                             "seconds_cpu,status\n";

/* Places of candidates, from 1; 0: none. */
struct places {
    size_t *kept; /* (n) among the best of its generation */
    size_t *best; /* (n) in the list of the best */
};

/* What the list of the best is chosen from: an evolution's history, or all of a random search;
 * `list` holds n_max. Returns how many. */
static size_t list_history(const struct sgeo_candidate **list, struct places *places,
                           const struct sgeo_search_request *request,
                           const struct sgeo_search *search)
{
    const struct sgeo_evolution *sizes = &request->size.evolution;
    if (!request->method->evolves) {
        for (size_t i = 0; i < search->n; i++) {
            list[i] = &search->candidates[i];
        }
        return search->n;
    }
    size_t n = sizes->generations * sizes->kept;
    sgeo_evolution_history(list, search, sizes);
    for (size_t i = 0; i < n; i++) {
        places->kept[list[i]->index] = 1 + i % sizes->kept;
    }
    return n;
}

/* --- rows --- */

static void put_place(struct sgeo_text *csv, size_t place)
{
    if (place == 0) {
        sgeo_csv_put(csv, "");
    } else {
        sgeo_csv_put_size(csv, place);
    }
}

static void put_row(struct sgeo_text *csv, const struct sgeo_search_request *request,
                    const struct sgeo_candidate *candidate, const struct places *places)
{
    char space[16], arch[SGEO_NASREC_TEXT_MAX];
    snprintf(space, sizeof space, "nasrec-%s", sgeo_nasrec_space_names[request->space]);
    sgeo_nasrec_encode(arch, &candidate->arch);
    sgeo_csv_put(csv, space);
    sgeo_csv_put(csv, request->task);
    sgeo_csv_put(csv, request->method->name);
    sgeo_csv_put_size(csv, (size_t)request->options->seed);
    sgeo_csv_put_size(csv, candidate->index);
    sgeo_csv_put_size(csv, candidate->generation);
    put_place(csv, places->kept[candidate->index]);
    put_place(csv, places->best[candidate->index]);
    sgeo_csv_put(csv, arch);
    sgeo_csv_put_double(csv, candidate->score);
    sgeo_csv_put_double(csv, candidate->seconds_cpu);
    sgeo_csv_put(csv, isnan(candidate->score) ? "nan" : isinf(candidate->score) ? "inf" : "ok");
    sgeo_csv_end_row(csv);
}

static enum sgeo_status publish_all(const struct sgeo_search_request *request,
                                    const struct sgeo_search *search, const struct places *places)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "%s", header);
    for (size_t i = 0; i < search->n; i++) {
        put_row(&csv, request, &search->candidates[i], places);
    }
    enum sgeo_status status = sgeo_outputs_publish(request->options->out, "search.csv", &csv);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status publish_best(const struct sgeo_search_request *request,
                                     const struct sgeo_candidate **best, size_t n,
                                     const struct places *places)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "%s", header);
    for (size_t i = 0; i < n; i++) {
        put_row(&csv, request, best[i], places);
    }
    enum sgeo_status status = sgeo_outputs_publish(request->options->out, "search_best.csv", &csv);
    if (status == SGEO_OK) {
        request->sink(csv.bytes, request->sink_context);
    }
    sgeo_text_clear(&csv);
    return status;
}

/* --- both files --- */

static enum sgeo_status choose(const struct sgeo_search_request *request,
                               const struct sgeo_search *search, struct places *places,
                               const struct sgeo_candidate **list,
                               const struct sgeo_candidate **best)
{
    size_t n = list_history(list, places, request, search);
    size_t n_best = sgeo_search_best(best, request->size.best, list, n, search);
    for (size_t i = 0; i < n_best; i++) {
        places->best[best[i]->index] = 1 + i;
    }
    enum sgeo_status status = publish_all(request, search, places);
    if (status == SGEO_OK && n_best == 0) {
        return sgeo_fail(SGEO_CHECK_FAILED, "look at search.csv",
                         "none of %zu candidates of nasrec-%s on %s has a finite score", search->n,
                         sgeo_nasrec_space_names[request->space], request->task);
    }
    return status == SGEO_OK ? publish_best(request, best, n_best, places) : status;
}

enum sgeo_status sgeo_search_publish(const struct sgeo_search_request *request,
                                     const struct sgeo_search *search)
{
    const struct sgeo_candidate **list = sgeo_calloc(search->n, sizeof *list);
    const struct sgeo_candidate **best = sgeo_calloc(request->size.best, sizeof *best);
    struct places places = {.kept = sgeo_calloc(search->n, sizeof *places.kept),
                            .best = sgeo_calloc(search->n, sizeof *places.best)};
    bool room = list != NULL && best != NULL && places.kept != NULL && places.best != NULL;
    enum sgeo_status status =
        room ? choose(request, search, &places, list, best) : sgeo_fail_memory("search.csv");
    sgeo_free(list);
    sgeo_free(best);
    sgeo_free(places.kept);
    sgeo_free(places.best);
    return status;
}
