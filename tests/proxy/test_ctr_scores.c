/*
 * Proxies of recommender models in both precisions (loop index 0: double, 1: float): the golden toy
 * of the authors' code, embedding tables against linear layers on one-hot vectors, the Fisher-Rao
 * term against differences, identities of the weights.
 */
#include "proxy/ctr_measure.h"

#include "proxy/ctr_twins.h"

enum { K = TWINS_K, N = TWINS_ROWS };

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
static const struct sgeo_lambda zico_only = {1.0, 0.0, 0.0};

/* --- the golden toy: proxies_toy.json, sigeo_recsys_lastlayer --- */

enum { TOY_FEATURES = 6, TOY_BATCH = 8 };

/* Entry i of the golden vector s(n,a,b,m). */
static double golden(double a, double b, double m, size_t i)
{
    return m * sin(a * (double)i + b);
}

struct toy {
    struct ctr_rig rig;
    void *dense;
    uint16_t labels[K * TOY_BATCH];
    struct sgeo_ctr_batch batches[K];
};

static void open_toy(struct toy *toy, enum sgeo_precision precision)
{
    static const struct sgeo_feature_layout layout = {.dense = TOY_FEATURES};
    static const double bias[1] = {0.05};
    double weights[TOY_FEATURES], x[K * TOY_BATCH * TOY_FEATURES];
    ctr_open(&toy->rig, precision, ctr_graph(&layout, 0), &layout, NULL);
    for (size_t i = 0; i < TOY_FEATURES; i++) {
        weights[i] = golden(1.1, 0.3, 0.4, i);
    }
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        x[i] = golden(0.77, 0.2, 1.0, i);
    }
    sgeo_store_import(toy->rig.store, toy->rig.use.theta, 0, weights);
    sgeo_store_import(toy->rig.store, toy->rig.use.theta, 1, bias);
    toy->dense = rig_elements(toy->rig.backend, x, sizeof x / sizeof *x);
    for (size_t i = 0; i < (size_t)K * TOY_BATCH; i++) {
        toy->labels[i] = 7 * i % 5 < 2;
    }
    for (size_t b = 0; b < K; b++) {
        const unsigned char *dense = toy->dense;
        size_t at = b * TOY_BATCH * TOY_FEATURES * toy->rig.backend->ops->elem_bytes;
        toy->batches[b] = (struct sgeo_ctr_batch){.features = {.n = TOY_BATCH, .dense = dense + at},
                                                  .labels = toy->labels + b * TOY_BATCH};
    }
}

static void close_toy(struct toy *toy)
{
    sgeo_free(toy->dense);
    ctr_close(&toy->rig);
}

static struct sgeo_ctr_measurement measured(const struct sgeo_ctr_use *use,
                                            const struct sgeo_ctr_batch *batches, unsigned passes)
{
    struct sgeo_ctr_measurement measurement;
    const struct sgeo_ctr_measure_request request = {
        .use = use, .batches = batches, .k = K, .passes = passes};
    rig_ok(sgeo_ctr_measure(&measurement, &request));
    return measurement;
}

START_TEST(test_ctr_scores_of_the_golden_toy)
{
    static const struct sgeo_lambda ones = {1.0, 1.0, 1.0};
    struct toy toy;
    struct sgeo_score score;
    double tol = _i == 0 ? 1e-7 : 2e-5; /* its rates are 8e-4 and 1.6e-3 without the floor */
    open_toy(&toy, precisions[_i]);
    struct sgeo_ctr_measurement got = measured(&toy.rig.use, toy.batches, SGEO_PASS_NASREC);
    sgeo_proxy_sigeo_nasrec.score(&score, &got.evidence, true, &ones);
    ck_assert_double_eq_tol(score.term_zico, 1.6766690633906238, tol);
    ck_assert_double_eq_tol(score.term_fr, -0.5938266629220259, tol);
    ck_assert_double_eq_tol(score.term_loss, 0.7484209942154838, tol);
    ck_assert_double_eq_tol(score.value, 0.3344214062531141, tol);
    sgeo_proxy_zico_nasrec.score(&score, &got.evidence, true, NULL);
    ck_assert_double_eq_tol(score.value, 1.6766690633906238 - 0.7484209942154838, tol);
    sgeo_proxy_zico_nasrec.score(&score, &got.evidence, true, &zico_only);
    ck_assert_double_eq_tol(score.value, 1.6766690633906238, tol);
    sgeo_ctr_measurement_destroy(&got);
    close_toy(&toy);
}
END_TEST

