/*
 * Training of recommender models in both precisions (loop index 0: double, 1: float): the schedule
 * and a step against numbers by hand, learning of planted data, freezing, evaluation.
 */
#include "space/ctr_train.h"

#include "space/ctr_rig.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

/* The published training's 716 steps: the values that its own code printed, to their digits. */
START_TEST(test_ctr_schedule_is_the_published_one)
{
    const struct sgeo_ctr_schedule schedule = sgeo_ctr_standard_schedule(716, 0.12);
    ck_assert(sgeo_ctr_schedule_lr(&schedule, 0) == 1e-8);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 1), 0.00169, 5e-6);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 2), 0.00338, 5e-6);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 71), 0.12, 1e-15);
    ck_assert_double_lt(sgeo_ctr_schedule_lr(&schedule, 70), 0.12);
    ck_assert_double_lt(sgeo_ctr_schedule_lr(&schedule, 72), 0.12);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 715), 7e-7, 5e-8);
}
END_TEST

START_TEST(test_ctr_one_shot_schedule_warms_up_for_fifty_steps)
{
    const struct sgeo_ctr_schedule schedule = sgeo_ctr_one_shot_schedule(500);
    ck_assert(sgeo_ctr_schedule_lr(&schedule, 0) == 1e-8);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 1), 8e-4, 1e-8);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 2), 1.6e-3, 1e-8);
    ck_assert_double_eq_tol(sgeo_ctr_schedule_lr(&schedule, 50), 0.04, 1e-15);
}
END_TEST

/* --- one step by hand --- */

static enum sgeo_status read_two(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                 void *context)
{
    const struct ctr_rig *rig = context;
    (void)first;
    ck_assert_uint_eq(n, 2);
    ctr_set(rig, rows->dense, 0, 40.0);
    ctr_set(rig, rows->dense, 1, -24.0);
    rows->indices[0] = 2;
    rows->indices[1] = 0;
    rows->labels[0] = 0;
    rows->labels[1] = 1;
    return SGEO_OK;
}

/* Of rows 40 (label 0) and -24 (label 1), one field of three rows of two numbers, at weights
 * (0 | 3, -4) and no tables: p = 1/2, so that with d = +-1/4
 *   dense weight: 40/4 + 24/4 = 16; bias 0; row 2: (3,-4)/4, row 0: -(3,-4)/4
 * of norm sqrt(256 + 25/16 + 25/16), scaled to 5. Adagrad then divides g by |g| + 0.01. */
START_TEST(test_ctr_step_equals_the_step_by_hand)
{
    static const size_t table_rows[1] = {3};
    const struct sgeo_feature_layout layout = {.dense = 1, .fields = 1, .dim = 2};
    static const double weights[3] = {0.0, 3.0, -4.0}, no_bias[1] = {0.0};
    struct ctr_rig rig;
    struct sgeo_ctr_training_result result;
    ctr_open(&rig, precisions[_i], ctr_graph(&layout, 0), &layout, table_rows);
    sgeo_store_import(rig.store, rig.use.theta, 0, weights);
    sgeo_store_import(rig.store, rig.use.theta, 1, no_bias);
    memset(rig.use.tables, 0, 6 * rig.backend->ops->elem_bytes);
    const struct sgeo_ctr_training training = {
        .schedule = {.steps = 1, .peak = 0.1, .floor = 1e-8},
        .source = {.rows = 2, .read = read_two, .context = &rig},
        .batch = 2};
    rig_ok(sgeo_ctr_train(&result, &rig.use, &rig.squares, &training));
    double tol = _i == 0 ? 1e-15 : 3e-8;
    double factor = 5.0 / (sqrt(256.0 + 25.0 / 8.0) + 1e-6);
    double g[3] = {16.0 * factor, 0.75 * factor, 1.0 * factor}, step[3];
    for (size_t i = 0; i < 3; i++) {
        step[i] = 0.1 * g[i] / (g[i] + 0.01);
    }
    ck_assert_uint_eq(result.steps, 1);
    ck_assert_double_eq_tol(result.last_loss, log(2.0), 1e-12);
    double *wei = rig_segment(rig.store, rig.use.theta, 0);
    double *bias = rig_segment(rig.store, rig.use.theta, 1);
    ck_assert_double_eq_tol(wei[0], -step[0], tol);
    ck_assert(wei[1] == 3.0 && wei[2] == -4.0 && bias[0] == 0.0);
    const double tables[6] = {step[1], -step[2], 0.0, 0.0, -step[1], step[2]};
    for (size_t i = 0; i < 6; i++) {
        ck_assert_double_eq_tol(ctr_element(&rig, rig.use.tables, i), tables[i], tol);
    }
    ck_assert_double_eq_tol(ctr_element(&rig, rig.squares.tables, 5), g[2] * g[2], 10 * tol);
    sgeo_free(wei);
    sgeo_free(bias);
    ctr_close(&rig);
}
END_TEST

