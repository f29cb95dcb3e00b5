/*
 * Embedding tables in both precisions (loop index 0: double, 1: float): places, initial numbers,
 * look-up, and gradients of touched rows, in a network against differences.
 */
#include "graph/embedding.h"

#include "base/hash.h"
#include "graph/rig.h"

enum { DENSE = 3, FIELDS = 2, DIM = 4, N = RIG_BATCH, WIDTH = DENSE + FIELDS * DIM + FIELDS };

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
static const struct sgeo_feature_layout layout = {
    .dense = DENSE, .fields = FIELDS, .dim = DIM, .first_order = true};
static const size_t table_rows[FIELDS] = {5, 7};
static const double dense[N * DENSE] = {0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 4, 5, 6, 7};
/* row 4 of field 0 twice, row 0 of field 1 three times */
static const int32_t indices[FIELDS * N] = {4, 1, 4, 0, 0, 6, 0, 0};

static struct sgeo_backend *backend;
static struct sgeo_embedding *embedding;
static void *tables, *dense_elements;

static void open_tables(int precision)
{
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){.precision = precisions[precision]}));
    rig_ok(sgeo_embedding_create(&embedding, backend, &layout, table_rows));
    tables = sgeo_embedding_vector(embedding);
    dense_elements = rig_elements(backend, dense, (size_t)N * DENSE);
    sgeo_embedding_init_formula(embedding, tables);
}

static void close_tables(void)
{
    sgeo_free(tables);
    sgeo_free(dense_elements);
    sgeo_embedding_destroy(embedding);
    sgeo_backend_destroy(backend);
}

static struct sgeo_feature_batch batch_of(void)
{
    return (struct sgeo_feature_batch){.n = N, .dense = dense_elements, .indices = indices};
}

/* Element i of backend elements. */
static double element(const void *elements, size_t i)
{
    return backend->ops->precision == SGEO_F64 ? ((const double *)elements)[i]
                                               : (double)((const float *)elements)[i];
}

static double stored(double value)
{
    return backend->ops->precision == SGEO_F64 ? value : (double)(float)value;
}

/* Number d of a row by the golden formula. */
static double formula(const struct sgeo_embedding_table *table, size_t row, size_t d)
{
    double u = sgeo_hash_uniform(sgeo_fnv1a(table->name), row * table->dim + d);
    return stored((2.0 * u - 1.0) / sqrt((double)table->dim));
}

START_TEST(test_embedding_tables_have_names_and_places)
{
    static const struct {
        const char *name;
        size_t field, rows, dim, column, offset;
    } expected[] = {{"embedding0.weight", 0, 5, 4, 3, 0},
                    {"embedding1.weight", 1, 7, 4, 7, 20},
                    {"linear.embedding0.weight", 0, 5, 1, 11, 48},
                    {"linear.embedding1.weight", 1, 7, 1, 12, 53}};
    open_tables(_i);
    ck_assert_uint_eq(sgeo_feature_width(&layout), WIDTH);
    ck_assert_uint_eq(sgeo_embedding_total(embedding), 60);
    ck_assert_uint_eq(sgeo_embedding_tables(embedding), 4);
    for (size_t t = 0; t < 4; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        ck_assert_str_eq(table->name, expected[t].name);
        ck_assert_uint_eq(table->field, expected[t].field);
        ck_assert_uint_eq(table->rows, expected[t].rows);
        ck_assert_uint_eq(table->dim, expected[t].dim);
        ck_assert_uint_eq(table->column, expected[t].column);
        ck_assert_uint_eq(table->offset, expected[t].offset);
    }
    close_tables();
}
END_TEST

START_TEST(test_embedding_without_a_first_order_part_has_half_the_tables)
{
    struct sgeo_feature_layout plain = layout;
    struct sgeo_embedding *without = NULL;
    plain.first_order = false;
    open_tables(_i);
    rig_ok(sgeo_embedding_create(&without, backend, &plain, table_rows));
    ck_assert_uint_eq(sgeo_embedding_tables(without), FIELDS);
    ck_assert_uint_eq(sgeo_embedding_total(without), 48);
    ck_assert_uint_eq(sgeo_feature_width(&plain), DENSE + FIELDS * DIM);
    sgeo_embedding_destroy(without);
    close_tables();
}
END_TEST

