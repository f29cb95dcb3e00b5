/*
 * d l_n / d alpha of every image, sigeo-eq6's Fisher-Rao, two independent ways: <theta, grad l_n>
 * with each image's own backward pass, and central differences of alpha.
 */
#include "proxy/cells.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum { GRAPHS = 5 };

static struct sgeo_graph *graph_of(size_t i)
{
    return i == 0   ? cells_graph(CELL_MIXED)
           : i == 1 ? cells_graph(CELL_FROM_ZERO)
                    : cells_random_graph(i);
}

/* sum over L of <theta, own->grad>. */
static double theta_dot(const struct cells_network *own)
{
    double dot = 0.0;
    for (size_t s = 0; s < sgeo_store_count(own->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(own->store, s);
        double *w = rig_segment(own->store, own->theta, s),
               *g = rig_segment(own->store, own->grad, s);
        for (size_t i = 0; i < segment->count && sgeo_segment_in_l(segment); i++) {
            dot += w[i] * g[i];
        }
        sgeo_free(w);
        sgeo_free(g);
    }
    return dot;
}

/* l_n alone, through the batch statistics of all: d_logits with row n only, not divided by the
 * batch. */
static double image_derivative(struct cells_network *own, const struct cells *cells, size_t b,
                               size_t n)
{
    struct sgeo_targets targets = cells_targets(cells, b);
    double all[CELLS_BATCH * 5], one[CELLS_BATCH * 5] = {0};
    rig_ok(sgeo_network_forward(own->network, cells_batch_images(cells, b)));
    sgeo_cross_entropy(NULL, all, sgeo_network_logits(own->network), &targets, CELLS_BATCH, 5);
    for (size_t c = 0; c < 5; c++) {
        one[n * 5 + c] = all[n * 5 + c] * CELLS_BATCH;
    }
    rig_ok(sgeo_network_backward(own->network, one));
    return theta_dot(own);
}

START_TEST(test_fisher_equals_the_gradient_of_each_image)
{
    for (size_t g = 0; g < GRAPHS; g++) {
        struct cells cells;
        struct cells_network own;
        struct sgeo_graph *graph = graph_of(g);
        double expected[CELLS_IMAGES], tolerance = _i == 0 ? 1e-10 : 2e-4;
        cells_open(&cells, precisions[_i]);
        cells_network_open(&own, &cells, graph, cells_fill);
        for (size_t n = 0; n < CELLS_IMAGES; n++) {
            expected[n] = image_derivative(&own, &cells, n / CELLS_BATCH, n % CELLS_BATCH);
        }
        cells_network_close(&own);
        const struct sgeo_evidence *evidence =
            cells_measure(&cells, graph, cells_fill, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
        ck_assert(rig_largest(expected, CELLS_IMAGES) > 0.05);
        rig_assert_near(evidence->dloss_dalpha, expected, CELLS_IMAGES,
                        rig_largest(expected, CELLS_IMAGES), tolerance, "d l_n / d alpha");
        cells_close(&cells);
        sgeo_graph_destroy(graph);
    }
}
END_TEST

START_TEST(test_fisher_equals_differences_of_alpha)
{
    static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
    const double h = 1e-6;
    struct cells cells;
    struct cells_network own;
    struct sgeo_graph *graph = graph_of((size_t)_i);
    double losses[4][CELLS_IMAGES], expected[CELLS_IMAGES];
    cells_open(&cells, SGEO_F64);
    cells_network_open(&own, &cells, graph, cells_fill);
    void *scaled = sgeo_store_vector(own.store);
    sgeo_network_bind(own.network, scaled, own.grad, NULL);
    for (size_t p = 0; p < 4; p++) {
        rig_scale_weights(own.store, scaled, own.theta, 1.0 + h * steps[p]);
        for (size_t b = 0; b < CELLS_K; b++) {
            struct sgeo_targets targets = cells_targets(&cells, b);
            rig_ok(sgeo_network_forward(own.network, cells_batch_images(&cells, b)));
            sgeo_cross_entropy(losses[p] + b * CELLS_BATCH, NULL, sgeo_network_logits(own.network),
                               &targets, CELLS_BATCH, 5);
        }
    }
    for (size_t n = 0; n < CELLS_IMAGES; n++) {
        const double f[4] = {losses[0][n], losses[1][n], losses[2][n], losses[3][n]};
        expected[n] = rig_difference(f, h);
    }
    sgeo_free(scaled);
    cells_network_close(&own);
    const struct sgeo_evidence *evidence =
        cells_measure(&cells, graph, cells_fill, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
    rig_assert_near(evidence->dloss_dalpha, expected, CELLS_IMAGES,
                    rig_largest(expected, CELLS_IMAGES), 1e-7, "d l_n / d alpha");
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* The batch's <theta, g> is the mean of its images' derivatives. */
START_TEST(test_fisher_means_equal_theta_dot_of_the_batches)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence =
        cells_measure(&cells, graph, cells_fill, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
    for (size_t b = 0; b < CELLS_K; b++) {
        double mean = 0.0;
        for (size_t n = 0; n < CELLS_BATCH; n++) {
            mean += evidence->dloss_dalpha[b * CELLS_BATCH + n] / CELLS_BATCH;
        }
        ck_assert_double_eq_tol(evidence->theta_dot[b], mean, _i == 0 ? 1e-12 : 1e-5);
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_fisher_term_is_the_log_of_the_mean_square)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    struct sgeo_score score;
    double sum = 0.0, losses = 0.0;
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence =
        cells_measure(&cells, graph, cells_fill, sgeo_proxy_sigeo_eq6.passes);
    sgeo_proxy_sigeo_eq6.score(&score, evidence, false, NULL);
    for (size_t n = 0; n < CELLS_IMAGES; n++) {
        sum += pow(evidence->dloss_dalpha[n], 2.0);
    }
    for (size_t b = 0; b < CELLS_K; b++) {
        losses += evidence->losses[b];
    }
    ck_assert_double_eq_tol(score.term_fr, log(sum / CELLS_IMAGES), 1e-12);
    ck_assert_double_eq_tol(score.term_loss, losses / CELLS_K, 1e-12);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fisher");
    TCase *tcase = tcase_create("per image");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_fisher_equals_the_gradient_of_each_image, 0, 2);
    tcase_add_loop_test(tcase, test_fisher_equals_differences_of_alpha, 0, GRAPHS);
    tcase_add_loop_test(tcase, test_fisher_means_equal_theta_dot_of_the_batches, 0, 2);
    tcase_add_loop_test(tcase, test_fisher_term_is_the_log_of_the_mean_square, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