/* A gradient shorter than the limit stays as it is, bit for bit. */
START_TEST(test_ctr_clipping_leaves_short_gradients)
{
    struct ctr_rig rig;
    struct sgeo_ctr_pass *pass = NULL;
    struct sgeo_ctr_gradient gradient;
    double loss;
    ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 5), &ctr_layout, ctr_table_rows);
    struct ctr_planted planted = {.backend = rig.backend};
    int32_t indices[CTR_FIELDS * 8];
    uint16_t labels[8];
    void *dense = rig_zeros((size_t)8 * CTR_DENSE, rig.backend->ops->elem_bytes);
    const struct sgeo_ctr_buffer buffer = {dense, indices, labels, NULL};
    rig_ok(ctr_read(&buffer, 0, 8, &planted));
    const struct sgeo_ctr_batch rows = {{8, dense, indices, NULL}, labels};
    rig_ok(sgeo_ctr_gradient_create(&gradient, &rig.use, 8));
    rig_ok(sgeo_ctr_pass_create(&pass, &rig.use, 8, SGEO_CTR_GRADIENTS));
    rig_ok(sgeo_ctr_pass_gradient(pass, &gradient, &rows, &loss));
    double norm = sgeo_ctr_pass_clip(pass, &gradient, 1e6);
    ck_assert(norm > 0.0 && sgeo_ctr_pass_clip(pass, &gradient, 1e6) == norm);
    ck_assert_double_eq_tol(sgeo_ctr_pass_clip(pass, &gradient, norm / 4.0), norm, 1e-6 * norm);
    ck_assert_double_eq_tol(sgeo_ctr_pass_clip(pass, &gradient, 1e6), norm / 4.0, 1e-5 * norm);
    sgeo_ctr_pass_destroy(pass);
    sgeo_ctr_gradient_destroy(&gradient);
    sgeo_free(dense);
    ctr_close(&rig);
}
END_TEST

/* --- learning --- */

enum { TRAIN_ROWS = 16384, VALID_ROWS = 4099, BATCH = 128, STEPS = 1024 };

/* What the validation rows allow: the loss of their true probabilities, and of their base rate. */
static void known_losses(double *bayes, double *base)
{
    double clicks = 0.0;
    *bayes = 0.0;
    for (size_t i = 0; i < VALID_ROWS; i++) {
        const struct ctr_planted_row row = ctr_planted_row(TRAIN_ROWS + i);
        *bayes += log1p(exp(row.label ? -row.logit : row.logit)) / VALID_ROWS;
        clicks += row.label;
    }
    double p = clicks / VALID_ROWS;
    *base = -p * log(p) - (1.0 - p) * log(1.0 - p);
}

static double validation_loss(const struct ctr_rig *rig, double *logits, size_t batch)
{
    struct ctr_planted planted = {.backend = rig->backend, .shift = TRAIN_ROWS};
    const struct sgeo_ctr_feed source = {VALID_ROWS, ctr_read, &planted};
    uint16_t *labels = rig_zeros(VALID_ROWS, sizeof *labels);
    rig_ok(sgeo_ctr_evaluate(logits, labels, &rig->use, &source, batch));
    const struct sgeo_targets targets = {.labels = labels};
    double loss = sgeo_cross_entropy(NULL, NULL, logits, &targets, VALID_ROWS, 1);
    sgeo_free(labels);
    return loss;
}

static struct sgeo_ctr_training_result train(struct ctr_rig *rig, size_t steps)
{
    struct sgeo_ctr_training_result result;
    struct ctr_planted planted = {.backend = rig->backend};
    const struct sgeo_ctr_training training = {.schedule = sgeo_ctr_standard_schedule(steps, 0.1),
                                               .source = {TRAIN_ROWS, ctr_read, &planted},
                                               .batch = BATCH};
    rig_ok(sgeo_ctr_train(&result, &rig->use, &rig->squares, &training));
    ck_assert_uint_eq(result.steps, steps);
    ck_assert(!result.diverged);
    return result;
}

START_TEST(test_ctr_model_learns_planted_data)
{
    struct ctr_rig rig;
    double bayes, base, *logits = rig_zeros(VALID_ROWS, sizeof *logits);
    known_losses(&bayes, &base);
    ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 16), &ctr_layout, ctr_table_rows);
    train(&rig, STEPS);
    double loss = validation_loss(&rig, logits, 512);
    ck_assert_msg(loss < bayes + 0.05 * (base - bayes), "loss %g, bayes %g, base rate %g", loss,
                  bayes, base);
    ck_assert_msg(loss > bayes - 0.05 * (base - bayes), "loss %g, bayes %g", loss, bayes);
    sgeo_free(logits);
    ctr_close(&rig);
}
END_TEST

/* Evaluation of any batch size, also with a rest, gives the same logits. */
START_TEST(test_ctr_training_and_evaluation_are_deterministic)
{
    double *logits[2];
    for (size_t r = 0; r < 2; r++) {
        struct ctr_rig rig;
        logits[r] = rig_zeros(VALID_ROWS, sizeof **logits);
        ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 16), &ctr_layout, ctr_table_rows);
        train(&rig, 20);
        double loss = validation_loss(&rig, logits[r], 512);
        double *others = rig_zeros(VALID_ROWS, sizeof *others);
        ck_assert_double_eq_tol(validation_loss(&rig, others, 8192), loss, 1e-7);
        for (size_t i = 0; i < VALID_ROWS; i++) {
            ck_assert_double_eq_tol(others[i], logits[r][i], 1e-5);
        }
        sgeo_free(others);
        ctr_close(&rig);
    }
    ck_assert_mem_eq(logits[0], logits[1], VALID_ROWS * sizeof **logits);
    sgeo_free(logits[0]);
    sgeo_free(logits[1]);
}
END_TEST

