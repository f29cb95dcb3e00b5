/* What the running and the row-sparse gradient moments promise, for every bundle. */
#include <string.h>

#include "bundle.h"

#define N 203

/* A repeatable number in -1..1. */
static float wave(size_t i)
{
    float value;
    fill_waves(&value, 1, i);
    return value;
}

/* Running moments of n <= N coordinates. */
struct running {
    float first[N], mean[N], norm[N], size[N];
    struct sgeo_moment_stream stream;
};

static struct sgeo_moments run_through(const struct sgeo_kernels *kernels, const float *const *g,
                                       size_t k, const float *theta, size_t n)
{
    static struct running running;
    struct sgeo_moments moments;
    memset(&running, 0xff, sizeof running); /* vectors of a fresh stream may hold anything */
    running.stream = (struct sgeo_moment_stream){running.first, running.mean, running.norm,
                                                 running.size,  0.0,          0};
    for (size_t b = 0; b < k; b++)
        kernels->f32_moments_add(&running.stream, g[b], theta, n);
    kernels->f32_moments_finish(&moments, &running.stream, n);
    return moments;
}

static void assert_same(const struct sgeo_moments *got, const struct sgeo_moments *expected,
                        double tolerance)
{
    ck_assert_uint_eq(got->zero_std, expected->zero_std);
    ck_assert_double_eq_tol(got->ratio_sum, expected->ratio_sum,
                            tolerance * (1.0 + expected->ratio_sum));
    ck_assert_double_eq_tol(got->theta_dot, expected->theta_dot, tolerance * N);
}

/* k gradients around `offset`, each third coordinate the same in all of them. */
static void fill(float (*values)[N], const float **g, size_t k, float offset)
{
    for (size_t b = 0; b < k; b++) {
        for (size_t i = 0; i < N; i++)
            values[b][i] = offset + wave(i % 3 == 0 ? i : i + 1000 * b);
        g[b] = values[b];
    }
}

START_TEST(test_moments_stream_agrees_with_the_resident_form)
{
    static float values[SGEO_MOMENTS_MAX_BATCHES][N], theta[N];
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < N; i++)
        theta[i] = wave(i + 77);
    fill(values, g, SGEO_MOMENTS_MAX_BATCHES, 0.0f);
    for (size_t k = 1; k <= SGEO_MOMENTS_MAX_BATCHES; k++) {
        struct sgeo_moments resident, stream = run_through(&kernels, g, k, theta, N);
        kernels.f32_grad_moments(&resident, g, k, theta, N);
        assert_same(&stream, &resident, 2e-6);
    }
}
END_TEST

/* Means a million times the deviations: squares of the values themselves would hold nothing. */
START_TEST(test_moments_stream_keeps_deviations_far_below_the_mean)
{
    static float values[4][N];
    const float *g[4];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill(values, g, 4, 0x1p20f);
    struct sgeo_moments resident, stream = run_through(&kernels, g, 4, NULL, N);
    sgeo_kernels_fill(&kernels, SGEO_ISA_REF);
    kernels.f32_grad_moments(&resident, g, 4, NULL, N);
    assert_same(&stream, &resident, 2e-6);
    ck_assert_double_gt(resident.ratio_sum, 1e6);
}
END_TEST

/* One unit in the last place between two of many values is a deviation; none is none. */
START_TEST(test_moments_stream_counts_equal_coordinates_exactly)
{
    float value[3] = {0.1f, 1e-30f, 1e30f}, other[3];
    const float *g[9];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < 3; i++)
        other[i] = nextafterf(value[i], INFINITY);
    for (size_t odd = 0; odd <= 9; odd++) {
        for (size_t b = 0; b < 9; b++)
            g[b] = b == odd ? other : value;
        struct sgeo_moments moments = run_through(&kernels, g, 9, NULL, 3);
        ck_assert_uint_eq(moments.zero_std, odd < 9 ? 0 : 3);
        ck_assert(odd < 9 ? moments.ratio_sum > 1e6 : moments.ratio_sum == 0.0);
    }
}
END_TEST

START_TEST(test_moments_stream_of_tiny_and_huge_gradients)
{
    static const float scales[] = {1e-37f, 1e-30f, 1e-19f, 1.0f, 1e19f, 1e37f};
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        float a = scales[i], b = 3.0f * scales[i], c = 5.0f * scales[i];
        struct sgeo_moments moments =
            run_through(&kernels, (const float *const[]){&a, &b, &c}, 3, NULL, 1);
        ck_assert_double_eq_tol(moments.ratio_sum, 3.0 / sqrt(8.0 / 3.0), 2e-6);
    }
}
END_TEST