START_TEST(test_embedding_formula_is_the_golden_rule)
{
    open_tables(_i);
    for (size_t t = 0; t < 4; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        for (size_t i = 0; i < table->rows * table->dim; i++) {
            ck_assert(element(tables, table->offset + i) ==
                      formula(table, i / table->dim, i % table->dim));
        }
    }
    close_tables();
}
END_TEST

/* Xavier-normal: the deviation is sqrt(2 / (rows + dim)). */
START_TEST(test_embedding_random_init_has_its_deviation_and_stream)
{
    enum { ROWS = 20000, NUMBERS = ROWS * 16 };
    const struct sgeo_feature_layout large = {.dense = 1, .fields = 1, .dim = 16};
    const size_t rows[1] = {ROWS};
    struct sgeo_embedding *big = NULL;
    double squares = 0.0, sum = 0.0;
    open_tables(_i);
    rig_ok(sgeo_embedding_create(&big, backend, &large, rows));
    void *vector = sgeo_embedding_vector(big);
    sgeo_embedding_init_random(big, vector, 4, 0);
    double first = element(vector, 0);
    for (size_t i = 0; i < NUMBERS; i++) {
        sum += element(vector, i);
        squares += element(vector, i) * element(vector, i);
    }
    double deviation = sqrt(2.0 / (ROWS + 16));
    ck_assert_double_eq_tol(sqrt(squares / NUMBERS) / deviation, 1.0, 0.01);
    ck_assert_double_eq_tol(sum / NUMBERS / deviation, 0.0, 0.01);
    sgeo_embedding_init_random(big, vector, 5, 0);
    ck_assert(element(vector, 0) != first);
    sgeo_embedding_init_random(big, vector, 4, 0);
    ck_assert(element(vector, 0) == first);
    sgeo_free(vector);
    sgeo_embedding_destroy(big);
    close_tables();
}
END_TEST

START_TEST(test_embedding_lookup_puts_features_side_by_side)
{
    open_tables(_i);
    void *input = rig_zeros((size_t)N * WIDTH, backend->ops->elem_bytes);
    const struct sgeo_feature_batch batch = batch_of();
    sgeo_embedding_lookup(embedding, input, tables, &batch);
    for (size_t n = 0; n < N; n++) {
        for (size_t j = 0; j < DENSE; j++) {
            ck_assert(element(input, n * WIDTH + j) == dense[n * DENSE + j]);
        }
        for (size_t t = 0; t < 4; t++) {
            const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
            size_t row = (size_t)indices[table->field * N + n];
            for (size_t d = 0; d < table->dim; d++) {
                ck_assert(element(input, n * WIDTH + table->column + d) == formula(table, row, d));
            }
        }
    }
    sgeo_free(input);
    close_tables();
}
END_TEST

START_TEST(test_embedding_tangent_is_the_rows_themselves)
{
    open_tables(_i);
    void *input = rig_zeros((size_t)N * WIDTH, backend->ops->elem_bytes);
    void *tangent = rig_zeros((size_t)N * WIDTH, backend->ops->elem_bytes);
    const struct sgeo_feature_batch batch = batch_of();
    sgeo_embedding_lookup(embedding, input, tables, &batch);
    sgeo_embedding_tangent(embedding, tangent, input, N);
    for (size_t i = 0; i < (size_t)N * WIDTH; i++) {
        ck_assert(element(tangent, i) == (i % WIDTH < DENSE ? 0.0 : element(input, i)));
    }
    sgeo_free(input);
    sgeo_free(tangent);
    close_tables();
}
END_TEST

