/*
 * The worker threads of a search: they live as long as the search, each with a scorer of its own,
 * and share the candidates of every batch. A score depends on its candidate alone, so searches do
 * not depend on the number of workers.
 */
#ifndef SGEO_HARNESS_SEARCH_POOL_H
#define SGEO_HARNESS_SEARCH_POOL_H

#include "search/search.h"

/* How candidates are scored. */
struct sgeo_search_scorer {
    /*
     * Open a scorer on the thread that will use and close it, and no other. Once *stop is set the
     * search has failed: a long evaluation may end with SGEO_INTERRUPTED. stop outlives the scorer.
     */
    enum sgeo_status (*open)(void **scorer, const atomic_bool *stop, void *context);
    /* *score of a candidate; its draws come from streams named by candidate->index. */
    enum sgeo_status (*score)(double *score, void *scorer, const struct sgeo_candidate *candidate);
    void (*close)(void *scorer); /* NULL is fine */
    void *context;               /* shared by all threads, read-only */
};

/* Receives every scored candidate, one call at a time; anything but SGEO_OK ends the search. */
typedef enum sgeo_status (*sgeo_candidate_sink)(const struct sgeo_candidate *candidate,
                                                void *context);

struct sgeo_search_pool;

/* `workers` threads; *scorer and context outlive the pool. The caller owns *pool. */
enum sgeo_status sgeo_search_pool_create(struct sgeo_search_pool **pool,
                                         const struct sgeo_search_scorer *scorer, size_t workers,
                                         sgeo_candidate_sink sink, void *sink_context);
void sgeo_search_pool_destroy(struct sgeo_search_pool *pool);

/* sgeo_evaluate_fn; context is the pool. Fails as the first scorer or sink that failed, and ever
 * after. */
enum sgeo_status sgeo_search_pool_evaluate(struct sgeo_candidate *const *candidates, size_t n,
                                           void *context);

#endif
