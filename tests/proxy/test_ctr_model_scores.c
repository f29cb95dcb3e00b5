/* Every recommender model of the spaces is scored: hand-crafted ones and a published NASRec one. */
#include "proxy/ctr_measure.h"
#include "space/ctr_models.h"
#include "space/ctr_rig.h"
#include "space/nasrec_build.h"

enum { K = 4, N = 8, NASREC = SGEO_CTR_MODELS };

/* Model m of the hand-crafted ones, and after them the published architecture. */
static struct sgeo_graph *model_graph(struct sgeo_feature_layout *features, int m)
{
    struct sgeo_graph *graph = NULL;
    if (m == NASREC) {
        struct sgeo_nasrec_arch arch;
        *features = sgeo_nasrec_features(CTR_DENSE, CTR_FIELDS);
        rig_ok(sgeo_nasrec_parse(&arch, "criteo-full"));
        rig_ok(sgeo_nasrec_build(&graph, &arch, features, true));
        return graph;
    }
    const struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes((enum sgeo_ctr_model)m);
    *features = sgeo_ctr_features((enum sgeo_ctr_model)m, CTR_DENSE, CTR_FIELDS);
    rig_ok(sgeo_ctr_build(&graph, (enum sgeo_ctr_model)m, features, &sizes));
    return graph;
}

START_TEST(test_ctr_models_of_all_kinds_have_scores)
{
    struct sgeo_feature_layout features;
    struct ctr_rig rig;
    struct sgeo_ctr_batch batches[K];
    int32_t indices[K][CTR_FIELDS * N];
    uint16_t labels[K][N];
    void *dense[K];
    struct sgeo_graph *graph = model_graph(&features, _i);
    bool linear_head = graph->nodes[graph->output].op == SGEO_OP_LINEAR;
    ctr_open(&rig, SGEO_F32, graph, &features, ctr_table_rows);
    for (size_t b = 0; b < K; b++) {
        struct ctr_planted planted = {.backend = rig.backend, .shift = b * N};
        dense[b] = rig_zeros((size_t)N * CTR_DENSE, rig.backend->ops->elem_bytes);
        const struct sgeo_ctr_buffer rows = {dense[b], indices[b], labels[b], NULL};
        rig_ok(ctr_read(&rows, 0, N, &planted));
        batches[b] = (struct sgeo_ctr_batch){{N, dense[b], indices[b], NULL}, labels[b]};
    }
    struct sgeo_ctr_measure_request request = {
        .use = &rig.use, .batches = batches, .k = K, .passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT};
    struct sgeo_ctr_measurement got;
    struct sgeo_score score;
    rig_ok(sgeo_ctr_measure(&got, &request));
    sgeo_proxy_sigeo_eq6.score(&score, &got.evidence, true, NULL);
    ck_assert(isfinite(score.value) && score.term_zico > 0.0 && score.term_loss > 0.0);
    sgeo_ctr_measurement_destroy(&got);
    request.passes = SGEO_PASS_NASREC;
    enum sgeo_status status = sgeo_ctr_measure(&got, &request);
    ck_assert_int_eq(status, linear_head ? SGEO_OK : SGEO_UNSUPPORTED);
    if (status == SGEO_OK) {
        sgeo_proxy_sigeo_nasrec.score(&score, &got.evidence, true, NULL);
        ck_assert(isfinite(score.value));
        sgeo_ctr_measurement_destroy(&got);
    }
    ck_assert(_i != NASREC || linear_head);
    for (size_t b = 0; b < K; b++) {
        sgeo_free(dense[b]);
    }
    ctr_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr model scores");
    TCase *tcase = tcase_create("ctr model scores");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_ctr_models_of_all_kinds_have_scores, 0, NASREC + 1);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
