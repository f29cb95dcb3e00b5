/*
 * What is done with gradients of touched rows equals the same on dense gradients, in both
 * precisions (loop index 0: double, 1: float).
 */
#include "graph/table_learn.h"

#include "graph/rig.h"

enum { FIELDS = 2, DIM = 5, N = 6, K = 4, WIDTH = 1 + FIELDS * DIM + FIELDS };

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
static const struct sgeo_feature_layout layout = {
    .dense = 1, .fields = FIELDS, .dim = DIM, .first_order = true};
static const size_t table_rows[FIELDS] = {5, 9};
static const double dense[N] = {0};

static struct sgeo_backend *backend;
static struct sgeo_pool *pool;
static struct sgeo_embedding *embedding;
static struct sgeo_table_gradient *gradients[K];

static double element(const void *elements, size_t i)
{
    return backend->ops->precision == SGEO_F64 ? ((const double *)elements)[i]
                                               : (double)((const float *)elements)[i];
}

/* K gradients of different rows, some of them touched twice, some by one batch alone. */
static void open_gradients(int precision)
{
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){.precision = precisions[precision]}));
    rig_ok(sgeo_embedding_create(&embedding, backend, &layout, table_rows));
    pool = sgeo_pool_create();
    for (size_t b = 0; b < K; b++) {
        char name[16];
        int32_t indices[FIELDS * N];
        snprintf(name, sizeof name, "batch%zu", b);
        double *d_input = rig_random(name, (size_t)N * WIDTH, -1.0, 1.0);
        void *elements = rig_elements(backend, d_input, (size_t)N * WIDTH);
        struct sgeo_rng rng = sgeo_rng_stream(5, name, 1);
        for (size_t i = 0; i < (size_t)FIELDS * N; i++) {
            indices[i] = (int32_t)sgeo_rng_below(&rng, table_rows[i / N] - 1); /* never the last */
        }
        const struct sgeo_feature_batch batch = {.n = N, .dense = dense, .indices = indices};
        rig_ok(sgeo_table_gradient_create(&gradients[b], embedding, pool, N));
        sgeo_table_gradient_gather(gradients[b], &batch, elements);
        sgeo_free(elements);
        sgeo_free(d_input);
    }
}

static void close_gradients(void)
{
    for (size_t b = 0; b < K; b++) {
        sgeo_table_gradient_destroy(gradients[b]);
    }
    sgeo_pool_destroy(pool);
    sgeo_embedding_destroy(embedding);
    sgeo_backend_destroy(backend);
}

/* The gradient as a vector of all tables. */
static void *dense_gradient(const struct sgeo_table_gradient *gradient)
{
    double *values = rig_zeros(sgeo_embedding_total(embedding), sizeof *values);
    for (size_t t = 0; t < sgeo_embedding_tables(embedding); t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        const struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        for (size_t i = 0; i < touched.count * touched.dim; i++) {
            values[table->offset + touched.rows[i / touched.dim] * touched.dim + i % touched.dim] =
                element(sgeo_table_gradient_values(gradient, t), i);
        }
    }
    void *elements = rig_elements(backend, values, sgeo_embedding_total(embedding));
    sgeo_free(values);
    return elements;
}

START_TEST(test_table_adagrad_equals_the_dense_step)
{
    open_gradients(_i);
    size_t total = sgeo_embedding_total(embedding);
    void *vectors[4]; /* tables and squares, by rows and dense */
    for (size_t v = 0; v < 4; v++) {
        vectors[v] = sgeo_embedding_vector(embedding);
    }
    sgeo_embedding_init_random(embedding, vectors[0], 3, 0);
    memcpy(vectors[2], vectors[0], total * backend->ops->elem_bytes);
    for (size_t b = 0; b < K; b++) {
        void *grad = dense_gradient(gradients[b]);
        sgeo_table_adagrad(vectors[0], vectors[1], embedding, gradients[b], 0.1, 0.01);
        backend->ops->adagrad_step(backend, vectors[2], vectors[3], grad, 0.1, 0.01, total);
        sgeo_free(grad);
    }
    for (size_t i = 0; i < total; i++) {
        ck_assert_double_eq_tol(element(vectors[0], i), element(vectors[2], i), 2e-7);
        ck_assert_double_eq_tol(element(vectors[1], i), element(vectors[3], i), 2e-6);
    }
    ck_assert(element(vectors[1], 0) > 0.0);
    for (size_t v = 0; v < 4; v++) {
        sgeo_free(vectors[v]);
    }
    close_gradients();
}
END_TEST

START_TEST(test_table_moments_equal_the_dense_ones)
{
    open_gradients(_i);
    void *theta = sgeo_embedding_vector(embedding), *grads[K];
    sgeo_embedding_init_random(embedding, theta, 3, 0);
    for (size_t b = 0; b < K; b++) {
        grads[b] = dense_gradient(gradients[b]);
    }
    for (size_t t = 0; t < sgeo_embedding_tables(embedding); t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        struct sgeo_moments got, expected;
        size_t at = table->offset * backend->ops->elem_bytes;
        const void *g[K];
        for (size_t b = 0; b < K; b++) {
            g[b] = (const unsigned char *)grads[b] + at;
        }
        rig_ok(sgeo_table_moments(&got, embedding, t,
                                  (const struct sgeo_table_gradient *const *)gradients, K, theta));
        backend->ops->grad_moments(backend, &expected, g, K, (const unsigned char *)theta + at,
                                   table->rows * table->dim);
        ck_assert_double_eq_tol(got.ratio_sum / expected.ratio_sum, 1.0, 1e-6);
        ck_assert_double_eq_tol(got.theta_dot, expected.theta_dot, 1e-6);
        ck_assert_uint_eq(got.zero_std, expected.zero_std);
        ck_assert_uint_ge(got.zero_std, table->dim);
        rig_ok(sgeo_table_moments(&got, embedding, t,
                                  (const struct sgeo_table_gradient *const *)gradients, K, NULL));
        ck_assert(got.theta_dot == 0.0);
    }
    for (size_t b = 0; b < K; b++) {
        sgeo_free(grads[b]);
    }
    sgeo_free(theta);
    close_gradients();
}
END_TEST

START_TEST(test_table_gradient_has_the_dense_norm_and_scales)
{
    open_gradients(_i);
    void *grad = dense_gradient(gradients[1]);
    size_t total = sgeo_embedding_total(embedding);
    double squares = backend->ops->dot(backend, grad, grad, total);
    ck_assert(squares > 0.0);
    ck_assert_double_eq_tol(sgeo_table_gradient_squares(gradients[1]) / squares, 1.0, 1e-12);
    sgeo_table_gradient_scale(gradients[1], 0.5);
    void *half = dense_gradient(gradients[1]);
    for (size_t i = 0; i < total; i++) {
        ck_assert(element(half, i) == 0.5 * element(grad, i));
    }
    sgeo_free(half);
    sgeo_free(grad);
    close_gradients();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table learning");
    TCase *tcase = tcase_create("table learning");
    tcase_add_loop_test(tcase, test_table_adagrad_equals_the_dense_step, 0, 2);
    tcase_add_loop_test(tcase, test_table_moments_equal_the_dense_ones, 0, 2);
    tcase_add_loop_test(tcase, test_table_gradient_has_the_dense_norm_and_scales, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
