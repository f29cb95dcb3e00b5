#include "harness/ctr_scores.h"

#include "base/clock.h"
#include "harness/ctr_named.h"

/* Passes over all parameters, in one measurement. */
#define PASSES_WHOLE ((unsigned)(SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_NASREC))

struct run {
    const struct sgeo_ctr_bench *bench;
    struct sgeo_ctr_heir heir;
    struct sgeo_counts counts;               /* of the stand-alone model */
    struct sgeo_ctr_measurement whole, head; /* of all parameters, of the last layer */
};

bool sgeo_ctr_scores_has(const struct sgeo_proxy *proxy)
{
    return proxy == &sgeo_proxy_params || proxy == &sgeo_proxy_flops ||
           sgeo_ctr_proxy_find(proxy->name) == proxy;
}

static enum sgeo_status check(const struct sgeo_proxy *const *proxies, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        if (!sgeo_ctr_scores_has(proxies[p])) {
            return sgeo_fail(SGEO_USAGE, "--list proxies says which are",
                             "%s is no score of click-through models", proxies[p]->name);
        }
    }
    return SGEO_OK;
}

/* Multiply-accumulates are what counts as FLOPs here. */
static enum sgeo_status count_alone(struct sgeo_counts *counts,
                                    const struct sgeo_ctr_schema *schema,
                                    const struct sgeo_nasrec_arch *arch)
{
    const struct sgeo_ctr_named model = {.crafted = SGEO_CTR_MODELS, .arch = *arch};
    struct sgeo_feature_layout features;
    struct sgeo_graph *graph = NULL;
    enum sgeo_status status =
        sgeo_ctr_named_build(&graph, &features, &model, schema->n_dense, schema->n_fields);
    if (status == SGEO_OK) {
        sgeo_graph_count(counts, graph);
        counts->flops = counts->tensorwatch_flops = counts->macs;
        sgeo_graph_destroy(graph);
    }
    return status;
}

static enum sgeo_status measure(struct sgeo_ctr_measurement *measurement, const struct run *run,
                                unsigned passes)
{
    const struct sgeo_ctr_draw *draw = run->bench->judge->draw;
    const struct sgeo_ctr_measure_request request = {
        .use = &run->heir.use, .batches = draw->at, .k = draw->k, .passes = passes};
    return sgeo_ctr_measure(measurement, &request);
}

static enum sgeo_status tune(struct run *run)
{
    struct sgeo_evidence *evidence = &run->whole.evidence;
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status =
        sgeo_ctr_one_shot(&evidence->one_shot_loss, &run->heir.use, &run->bench->judge->one_shot);
    evidence->seconds_one_shot = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* Every pass leaves the candidate's numbers as they were. */
static enum sgeo_status measure_all(struct run *run, unsigned passes)
{
    enum sgeo_status status = measure(&run->whole, run, passes & PASSES_WHOLE);
    if (status == SGEO_OK && (passes & SGEO_PASS_HEAD) != 0) {
        run->heir.use.head_only = true;
        status = measure(&run->head, run, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
        run->heir.use.head_only = false;
    }
    return status == SGEO_OK && (passes & SGEO_PASS_ONE_SHOT) != 0 ? tune(run) : status;
}

static void read_scores(struct sgeo_score *scores, struct run *run,
                        const struct sgeo_proxy *const *proxies, size_t n)
{
    bool warm = run->bench->judge->warm;
    const struct sgeo_lambda lambda = sgeo_ctr_default_lambda(warm);
    run->whole.evidence.counts = run->counts;
    for (size_t p = 0; p < n; p++) {
        bool head = (proxies[p]->passes & SGEO_PASS_HEAD) != 0;
        bool eq6 = proxies[p] == &sgeo_proxy_sigeo_eq6; /* its own weights are those of images */
        proxies[p]->score(&scores[p], head ? &run->head.evidence : &run->whole.evidence, warm,
                          eq6 ? &lambda : NULL);
    }
}

enum sgeo_status sgeo_ctr_scores(struct sgeo_score *scores, const struct sgeo_ctr_bench *bench,
                                 const struct sgeo_ctr_schema *schema,
                                 const struct sgeo_nasrec_arch *arch,
                                 const struct sgeo_proxy *const *proxies, size_t n)
{
    struct run run = {.bench = bench};
    unsigned passes = 0;
    enum sgeo_status status = check(proxies, n);
    if (status == SGEO_OK) {
        status = count_alone(&run.counts, schema, arch);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_bench_open(&run.heir, bench, arch);
    }
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t p = 0; p < n; p++) {
        passes |= proxies[p]->passes;
    }
    status = measure_all(&run, passes);
    if (status == SGEO_OK) {
        read_scores(scores, &run, proxies, n);
    }
    sgeo_ctr_measurement_destroy(&run.whole);
    sgeo_ctr_measurement_destroy(&run.head);
    sgeo_ctr_heir_destroy(&run.heir);
    return status;
}