START_TEST(test_ctr_nasrec_pass_leaves_the_model)
{
    struct toy toy;
    open_toy(&toy, precisions[_i]);
    double *before = rig_segment(toy.rig.store, toy.rig.use.theta, 0);
    struct sgeo_ctr_measurement got = measured(&toy.rig.use, toy.batches, SGEO_PASS_NASREC);
    double *after = rig_segment(toy.rig.store, toy.rig.use.theta, 0);
    ck_assert_mem_eq(before, after, TOY_FEATURES * sizeof *before);
    ck_assert_str_eq(got.evidence.layer_names[0], "head.weight");
    ck_assert_str_eq(got.evidence.layer_names[1], "head.bias");
    sgeo_ctr_measurement_destroy(&got);
    sgeo_free(before);
    sgeo_free(after);
    close_toy(&toy);
}
END_TEST

/* Without features no weight has a gradient, and so none deviates. */
START_TEST(test_ctr_nasrec_without_deviation_is_nan)
{
    struct toy toy;
    struct sgeo_score score;
    open_toy(&toy, precisions[_i]);
    memset(toy.dense, 0, (size_t)K * TOY_BATCH * TOY_FEATURES * toy.rig.backend->ops->elem_bytes);
    struct sgeo_ctr_measurement got = measured(&toy.rig.use, toy.batches, SGEO_PASS_NASREC);
    sgeo_proxy_sigeo_nasrec.score(&score, &got.evidence, false, NULL);
    ck_assert(isnan(score.term_zico) && isnan(score.value));
    ck_assert(isfinite(score.term_fr) && isfinite(score.term_loss));
    sgeo_ctr_measurement_destroy(&got);
    close_toy(&toy);
}
END_TEST

/* ZiCo of the last layer from its gradients (1/n) sum_n (p_n - y_n) (x_n | 1), by hand. */
START_TEST(test_ctr_zico_of_the_last_layer_equals_the_sum_by_hand)
{
    double inner[2] = {0.0, 0.0};
    struct toy toy;
    open_toy(&toy, precisions[_i]);
    toy.rig.use.head_only = true;
    for (size_t i = 0; i <= TOY_FEATURES; i++) {
        double g[K] = {0}, size = 0.0, mean = 0.0, squares = 0.0;
        for (size_t n = 0; n < (size_t)K * TOY_BATCH; n++) {
            double z = 0.05;
            for (size_t j = 0; j < TOY_FEATURES; j++) {
                z += golden(1.1, 0.3, 0.4, j) * golden(0.77, 0.2, 1.0, n * TOY_FEATURES + j);
            }
            double x = i < TOY_FEATURES ? golden(0.77, 0.2, 1.0, n * TOY_FEATURES + i) : 1.0;
            g[n / TOY_BATCH] += (1.0 / (1.0 + exp(-z)) - toy.labels[n]) * x / TOY_BATCH;
        }
        for (size_t b = 0; b < K; b++) {
            size += fabs(g[b]) / K;
            mean += g[b] / K;
        }
        for (size_t b = 0; b < K; b++) {
            squares += (g[b] - mean) * (g[b] - mean) / K;
        }
        inner[i < TOY_FEATURES ? 0 : 1] += size / sqrt(squares);
    }
    struct sgeo_score score;
    struct sgeo_ctr_measurement got = measured(&toy.rig.use, toy.batches, SGEO_PASS_FIXED);
    sgeo_proxy_zico.score(&score, &got.evidence, false, NULL);
    ck_assert_uint_eq(got.evidence.n_layers, 2);
    ck_assert_double_eq_tol(score.value, log(inner[0]) + log(inner[1]), _i == 0 ? 1e-12 : 2e-5);
    sgeo_ctr_measurement_destroy(&got);
    close_toy(&toy);
}
END_TEST