START_TEST(test_moments_stream_goes_on_after_finish)
{
    static float values[5][N];
    static struct running running;
    const float *g[5];
    struct sgeo_moments first, again;
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill(values, g, 5, 0.0f);
    running.stream = (struct sgeo_moment_stream){running.first, running.mean, running.norm,
                                                 running.size,  0.0,          0};
    for (size_t b = 0; b < 5; b++) {
        kernels.f32_moments_add(&running.stream, g[b], g[0], N);
        kernels.f32_moments_finish(&first, &running.stream, N);
        kernels.f32_moments_finish(&again, &running.stream, N);
        ck_assert_mem_eq(&first, &again, sizeof first);
        struct sgeo_moments whole = run_through(&kernels, g, b + 1, g[0], N);
        ck_assert_mem_eq(&first, &whole, sizeof first);
    }
}
END_TEST

#define ROWS 50
#define DIM  10

/* A dense gradient of a table, and the same as touched rows. */
struct table_gradient {
    float dense[ROWS * DIM], grad[ROWS * DIM];
    int64_t rows[ROWS];
    struct sgeo_row_gradient sparse;
};

/* Row r is touched by batch b when bit b of r is set; every seventh gradient is zero. */
static void touch(struct table_gradient *table, size_t b)
{
    memset(table, 0, sizeof *table);
    table->sparse = (struct sgeo_row_gradient){table->rows, table->grad, 0};
    for (size_t r = 0; r < ROWS; r++) {
        if (!(r >> b & 1))
            continue;
        size_t at = table->sparse.n_rows++;
        table->rows[at] = (int64_t)r;
        for (size_t j = 0; j < DIM; j++)
            table->grad[at * DIM + j] = j % 7 == 6 ? 0.0f : wave(r * DIM + j + 9000 * b);
        memcpy(table->dense + r * DIM, table->grad + at * DIM, DIM * sizeof(float));
    }
}

START_TEST(test_row_moments_are_those_of_the_dense_gradients)
{
    static struct table_gradient tables[6];
    static float theta[ROWS * DIM];
    struct sgeo_row_gradient sparse[6];
    const float *dense[6];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < sizeof theta / sizeof *theta; i++)
        theta[i] = wave(3 * i);
    for (size_t b = 0; b < 6; b++) {
        touch(&tables[b], b);
        sparse[b] = tables[b].sparse;
        dense[b] = tables[b].dense;
    }
    for (size_t k = 1; k <= 6; k++) {
        struct sgeo_moments rows, whole;
        kernels.f32_row_moments(&rows, sparse, k, theta, ROWS, DIM);
        kernels.f32_grad_moments(&whole, dense, k, theta, (size_t)ROWS * DIM);
        assert_same(&rows, &whole, 2e-6);
    }
}
END_TEST

START_TEST(test_row_moments_of_untouched_tables_are_all_zero_std)
{
    static const struct sgeo_row_gradient none[3];
    struct sgeo_moments moments;
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    kernels.f32_row_moments(&moments, none, 3, NULL, 100000, 16);
    ck_assert_uint_eq(moments.zero_std, 1600000);
    ck_assert_double_eq(moments.ratio_sum, 0.0);
    ck_assert_double_eq(moments.theta_dot, 0.0);
}
END_TEST

/* A row of one batch among k: every coordinate has the ratio 1 / sqrt(k - 1). */
START_TEST(test_row_moments_of_a_lone_row_are_known)
{
    static const int64_t row[] = {123456};
    static const float grad[3] = {1e-30f, -5.0f, 0.0f};
    struct sgeo_row_gradient batches[5] = {{NULL, NULL, 0}};
    struct sgeo_moments moments;
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    batches[3] = (struct sgeo_row_gradient){row, grad, 1};
    kernels.f32_row_moments(&moments, batches, 5, NULL, 200000, 3);
    ck_assert_double_eq_tol(moments.ratio_sum, 2 * 0.5, 1e-6);
    ck_assert_uint_eq(moments.zero_std, 600000 - 2);
}
END_TEST