/* --- the head alone --- */

START_TEST(test_ctr_head_alone_learns_when_the_rest_is_frozen)
{
    struct ctr_rig rig;
    ctr_open(&rig, precisions[_i], ctr_graph(&ctr_layout, 16), &ctr_layout, ctr_table_rows);
    size_t tables = sgeo_embedding_total(rig.embedding) * rig.backend->ops->elem_bytes;
    void *start = sgeo_embedding_vector(rig.embedding);
    double *hidden[2], *head[2], *logits = rig_zeros(VALID_ROWS, sizeof *logits);
    memcpy(start, rig.use.tables, tables);
    rig.use.head_only = true;
    sgeo_free(rig.squares.tables);
    rig.squares.tables = NULL;
    double before = validation_loss(&rig, logits, 512);
    for (size_t when = 0; when < 2; when++) {
        hidden[when] = rig_segment(rig.store, rig.use.theta, 0);
        head[when] = rig_segment(rig.store, rig.use.theta, 2);
        if (when == 0) {
            train(&rig, 100);
        }
    }
    ck_assert_mem_eq(start, rig.use.tables, tables);
    ck_assert_mem_eq(hidden[0], hidden[1],
                     sgeo_store_segment(rig.store, 0)->count * sizeof(double));
    ck_assert(head[0][0] != head[1][0]);
    ck_assert_double_lt(validation_loss(&rig, logits, 512), before);
    for (size_t when = 0; when < 2; when++) {
        sgeo_free(hidden[when]);
        sgeo_free(head[when]);
    }
    sgeo_free(logits);
    sgeo_free(start);
    ctr_close(&rig);
}
END_TEST

/* --- what cannot be --- */

static enum sgeo_status read_nothing(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                     void *context)
{
    (void)rows;
    (void)context;
    return sgeo_fail(SGEO_IO, NULL, "rows %zu to %zu are not there", first, first + n - 1);
}

START_TEST(test_ctr_training_hands_on_the_readers_error)
{
    struct ctr_rig rig;
    struct sgeo_ctr_training_result result;
    ctr_open(&rig, SGEO_F32, ctr_graph(&ctr_layout, 4), &ctr_layout, ctr_table_rows);
    struct sgeo_ctr_training training = {.schedule = sgeo_ctr_standard_schedule(3, 0.1),
                                         .source = {64, read_nothing, NULL},
                                         .batch = 32};
    ck_assert_int_eq(sgeo_ctr_train(&result, &rig.use, &rig.squares, &training), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "rows 0 to 31"));
    training.batch = 65;
    ck_assert_int_eq(sgeo_ctr_train(&result, &rig.use, &rig.squares, &training), SGEO_USAGE);
    ctr_close(&rig);
}
END_TEST

START_TEST(test_ctr_networks_that_do_not_fit_are_refused)
{
    struct ctr_rig rig;
    struct sgeo_ctr_pass *pass = NULL;
    struct sgeo_feature_layout wide = ctr_layout;
    wide.dense++;
    ctr_open(&rig, SGEO_F32, ctr_graph(&wide, 4), &ctr_layout, ctr_table_rows);
    ck_assert_int_eq(sgeo_ctr_pass_create(&pass, &rig.use, 4, SGEO_CTR_LOGITS), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "15 numbers, its tables give 14"));
    ctr_close(&rig);
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t input = sgeo_graph_matrix_input(graph, 14);
    size_t parts[2] = {sgeo_graph_linear(graph, input, "a", 1),
                       sgeo_graph_linear(graph, input, "b", 1)};
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_padded_sum(graph, parts, 2, 1)));
    ctr_open(&rig, SGEO_F32, graph, &ctr_layout, ctr_table_rows);
    rig.use.head_only = true;
    ck_assert_int_eq(sgeo_ctr_pass_create(&pass, &rig.use, 4, SGEO_CTR_GRADIENTS),
                     SGEO_UNSUPPORTED);
    ck_assert_ptr_null(pass);
    ctr_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr training");
    TCase *tcase = tcase_create("ctr training");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_ctr_schedule_is_the_published_one);
    tcase_add_test(tcase, test_ctr_one_shot_schedule_warms_up_for_fifty_steps);
    tcase_add_loop_test(tcase, test_ctr_step_equals_the_step_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_clipping_leaves_short_gradients, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_model_learns_planted_data, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_training_and_evaluation_are_deterministic, 0, 2);
    tcase_add_loop_test(tcase, test_ctr_head_alone_learns_when_the_rest_is_frozen, 0, 2);
    tcase_add_test(tcase, test_ctr_training_hands_on_the_readers_error);
    tcase_add_test(tcase, test_ctr_networks_that_do_not_fit_are_refused);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