/* Touched rows ascend, each with the sum over its uses. */
START_TEST(test_embedding_gradient_sums_the_uses_of_a_row)
{
    double d_input[N * WIDTH];
    for (size_t i = 0; i < (size_t)N * WIDTH; i++) {
        d_input[i] = (double)(i * i % 31) - 7.0;
    }
    open_tables(_i);
    struct sgeo_table_gradient *gradient = NULL;
    void *elements = rig_elements(backend, d_input, (size_t)N * WIDTH);
    struct sgeo_pool *pool = sgeo_pool_create();
    const struct sgeo_feature_batch batch = batch_of();
    rig_ok(sgeo_table_gradient_create(&gradient, embedding, pool, N + 3)); /* room for more */
    sgeo_table_gradient_gather(gradient, &batch, elements);
    for (size_t t = 0; t < 4; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        const void *values = sgeo_table_gradient_values(gradient, t);
        ck_assert_uint_eq(touched.count, table->field == 0 ? 3 : 2);
        ck_assert_uint_eq(touched.dim, table->dim);
        for (size_t u = 0; u < touched.count; u++) {
            ck_assert(u == 0 || touched.rows[u] > touched.rows[u - 1]);
            for (size_t d = 0; d < table->dim; d++) {
                double sum = 0.0;
                for (size_t n = 0; n < N; n++) {
                    bool used = (uint32_t)indices[table->field * N + n] == touched.rows[u];
                    sum += used ? d_input[n * WIDTH + table->column + d] : 0.0;
                }
                ck_assert_double_eq(element(values, u * table->dim + d), sum);
            }
        }
    }
    sgeo_table_gradient_gather(gradient, &batch, NULL);
    ck_assert_uint_eq(sgeo_table_gradient_touched(gradient, 3).count, 0);
    sgeo_free(elements);
    sgeo_table_gradient_destroy(gradient);
    sgeo_pool_destroy(pool);
    close_tables();
}
END_TEST

/* --- several values in a field --- */

/* Values of field 0's samples: 2, none, 3, 1; field 1 has one in each. */
static const size_t hotness[FIELDS] = {3, 1};
static const int32_t several[6 + N] = {4, 1, 0, 4, 4, 3, 0, 6, 0, 0};
static const int32_t offsets[FIELDS * N + 1] = {0, 2, 2, 5, 6, 7, 8, 9, 10};

START_TEST(test_embedding_sums_the_values_of_a_field)
{
    struct sgeo_feature_layout hot = layout;
    struct sgeo_embedding *bags = NULL;
    struct sgeo_table_gradient *gradient = NULL;
    struct sgeo_pool *pool = sgeo_pool_create();
    double d_input[N * WIDTH];
    for (size_t i = 0; i < (size_t)N * WIDTH; i++) {
        d_input[i] = (double)(i * i % 31) - 7.0;
    }
    open_tables(_i);
    hot.hotness = hotness;
    const struct sgeo_feature_batch batch = {N, dense_elements, several, offsets};
    void *input = rig_zeros((size_t)N * WIDTH, backend->ops->elem_bytes);
    void *elements = rig_elements(backend, d_input, (size_t)N * WIDTH);
    rig_ok(sgeo_embedding_create(&bags, backend, &hot, table_rows));
    ck_assert_uint_eq(sgeo_feature_all_values(&hot), 4);
    sgeo_embedding_lookup(bags, input, tables, &batch);
    rig_ok(sgeo_table_gradient_create(&gradient, bags, pool, N));
    sgeo_table_gradient_gather(gradient, &batch, elements);
    for (size_t t = 0; t < 4; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(bags, t);
        const void *values = sgeo_table_gradient_values(gradient, t);
        struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        const int32_t *of = offsets + table->field * N;
        ck_assert_uint_eq(touched.count, table->field == 0 ? 4 : 2);
        for (size_t d = 0; d < table->dim; d++) {
            double by_row[7] = {0};
            for (size_t n = 0; n < N; n++) {
                double sum = 0.0;
                for (int32_t i = of[n]; i < of[n + 1]; i++) {
                    sum += formula(table, (size_t)several[i], d);
                    by_row[several[i]] += d_input[n * WIDTH + table->column + d];
                }
                ck_assert_double_eq_tol(element(input, n * WIDTH + table->column + d), sum, 1e-6);
            }
            for (size_t u = 0; u < touched.count; u++) {
                ck_assert_double_eq(element(values, u * table->dim + d), by_row[touched.rows[u]]);
            }
        }
    }
    sgeo_table_gradient_destroy(gradient);
    sgeo_pool_destroy(pool);
    sgeo_embedding_destroy(bags);
    sgeo_free(input);
    sgeo_free(elements);
    close_tables();
}
END_TEST

/* --- in a network --- */

static const uint16_t labels[N] = {1, 0, 0, 1};
static const struct sgeo_targets targets = {.labels = labels};

