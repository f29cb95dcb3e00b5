/*
 * The tangent of the backward pass and the gradient by the images against central differences, in
 * double (loop index: the network).
 */
#include "graph/networks.h"

enum { IMAGE_ELEMS = RIG_BATCH * RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS, PIXELS_TRIED = 12 };

static const struct sgeo_network_options with_curvature = {
    .batch = RIG_BATCH, .backward = true, .tangent = true, .curvature = true};
static const struct sgeo_network_options with_input_gradient = {
    .batch = RIG_BATCH, .backward = true, .input_gradient = true};

static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
static const double step_sizes[] = {2e-5, 2e-6,
                                    4e-7}; /* a ReLU may switch within the larger ones */

static char name[64];

/* Gradients at theta with the weights of L scaled by 1 + h * step, one vector a step. */
static void gradients_around(struct rig *rig, void *vectors[4], double h)
{
    void *scaled = sgeo_store_vector(rig->store), *kept = rig->grad;
    ck_assert_ptr_nonnull(scaled);
    for (size_t p = 0; p < 4; p++) {
        rig_scale_weights(rig->store, scaled, rig->theta, 1.0 + h * steps[p]);
        rig->grad = vectors[p];
        rig_bind(rig, scaled);
        rig_gradient(rig);
    }
    rig->grad = kept;
    rig_bind(rig, rig->theta);
    sgeo_free(scaled);
}

/* Largest error of the curvature in L against differences, and the largest difference. */
static double curvature_error(struct rig *rig, void *vectors[4], double h, double *largest)
{
    double error = 0.0;
    *largest = 0.0;
    gradients_around(rig, vectors, h);
    for (size_t s = 0; s < sgeo_store_count(rig->store); s++) {
        struct sgeo_place place = sgeo_store_place(rig->store, s);
        if (!sgeo_segment_in_l(sgeo_store_segment(rig->store, s))) {
            continue;
        }
        for (size_t i = place.offset; i < place.offset + place.elems; i++) {
            double f[4];
            for (size_t p = 0; p < 4; p++) {
                f[p] = ((const double *)vectors[p])[i];
            }
            double expected = rig_difference(f, h);
            error = fmax(error, fabs(expected - ((const double *)rig->grad)[i]));
            *largest = fmax(*largest, fabs(expected));
        }
    }
    return error;
}

START_TEST(test_curvature_equals_differences_of_the_gradient)
{
    struct rig rig;
    void *vectors[4];
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &with_curvature);
    struct sgeo_targets targets = rig_targets(&rig);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    rig_ok(sgeo_network_curvature(rig.network, &targets));
    for (size_t p = 0; p < 4; p++) {
        vectors[p] = sgeo_store_vector(rig.store);
        ck_assert_ptr_nonnull(vectors[p]);
    }
    double error = (double)INFINITY, largest = 0.0;
    for (size_t h = 0; h < 3 && !(error <= 1e-6 * fmax(largest, 1e-3)); h++) {
        error = curvature_error(&rig, vectors, step_sizes[h], &largest);
    }
    ck_assert_msg(error <= 1e-6 * fmax(largest, 1e-3), "%s: off by %.3g, largest %.3g", name, error,
                  largest);
    for (size_t p = 0; p < 4; p++) {
        sgeo_free(vectors[p]);
    }
    rig_close(&rig);
}
END_TEST

/* Scale and shift of batch norms, and biases, have no place in the curvature. */
START_TEST(test_curvature_is_restricted_to_the_weights)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &with_curvature);
    struct sgeo_targets targets = rig_targets(&rig);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    rig_ok(sgeo_network_curvature(rig.network, &targets));
    for (size_t s = 0; s < sgeo_store_count(rig.store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(rig.store, s);
        double *values = rig_segment(rig.store, rig.grad, s);
        ck_assert(sgeo_segment_in_l(segment) || rig_largest(values, segment->count) == 0.0);
        sgeo_free(values);
    }
    rig_close(&rig);
}
END_TEST

