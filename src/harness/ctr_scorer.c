#include "harness/ctr_scorer.h"

#include "base/memory.h"

/* What candidates of ever other sizes may leave in a thread's pool. */
#define POOL_KEPT_BYTES ((size_t)1 << 29)

/* A thread's. */
struct scorer {
    const struct sgeo_ctr_judge *judge;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_embedding *embedding;
};

static void close_scorer(void *opened)
{
    struct scorer *scorer = opened;
    if (scorer != NULL) {
        sgeo_embedding_destroy(scorer->embedding);
        sgeo_pool_destroy(scorer->pool);
        sgeo_backend_destroy(scorer->backend);
        sgeo_free(scorer);
    }
}

static enum sgeo_status open_scorer(void **out, const atomic_bool *stop, void *context)
{
    struct sgeo_ctr_judge *judge = context;
    struct scorer *scorer = sgeo_calloc(1, sizeof *scorer);
    (void)stop; /* an evaluation is a matter of seconds */
    if (scorer == NULL) {
        return sgeo_fail_memory("scorer");
    }
    scorer->judge = judge;
    scorer->pool = sgeo_pool_create();
    enum sgeo_status status = scorer->pool == NULL
                                  ? sgeo_fail_memory("scorer")
                                  : sgeo_backend_create(&scorer->backend, judge->executor);
    if (status == SGEO_OK) {
        status = sgeo_ctr_supernet_embedding(&scorer->embedding, judge->supernet, scorer->backend);
    }
    if (status != SGEO_OK) {
        close_scorer(scorer);
        return status;
    }
    *out = scorer;
    return SGEO_OK;
}

static enum sgeo_status score_by_proxy(double *value, const struct sgeo_ctr_judge *judge,
                                       const struct sgeo_ctr_use *use)
{
    const struct sgeo_ctr_measure_request request = {.use = use,
                                                     .batches = judge->draw->at,
                                                     .k = judge->draw->k,
                                                     .passes = judge->proxy->passes};
    struct sgeo_ctr_measurement measurement;
    struct sgeo_score score;
    enum sgeo_status status = sgeo_ctr_measure(&measurement, &request);
    if (status == SGEO_OK) {
        judge->proxy->score(&score, &measurement.evidence, judge->warm, judge->lambda);
        *value = score.value;
        sgeo_ctr_measurement_destroy(&measurement);
    }
    return status;
}

static enum sgeo_status score(double *value, void *opened, const struct sgeo_candidate *candidate)
{
    struct scorer *scorer = opened;
    const struct sgeo_ctr_judge *judge = scorer->judge;
    const struct sgeo_nasrec_path path = sgeo_nasrec_path_of(&candidate->arch);
    struct sgeo_ctr_heir heir;
    enum sgeo_status status =
        sgeo_ctr_heir_create(&heir, judge->supernet, &path, scorer->embedding, scorer->pool);
    if (status != SGEO_OK) {
        return status;
    }
    status = judge->proxy != NULL ? score_by_proxy(value, judge, &heir.use)
                                  : sgeo_ctr_one_shot(value, &heir.use, &judge->one_shot);
    sgeo_ctr_heir_destroy(&heir);
    sgeo_pool_limit(scorer->pool, POOL_KEPT_BYTES);
    return status;
}

struct sgeo_search_scorer sgeo_ctr_scorer(struct sgeo_ctr_judge *judge)
{
    return (struct sgeo_search_scorer){open_scorer, score, close_scorer, judge};
}