/* --- tables --- */

static double inner_of(const struct sgeo_evidence *evidence, const char *name)
{
    for (size_t l = 0; l < evidence->n_layers; l++) {
        if (strcmp(evidence->layer_names[l], name) == 0) {
            return evidence->inner[l];
        }
    }
    ck_abort_msg("no layer %s", name);
    return 0.0;
}

START_TEST(test_ctr_tables_count_as_linear_layers_on_one_hot_vectors)
{
    static const char *const names[][2] = {{"embedding0.weight", "table0.weight"},
                                           {"embedding1.weight", "table1.weight"},
                                           {"embedding2.weight", "table2.weight"},
                                           {"hidden.weight", "hidden.weight"},
                                           {"hidden.bias", "hidden.bias"},
                                           {"head.weight", "head.weight"},
                                           {"head.bias", "head.bias"}};
    struct twins twins;
    double tol = _i == 0 ? 1e-9 : 2e-3;
    twins_open(&twins, precisions[_i]);
    unsigned passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT;
    struct sgeo_ctr_measurement sparse = measured(&twins.sparse.use, twins.batches, passes);
    struct sgeo_ctr_measurement dense = measured(&twins.dense.use, twins.one_hot_batches, passes);
    ck_assert_uint_eq(sparse.evidence.n_layers, 7);
    ck_assert_uint_eq(dense.evidence.n_layers, 7);
    for (size_t l = 0; l < 7; l++) {
        double expected = inner_of(&dense.evidence, names[l][1]);
        ck_assert_double_gt(expected, 0.0);
        ck_assert_double_eq_tol(inner_of(&sparse.evidence, names[l][0]) / expected, 1.0, tol);
    }
    for (size_t n = 0; n < (size_t)K * N; n++) {
        ck_assert_double_eq_tol(sparse.evidence.dloss_dalpha[n], dense.evidence.dloss_dalpha[n],
                                _i == 0 ? 1e-12 : 1e-5);
    }
    sgeo_ctr_measurement_destroy(&sparse);
    sgeo_ctr_measurement_destroy(&dense);
    twins_close(&twins);
}
END_TEST

/* Four clipped Adagrad steps of the twins: the same numbers. */
START_TEST(test_ctr_steps_of_tables_equal_those_of_linear_layers)
{
    struct twins twins;
    twins_open(&twins, precisions[_i]);
    double losses[2][K + 1];
    for (size_t twin = 0; twin < 2; twin++) {
        const struct ctr_rig *rig = twin == 0 ? &twins.sparse : &twins.dense;
        const struct sgeo_ctr_batch *rows = twin == 0 ? twins.batches : twins.one_hot_batches;
        struct sgeo_ctr_pass *pass = NULL;
        struct sgeo_ctr_gradient gradient;
        rig_ok(sgeo_ctr_gradient_create(&gradient, &rig->use, N));
        rig_ok(sgeo_ctr_pass_create(&pass, &rig->use, N, SGEO_CTR_GRADIENTS));
        for (size_t b = 0; b <= K; b++) {
            rig_ok(sgeo_ctr_pass_gradient(pass, &gradient, &rows[b % K], &losses[twin][b]));
            ck_assert_double_gt(sgeo_ctr_pass_clip(pass, &gradient, 0.1), 0.1);
            sgeo_ctr_pass_adagrad(pass, &rig->squares, &gradient, 0.1, 1e-2);
        }
        sgeo_ctr_pass_destroy(pass);
        sgeo_ctr_gradient_destroy(&gradient);
    }
    for (size_t b = 0; b <= K; b++) {
        ck_assert_double_eq_tol(losses[0][b], losses[1][b], _i == 0 ? 1e-12 : 1e-5);
    }
    ck_assert(losses[0][K] < losses[0][0]);
    twins_close(&twins);
}
END_TEST

