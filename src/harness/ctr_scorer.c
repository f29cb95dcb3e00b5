#include "harness/ctr_scorer.h"

#include "base/memory.h"

void sgeo_ctr_bench_destroy(struct sgeo_ctr_bench *bench)
{
    if (bench != NULL) {
        sgeo_embedding_destroy(bench->embedding);
        sgeo_pool_destroy(bench->pool);
        sgeo_backend_destroy(bench->backend);
        sgeo_free(bench);
    }
}

enum sgeo_status sgeo_ctr_bench_create(struct sgeo_ctr_bench **out,
                                       const struct sgeo_ctr_judge *judge)
{
    struct sgeo_ctr_bench *bench = sgeo_calloc(1, sizeof *bench);
    if (bench == NULL) {
        return sgeo_fail_memory("scorer");
    }
    bench->judge = judge;
    bench->pool = sgeo_pool_create();
    enum sgeo_status status = bench->pool == NULL
                                  ? sgeo_fail_memory("scorer")
                                  : sgeo_backend_create(&bench->backend, judge->executor);
    if (status == SGEO_OK) {
        status = sgeo_ctr_supernet_embedding(&bench->embedding, judge->supernet, bench->backend);
    }
    if (status != SGEO_OK) {
        sgeo_ctr_bench_destroy(bench);
        return status;
    }
    *out = bench;
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_bench_open(struct sgeo_ctr_heir *heir, const struct sgeo_ctr_bench *bench,
                                     const struct sgeo_nasrec_arch *arch)
{
    const struct sgeo_nasrec_path path = sgeo_nasrec_path_of(arch);
    return sgeo_ctr_heir_create(heir, bench->judge->supernet, &path, bench->embedding, bench->pool);
}

/* --- the scorer of a search --- */

static void close_scorer(void *opened)
{
    sgeo_ctr_bench_destroy(opened);
}

static enum sgeo_status open_scorer(void **out, const atomic_bool *stop, void *context)
{
    struct sgeo_ctr_bench *bench = NULL;
    (void)stop; /* an evaluation is a matter of seconds */
    enum sgeo_status status = sgeo_ctr_bench_create(&bench, context);
    *out = bench;
    return status;
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
    struct sgeo_ctr_bench *bench = opened;
    const struct sgeo_ctr_judge *judge = bench->judge;
    struct sgeo_ctr_heir heir;
    enum sgeo_status status = sgeo_ctr_bench_open(&heir, bench, &candidate->arch);
    if (status != SGEO_OK) {
        return status;
    }
    status = judge->proxy != NULL ? score_by_proxy(value, judge, &heir.use)
                                  : sgeo_ctr_one_shot(value, &heir.use, &judge->one_shot);
    sgeo_ctr_heir_destroy(&heir);
    return status;
}

struct sgeo_search_scorer sgeo_ctr_scorer(struct sgeo_ctr_judge *judge)
{
    return (struct sgeo_search_scorer){open_scorer, score, close_scorer, judge};
}