static struct sgeo_graph *small_model(void)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t input = sgeo_graph_matrix_input(graph, WIDTH);
    size_t rows = sgeo_graph_slice(graph, input, DENSE, FIELDS * DIM);
    size_t first = sgeo_graph_slice(graph, input, DENSE + FIELDS * DIM, FIELDS);
    size_t parts[3] = {sgeo_graph_dot(graph, rows, DIM), sgeo_graph_row_sums(graph, first, FIELDS),
                       sgeo_graph_linear(graph, input, "fc", 1)};
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_padded_sum(graph, parts, 3, 1)));
    return graph;
}

static double loss_of(struct sgeo_network *network, void *input)
{
    const struct sgeo_feature_batch batch = batch_of();
    sgeo_embedding_lookup(embedding, input, tables, &batch);
    rig_ok(sgeo_network_forward(network, input));
    return sgeo_cross_entropy(NULL, NULL, sgeo_network_logits(network), &targets, N, 1);
}

/* d loss / d element i of the tables. */
static double table_difference(struct sgeo_network *network, void *input, size_t i)
{
    static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
    double *values = tables, kept = values[i], f[4];
    for (size_t p = 0; p < 4; p++) {
        values[i] = kept + 1e-4 * steps[p];
        f[p] = loss_of(network, input);
    }
    values[i] = kept;
    return rig_difference(f, 1e-4);
}

START_TEST(test_embedding_gradient_of_the_loss_equals_differences)
{
    const struct sgeo_network_options options = {
        .batch = N, .backward = true, .input_gradient = true};
    struct sgeo_network *network = NULL;
    struct sgeo_store *store = NULL;
    struct sgeo_table_gradient *gradient = NULL;
    double got[60] = {0}, input[N * WIDTH];
    open_tables(0);
    struct sgeo_graph *graph = small_model();
    struct sgeo_pool *pool = sgeo_pool_create();
    rig_ok(sgeo_store_create(&store, graph, backend, N));
    rig_ok(sgeo_network_create(&network, graph, store, backend, pool, &options));
    rig_ok(sgeo_table_gradient_create(&gradient, embedding, pool, N));
    void *theta = sgeo_store_vector(store);
    rig_ok(sgeo_store_init_formula(store, theta));
    sgeo_network_bind(network, theta, NULL, NULL);
    const struct sgeo_feature_batch batch = batch_of();
    sgeo_embedding_lookup(embedding, input, tables, &batch);
    rig_ok(sgeo_network_loss_gradient(network, input, &targets, NULL, NULL));
    sgeo_table_gradient_gather(gradient, &batch, sgeo_network_input_gradient_elems(network));
    for (size_t t = 0; t < 4; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(embedding, t);
        struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        const double *values = sgeo_table_gradient_values(gradient, t);
        for (size_t i = 0; i < touched.count * table->dim; i++) {
            got[table->offset + touched.rows[i / table->dim] * table->dim + i % table->dim] =
                values[i];
        }
    }
    for (size_t i = 0; i < 60; i++) {
        ck_assert_double_eq_tol(got[i], table_difference(network, input, i), 1e-9);
    }
    sgeo_free(theta);
    sgeo_table_gradient_destroy(gradient);
    sgeo_network_destroy(network);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_pool_destroy(pool);
    close_tables();
}
END_TEST

START_TEST(test_embedding_tables_that_cannot_be_are_refused)
{
    const size_t wrong[2][FIELDS] = {{5, 0}, {(size_t)1 << 31, 7}};
    struct sgeo_embedding *none = NULL;
    open_tables(0);
    ck_assert_int_eq(sgeo_embedding_create(&none, backend, &layout, wrong[_i]), SGEO_USAGE);
    ck_assert_ptr_null(none);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), _i == 0 ? "embedding1.weight: 0 rows"
                                                            : "embedding0.weight: 2147483648"));
    close_tables();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("embedding");
    TCase *tcase = tcase_create("tables");
    tcase_add_loop_test(tcase, test_embedding_tables_have_names_and_places, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_without_a_first_order_part_has_half_the_tables, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_formula_is_the_golden_rule, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_random_init_has_its_deviation_and_stream, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_lookup_puts_features_side_by_side, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_tangent_is_the_rows_themselves, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_gradient_sums_the_uses_of_a_row, 0, 2);
    tcase_add_loop_test(tcase, test_embedding_sums_the_values_of_a_field, 0, 2);
    tcase_add_test(tcase, test_embedding_gradient_of_the_loss_equals_differences);
    tcase_add_loop_test(tcase, test_embedding_tables_that_cannot_be_are_refused, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