/* Its layers are those that it has with tables, and a step moves nothing else. */
START_TEST(test_ctr_frozen_tables_leave_the_networks_layers)
{
    struct twins twins;
    twins_open(&twins, SGEO_F64);
    struct sgeo_ctr_use *use = &twins.sparse.use;
    struct sgeo_ctr_measurement all = measured(use, twins.batches, SGEO_PASS_FIXED);
    use->frozen_tables = true;
    struct sgeo_ctr_measurement network = measured(use, twins.batches, SGEO_PASS_FIXED);
    ck_assert_uint_eq(network.evidence.n_layers, all.evidence.n_layers - CTR_FIELDS);
    for (size_t l = 0; l < network.evidence.n_layers; l++) {
        ck_assert_str_eq(network.evidence.layer_names[l], all.evidence.layer_names[l]);
        ck_assert_double_eq(network.evidence.inner[l], all.evidence.inner[l]);
    }
    struct sgeo_ctr_pass *pass = NULL;
    struct sgeo_ctr_gradient gradient;
    const struct sgeo_ctr_squares squares = {.dense = twins.sparse.squares.dense};
    double loss;
    rig_ok(sgeo_ctr_gradient_create(&gradient, use, N));
    ck_assert_ptr_null(gradient.rows);
    rig_ok(sgeo_ctr_pass_create(&pass, use, N, SGEO_CTR_GRADIENTS));
    rig_ok(sgeo_ctr_pass_gradient(pass, &gradient, &twins.batches[0], &loss));
    ck_assert_double_gt(sgeo_ctr_pass_clip(pass, &gradient, 0.1), 0.1);
    sgeo_ctr_pass_adagrad(pass, &squares, &gradient, 0.1, 1e-2);
    sgeo_ctr_pass_destroy(pass);
    sgeo_ctr_gradient_destroy(&gradient);
    sgeo_ctr_measurement_destroy(&all);
    sgeo_ctr_measurement_destroy(&network);
    twins_close(&twins);
}
END_TEST

/* What a measurement takes from the pool it gives back, and what lies in there does not matter. */
START_TEST(test_ctr_measurements_take_their_memory_again)
{
    struct twins twins;
    twins_open(&twins, precisions[_i]);
    const struct sgeo_ctr_use *use = &twins.sparse.use;
    unsigned passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_NASREC;
    struct sgeo_ctr_measurement first = measured(use, twins.batches, passes);
    size_t peak = sgeo_pool_peak(use->pool);
    sgeo_pool_trim(use->pool);
    ck_assert_uint_eq(sgeo_pool_bytes(use->pool), 0);
    struct sgeo_buffer *other = sgeo_pool_take(use->pool, 2 * peak);
    memset(other->data, 0xff, other->bytes);
    sgeo_buffer_drop(other);
    size_t bytes = sgeo_pool_bytes(use->pool);
    struct sgeo_ctr_measurement second = measured(use, twins.batches, passes);
    ck_assert_uint_eq(sgeo_pool_bytes(use->pool), bytes); /* all of it was in there */
    const struct sgeo_evidence *a = &first.evidence, *b = &second.evidence;
    ck_assert_mem_eq(a->inner, b->inner, a->n_layers * sizeof *a->inner);
    ck_assert_mem_eq(a->path_inner, b->path_inner, a->n_path_layers * sizeof *a->path_inner);
    ck_assert_mem_eq(a->path_dot, b->path_dot, a->n_path_layers * sizeof *a->path_dot);
    ck_assert_mem_eq(a->dloss_dalpha, b->dloss_dalpha, K * N * sizeof *a->dloss_dalpha);
    sgeo_ctr_measurement_destroy(&first);
    sgeo_ctr_measurement_destroy(&second);
    twins_close(&twins);
}
END_TEST

