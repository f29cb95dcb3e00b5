/*
 * Scoring the candidates of a click-through search with the numbers that they inherit from a
 * supernet: by a proxy on the same mini-batches for all, or by the one-shot evaluation.
 */
#ifndef SGEO_HARNESS_CTR_SCORER_H
#define SGEO_HARNESS_CTR_SCORER_H

#include "harness/ctr_feed.h"
#include "harness/search_pool.h"
#include "proxy/ctr_measure.h"
#include "space/ctr_one_shot.h"
#include "space/ctr_supernet.h"

/* How candidates are judged. Everything is the caller's, and read by all threads. */
struct sgeo_ctr_judge {
    const struct sgeo_ctr_supernet *supernet; /* set before the first scorer opens */
    struct sgeo_executor executor;            /* as the supernet's */
    const struct sgeo_proxy *proxy;           /* NULL: one_shot, a loss */
    const struct sgeo_ctr_draw *draw;         /* mini-batches of proxies */
    bool warm;                                /* the supernet is trained: decides default weights */
    const struct sgeo_lambda *lambda;         /* NULL: those */
    struct sgeo_ctr_one_shot one_shot;
};

/* A thread's own, for candidates one after the other. */
struct sgeo_ctr_bench {
    const struct sgeo_ctr_judge *judge;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_embedding *embedding;
};

/* On the thread that will use and destroy it; the judge, which it borrows, has its supernet. The
 * caller owns *bench. */
enum sgeo_status sgeo_ctr_bench_create(struct sgeo_ctr_bench **bench,
                                       const struct sgeo_ctr_judge *judge);
void sgeo_ctr_bench_destroy(struct sgeo_ctr_bench *bench); /* NULL is fine */

/* An architecture with what it inherits; sgeo_ctr_heir_destroy gives it back. Errors as
 * sgeo_ctr_heir_create. */
enum sgeo_status sgeo_ctr_bench_open(struct sgeo_ctr_heir *heir, const struct sgeo_ctr_bench *bench,
                                     const struct sgeo_nasrec_arch *arch);

/* The judge must outlive the scorer. */
struct sgeo_search_scorer sgeo_ctr_scorer(struct sgeo_ctr_judge *judge);

#endif