/* The gradient of a network with the option, and after a curvature, has the same bits. */
START_TEST(test_curvature_leaves_the_gradient_alone)
{
    struct rig plain, curved;
    rig_open(&plain, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    rig_open(&curved, network_build((size_t)_i, name), SGEO_F64, &with_curvature);
    struct sgeo_targets targets = rig_targets(&curved);
    rig_ok(sgeo_network_forward(curved.network, curved.images));
    rig_ok(sgeo_network_curvature(curved.network, &targets));
    rig_gradient(&plain);
    rig_gradient(&curved);
    ck_assert_mem_eq(plain.grad, curved.grad, sgeo_store_total(plain.store) * sizeof(double));
    rig_close(&plain);
    rig_close(&curved);
}
END_TEST

/*
 * Of a block x + relu(bn(conv(x))) stay the convolution's output and every other sum, with their
 * tangents: three maps. The ReLU and the sums between come back when they are needed.
 */
START_TEST(test_curvature_keeps_three_maps_a_block)
{
    size_t bytes[2], map = 0;
    for (size_t longer = 0; longer < 2; longer++) {
        struct draft draft = {.graph = sgeo_graph_create()};
        struct rig rig;
        draft.image = sgeo_graph_input(draft.graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
        size_t x = draft_stem(&draft, 4);
        for (size_t i = 0; i < (longer == 0 ? 3 : 9); i++) {
            size_t norm = draft_norm(&draft, draft_conv(&draft, x, 4, networks_3x3), true);
            size_t both[] = {x, sgeo_graph_relu(draft.graph, norm)};
            x = sgeo_graph_sum(draft.graph, both, 2);
        }
        x = sgeo_graph_linear(draft.graph, sgeo_graph_global_mean(draft.graph, x), "head",
                              RIG_CLASSES);
        rig_ok(sgeo_graph_finish(draft.graph, x));
        rig_open(&rig, draft.graph, SGEO_F64, &with_curvature);
        struct sgeo_targets targets = rig_targets(&rig);
        rig_ok(sgeo_network_forward(rig.network, rig.images));
        rig_ok(sgeo_network_curvature(rig.network, &targets));
        bytes[longer] = sgeo_pool_peak(rig.pool);
        map = (size_t)RIG_BATCH * 4 * RIG_PIXELS * RIG_PIXELS * sizeof(double);
        rig_close(&rig);
    }
    ck_assert_uint_eq(bytes[1] - bytes[0], 6 * 3 * map);
}
END_TEST

/* d loss / d pixel by differences. */
static double pixel_difference(struct rig *rig, size_t pixel, double h)
{
    double *images = rig->images, kept = images[pixel], f[4];
    for (size_t p = 0; p < 4; p++) {
        images[pixel] = kept + h * steps[p];
        f[p] = rig_loss(rig);
    }
    images[pixel] = kept;
    return rig_difference(f, h);
}

START_TEST(test_input_gradient_equals_differences)
{
    struct rig rig;
    double *gradient = rig_zeros(IMAGE_ELEMS, sizeof *gradient);
    struct sgeo_rng rng = sgeo_rng_stream(11, "pixels", 0);
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &with_input_gradient);
    rig_gradient(&rig);
    sgeo_network_input_gradient(rig.network, gradient);
    double scale = fmax(rig_largest(gradient, IMAGE_ELEMS), 1e-4);
    for (size_t t = 0; t < PIXELS_TRIED; t++) {
        size_t pixel = (size_t)sgeo_rng_below(&rng, IMAGE_ELEMS);
        double expected = 0.0;
        bool agrees = false;
        for (size_t h = 0; h < 3 && !agrees; h++) {
            expected = pixel_difference(&rig, pixel, step_sizes[h]);
            agrees = fabs(gradient[pixel] - expected) <= 1e-5 * scale;
        }
        ck_assert_msg(agrees, "%s, pixel %zu: gradient %.12g, difference %.12g", name, pixel,
                      gradient[pixel], expected);
    }
    sgeo_free(gradient);
    rig_close(&rig);
}
END_TEST

START_TEST(test_input_gradient_of_floats_agrees_with_double)
{
    struct rig rigs[2];
    double *gradients[2];
    for (size_t r = 0; r < 2; r++) {
        gradients[r] = rig_zeros(IMAGE_ELEMS, sizeof **gradients);
        rig_open(&rigs[r], network_build((size_t)_i, name), r == 0 ? SGEO_F64 : SGEO_F32,
                 &with_input_gradient);
        rig_gradient(&rigs[r]);
        sgeo_network_input_gradient(rigs[r].network, gradients[r]);
    }
    rig_assert_near(gradients[1], gradients[0], IMAGE_ELEMS,
                    fmax(rig_largest(gradients[0], IMAGE_ELEMS), 1e-4), 1e-3, name);
    for (size_t r = 0; r < 2; r++) {
        sgeo_free(gradients[r]);
        rig_close(&rigs[r]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("curvature");
    TCase *tcase = tcase_create("every network");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_curvature_equals_differences_of_the_gradient, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_curvature_is_restricted_to_the_weights, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_curvature_leaves_the_gradient_alone, 0, NETWORKS);
    tcase_add_test(tcase, test_curvature_keeps_three_maps_a_block);
    tcase_add_loop_test(tcase, test_input_gradient_equals_differences, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_input_gradient_of_floats_agrees_with_double, 0, NETWORKS);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