/* A vector of the store for all mini-batches, where the last layer's numbers are what counts. */
START_TEST(test_ctr_measurements_of_the_last_layer_take_one_vector)
{
    struct twins twins;
    twins_open(&twins, precisions[_i]);
    struct sgeo_ctr_use *use = &twins.sparse.use;
    use->head_only = true;
    struct sgeo_ctr_measurement head = measured(use, twins.batches, SGEO_PASS_FIXED);
    size_t peak = sgeo_pool_peak(use->pool);
    use->head_only = false;
    struct sgeo_ctr_measurement all = measured(use, twins.batches, SGEO_PASS_FIXED);
    size_t vector = sgeo_store_total(use->store) * use->backend->ops->elem_bytes;
    ck_assert_uint_ge(sgeo_pool_peak(use->pool) - peak, (K - 1) * vector);
    ck_assert_uint_eq(head.evidence.n_layers, 2);
    for (size_t l = 0; l < 2; l++) {
        double expected = inner_of(&all.evidence, head.evidence.layer_names[l]);
        ck_assert_double_eq_tol(head.evidence.inner[l] / expected, 1.0, 1e-6);
    }
    sgeo_ctr_measurement_destroy(&head);
    sgeo_ctr_measurement_destroy(&all);
    twins_close(&twins);
}
END_TEST

/* --- the Fisher-Rao term --- */

/* Logits of batch 0 when theta and tables (or the head alone) are multiplied by `factor`. */
static void scaled_logits(double *logits, struct ctr_rig *rig, const struct sgeo_ctr_batch *rows,
                          double factor)
{
    struct sgeo_ctr_use scaled = rig->use;
    struct sgeo_ctr_pass *pass = NULL;
    const double *got = NULL;
    bool head_only = rig->use.head_only, tables_learn = sgeo_ctr_tables_learn(&rig->use);
    scaled.theta = sgeo_store_vector(rig->store);
    scaled.tables = sgeo_embedding_vector(rig->embedding);
    for (size_t s = 0; s < sgeo_store_count(rig->store); s++) {
        double *values = rig_segment(rig->store, rig->use.theta, s);
        bool scales =
            !head_only || strncmp(sgeo_store_segment(rig->store, s)->name, "head", 4) == 0;
        for (size_t i = 0; scales && i < sgeo_store_segment(rig->store, s)->count; i++) {
            values[i] *= factor;
        }
        sgeo_store_import(rig->store, scaled.theta, s, values);
        sgeo_free(values);
    }
    for (size_t i = 0; i < sgeo_embedding_total(rig->embedding); i++) {
        ctr_set(rig, scaled.tables, i,
                ctr_element(rig, rig->use.tables, i) * (tables_learn ? factor : 1.0));
    }
    rig_ok(sgeo_ctr_pass_create(&pass, &scaled, N, SGEO_CTR_LOGITS));
    rig_ok(sgeo_ctr_pass_logits(pass, &rows->features, &got));
    memcpy(logits, got, N * sizeof *logits);
    sgeo_ctr_pass_destroy(pass);
    sgeo_free(scaled.theta);
    sgeo_free(scaled.tables);
}