/* NaN in one gradient, an infinity in another, whoever else touched the row. */
START_TEST(test_row_moments_pass_on_what_is_not_finite)
{
    static const int64_t rows[] = {2, 5};
    static const float strange[] = {NAN, INFINITY, -INFINITY};
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t k = 1; k <= 3; k++)
        for (size_t s = 0; s < 3; s++) {
            float grad[2] = {1.0f, strange[s]};
            struct sgeo_row_gradient batches[3] = {
                {rows, grad, 2}, {rows, grad, 2}, {rows, grad, 1}};
            struct sgeo_moments moments;
            kernels.f32_row_moments(&moments, batches, k, NULL, 6, 1);
            ck_assert(!isfinite(moments.ratio_sum));
        }
}
END_TEST

/* The three forms on k gradients that are b + 1 times `size`. */
static void moments_of_size(struct sgeo_moments moments[3], const struct sgeo_kernels *kernels,
                            size_t k, float size, float weight)
{
    static const int64_t row[] = {0};
    static float values[SGEO_MOMENTS_MAX_BATCHES][N], theta[N];
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_row_gradient rows[SGEO_MOMENTS_MAX_BATCHES];
    for (size_t b = 0; b < k; b++) {
        for (size_t i = 0; i < N; i++)
            values[b][i] = (float)(b + 1) * size;
        g[b] = values[b];
        rows[b] = (struct sgeo_row_gradient){row, values[b], 1};
    }
    for (size_t i = 0; i < N; i++)
        theta[i] = weight;
    kernels->f32_grad_moments(&moments[0], g, k, theta, N);
    moments[1] = run_through(kernels, g, k, theta, N);
    kernels->f32_row_moments(&moments[2], rows, k, theta, 1, N);
}

/* Where squares overflow the ratio is what it is of small gradients; where a product with theta
 * does, theta_dot is not finite, whatever the tier and the form. */
START_TEST(test_moments_of_huge_gradients_are_of_one_class_in_every_form)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t k = 1; k <= 5; k++) {
        struct sgeo_moments small[3], huge[3], beyond[3];
        moments_of_size(small, &kernels, k, 1.0f, 1.0f);
        moments_of_size(huge, &kernels, k, 0x1p100f, 1.0f);
        moments_of_size(beyond, &kernels, k, 0x1p100f, 0x1p100f);
        for (size_t form = 0; form < 3; form++) {
            ck_assert_double_eq_tol(huge[form].ratio_sum, small[form].ratio_sum,
                                    1e-12 + 2e-6 * small[form].ratio_sum);
            ck_assert_uint_eq(huge[form].zero_std, small[form].zero_std);
            ck_assert_double_eq_tol(huge[form].theta_dot, small[form].theta_dot * 0x1p100,
                                    2e-6 * huge[form].theta_dot);
            ck_assert(!isfinite(beyond[form].theta_dot));
            ck_assert_double_eq(beyond[form].ratio_sum, huge[form].ratio_sum);
        }
    }
}
END_TEST

START_TEST(test_moments_return_the_same_bits_at_any_alignment)
{
    static float values[2][N + 16];
    static const int64_t rows[] = {0, 1, 2, 3, 4, 5, 6};
    struct sgeo_moments first[2];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t shift = 0; shift < 16; shift++) {
        const float *g[2] = {values[0] + shift, values[1] + shift};
        for (size_t i = 0; i < N; i++) {
            values[0][shift + i] = wave(i);
            values[1][shift + i] = wave(i + N);
        }
        struct sgeo_row_gradient batches[2] = {{rows, g[0], 7}, {rows, g[1], 5}};
        struct sgeo_moments moments[2] = {run_through(&kernels, g, 2, g[0], N)};
        kernels.f32_row_moments(&moments[1], batches, 2, g[0], 7, N / 7);
        if (shift == 0)
            memcpy(first, moments, sizeof first);
        ck_assert_mem_eq(moments, first, sizeof first);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("moments");
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_stream_agrees_with_the_resident_form);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_stream_keeps_deviations_far_below_the_mean);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_stream_counts_equal_coordinates_exactly);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_stream_of_tiny_and_huge_gradients);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_stream_goes_on_after_finish);
    ADD_FOR_EVERY_BUNDLE(tcase, test_row_moments_are_those_of_the_dense_gradients);
    ADD_FOR_EVERY_BUNDLE(tcase, test_row_moments_of_untouched_tables_are_all_zero_std);
    ADD_FOR_EVERY_BUNDLE(tcase, test_row_moments_of_a_lone_row_are_known);
    ADD_FOR_EVERY_BUNDLE(tcase, test_row_moments_pass_on_what_is_not_finite);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_of_huge_gradients_are_of_one_class_in_every_form);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_return_the_same_bits_at_any_alignment);
    return run_case("kern/moments", tcase);
}