/* Loop index 0: all parameters, 1: the last layer, 2: all but the tables. */
START_TEST(test_ctr_fisher_rao_equals_differences_of_each_rows_loss)
{
    static const double h = 1e-5;
    struct twins twins;
    double low[N], high[N], squares = 0.0;
    twins_open(&twins, SGEO_F64);
    twins.sparse.use.head_only = _i == 1;
    twins.sparse.use.frozen_tables = _i == 2;
    struct sgeo_ctr_measurement got =
        measured(&twins.sparse.use, twins.batches, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
    for (size_t b = 0; b < K; b++) {
        double dot = 0.0;
        scaled_logits(low, &twins.sparse, &twins.batches[b], 1.0 - h);
        scaled_logits(high, &twins.sparse, &twins.batches[b], 1.0 + h);
        for (size_t n = 0; n < N; n++) {
            double sign = twins.labels[b][n] ? -1.0 : 1.0;
            double expected = (log1p(exp(sign * high[n])) - log1p(exp(sign * low[n]))) / (2.0 * h);
            ck_assert_double_eq_tol(got.evidence.dloss_dalpha[b * N + n], expected, 1e-8);
            squares += expected * expected / (K * N);
            dot += expected / N;
        }
        ck_assert_double_eq_tol(got.evidence.theta_dot[b], dot, 1e-8);
    }
    struct sgeo_score score;
    sgeo_proxy_sigeo_eq6.score(&score, &got.evidence, false, NULL);
    ck_assert_double_eq_tol(score.term_fr, log(squares), 1e-6);
    sgeo_ctr_measurement_destroy(&got);
    twins_close(&twins);
}
END_TEST

/* --- the weights, the names, and what cannot be --- */

START_TEST(test_ctr_lambda_of_zico_gives_the_zico_term)
{
    struct twins twins;
    struct sgeo_score zico, score;
    twins_open(&twins, precisions[_i]);
    struct sgeo_ctr_measurement got = measured(
        &twins.sparse.use, twins.batches, SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_NASREC);
    sgeo_proxy_zico.score(&zico, &got.evidence, false, NULL);
    sgeo_proxy_sigeo_eq6.score(&score, &got.evidence, true, &zico_only);
    ck_assert(isfinite(score.value) && score.value == zico.value);
    sgeo_proxy_sigeo_nasrec.score(&score, &got.evidence, true, &zico_only);
    ck_assert(isfinite(score.value) && score.value == score.term_zico);
    const struct sgeo_lambda cold = sgeo_ctr_default_lambda(false);
    const struct sgeo_lambda warm = sgeo_ctr_default_lambda(true);
    ck_assert(cold.zico == 1.0 && cold.fr == 1.0 && cold.loss == 0.0);
    ck_assert(warm.zico == 1.0 && warm.fr == 1.0 && warm.loss == 1.0);
    sgeo_ctr_measurement_destroy(&got);
    twins_close(&twins);
}
END_TEST

START_TEST(test_ctr_proxies_are_found_by_name)
{
    for (size_t p = 0; sgeo_ctr_proxy_all()[p] != NULL; p++) {
        ck_assert_ptr_eq(sgeo_ctr_proxy_find(sgeo_ctr_proxy_all()[p]->name),
                         sgeo_ctr_proxy_all()[p]);
    }
    ck_assert_ptr_eq(sgeo_ctr_proxy_find("sigeo"), &sgeo_proxy_sigeo_nasrec);
    ck_assert_ptr_null(sgeo_ctr_proxy_find("naswot"));
    ck_assert_ptr_null(sgeo_proxy_find("sigeo-nasrec")); /* not of images */
}
END_TEST

START_TEST(test_ctr_measure_refuses_numbers_of_batches)
{
    static const size_t wrong[3] = {0, 1, 17};
    struct twins twins;
    struct sgeo_ctr_measurement measurement;
    twins_open(&twins, SGEO_F32);
    const struct sgeo_ctr_measure_request request = {.use = &twins.sparse.use,
                                                     .batches = twins.batches,
                                                     .k = wrong[_i],
                                                     .passes = SGEO_PASS_NASREC};
    ck_assert_int_eq(sgeo_ctr_measure(&measurement, &request), SGEO_USAGE);
    twins_close(&twins);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr scores");
    TCase *tcase = tcase_create("ctr scores");
    tcase_add_loop_test(tcase, test_ctr_scores_of_the_golden_toy, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_nasrec_pass_leaves_the_model, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_nasrec_without_deviation_is_nan, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_zico_of_the_last_layer_equals_the_sum_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_tables_count_as_linear_layers_on_one_hot_vectors, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_steps_of_tables_equal_those_of_linear_layers, 0, 2);
    tcase_add_test(tcase, test_ctr_frozen_tables_leave_the_networks_layers);
    tcase_add_loop_test(tcase, test_ctr_measurements_take_their_memory_again, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_measurements_of_the_last_layer_take_one_vector, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_fisher_rao_equals_differences_of_each_rows_loss, 0, 3);
    tcase_add_loop_test(tcase, test_ctr_lambda_of_zico_gives_the_zico_term, 0, 2);
    tcase_add_test(tcase, test_ctr_proxies_are_found_by_name);
    tcase_add_loop_test(tcase, test_ctr_measure_refuses_numbers_of_batches, 0, 3);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
