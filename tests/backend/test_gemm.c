/*
 * Convolutions as matrix products against plain loops, on every machine: which builds run them is
 * another question.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/onednn_parts.h"

enum { SRC = SGEO_ONEDNN_SRC, WEI = SGEO_ONEDNN_WEI, DST = SGEO_ONEDNN_DST };
#define N_TENSORS SGEO_ONEDNN_N_TENSORS

static const struct sgeo_conv_geometry geometries[] = {
    {2, 3, 5, 6, 7, 3, 1, 1, 1, 1, false},    {2, 4, 6, 9, 8, 3, 2, 1, 1, 1, false},
    {1, 4, 6, 9, 9, 3, 1, 2, 2, 2, false},    {3, 8, 5, 4, 5, 1, 1, 0, 1, 1, false},
    {2, 8, 6, 4, 5, 1, 1, 0, 1, 2, false},    {2, 6, 4, 7, 7, 1, 2, 0, 1, 1, false},
    {2, 3, 4, 8, 8, 3, 1, 1, 1, 1, true},     {1, 1, 4, 9, 9, 5, 2, 2, 1, 1, true},
    {1, 2, 2, 3, 3, 5, 1, 3, 1, 1, false},    {2, 64, 3, 16, 16, 3, 1, 1, 1, 1, false}, /* strips */
    {1, 600, 2, 5, 40, 3, 1, 1, 1, 1, false}, /* a row of columns is more than a strip holds */
};
#define N_GEOMETRIES ((int)(sizeof geometries / sizeof geometries[0]))

/* The tensors of a geometry; `exact` is what plain loops make of the two others. */
struct trial {
    struct sgeo_onednn_gemm gemm;
    float *tensors[N_TENSORS];
    size_t counts[N_TENSORS];
    float *columns;
    double *exact, *sizes; /* the result and the sum of its summands' sizes */
};

static float wave(size_t i)
{
    return (float)sin(1.7 * (double)i + 0.3);
}

static struct trial make_trial(const struct sgeo_conv_geometry *g)
{
    struct trial trial = {.gemm = sgeo_onednn_gemm_of(g)};
    trial.counts[SRC] = g->n * g->in_channels * g->height * g->width;
    trial.counts[WEI] = trial.gemm.depth * g->out_channels;
    trial.counts[DST] = g->n * g->out_channels * trial.gemm.rows * trial.gemm.cols;
    size_t largest = 0;
    for (size_t t = 0; t < N_TENSORS; t++) {
        trial.tensors[t] = malloc(trial.counts[t] * sizeof(float));
        for (size_t i = 0; i < trial.counts[t]; i++) {
            trial.tensors[t][i] = wave(i + 1000 * t);
        }
        largest = trial.counts[t] > largest ? trial.counts[t] : largest;
    }
    trial.columns = malloc((sgeo_onednn_gemm_columns(&trial.gemm) + 1) * sizeof(float));
    trial.exact = calloc(largest, sizeof(double));
    trial.sizes = calloc(largest, sizeof(double));
    return trial;
}

static void drop_trial(struct trial *trial)
{
    for (size_t t = 0; t < N_TENSORS; t++) {
        free(trial->tensors[t]);
    }
    free(trial->columns);
    free(trial->exact);
    free(trial->sizes);
}

/* result += a * b of one summand of the convolution, whichever tensor is the result. */
static void add_summand(struct trial *trial, size_t result, const size_t at[N_TENSORS])
{
    double product = 1.0;
    for (size_t t = 0; t < N_TENSORS; t++) {
        product *= t == result ? 1.0 : (double)trial->tensors[t][at[t]];
    }
    trial->exact[at[result]] += product;
    trial->sizes[at[result]] += fabs(product);
}

/* Where source pixel (n, c, y, x) lies. */
static size_t source_at(const struct sgeo_conv_geometry *g, size_t n, size_t c, size_t y, size_t x)
{
    return g->image_source ? ((n * g->in_channels + c) * g->height + y) * g->width + x
                           : ((n * g->height + y) * g->width + x) * g->in_channels + c;
}

/* The summands of output element (n, o, row, col). */
static void add_pixel(struct trial *trial, size_t result, size_t n, size_t o, size_t row,
                      size_t col)
{
    const struct sgeo_conv_geometry *g = &trial->gemm.geometry;
    size_t channels = g->in_channels / g->groups, group = o / (g->out_channels / g->groups);
    for (size_t tap = 0; tap < g->kernel * g->kernel; tap++) {
        size_t y = row * g->stride + tap / g->kernel * g->dilation - g->pad;
        size_t x = col * g->stride + tap % g->kernel * g->dilation - g->pad;
        for (size_t c = 0; c < channels && y < g->height && x < g->width; c++) {
            const size_t at[N_TENSORS] = {
                [SRC] = source_at(g, n, group * channels + c, y, x),
                [WEI] = (tap * channels + c) * g->out_channels + o,
                [DST] =
                    ((n * trial->gemm.rows + row) * trial->gemm.cols + col) * g->out_channels + o};
            add_summand(trial, result, at);
        }
    }
}

static void convolve(struct trial *trial, size_t result)
{
    const struct sgeo_conv_geometry *g = &trial->gemm.geometry;
    for (size_t n = 0; n < g->n; n++) {
        for (size_t row = 0; row < trial->gemm.rows; row++) {
            for (size_t col = 0; col < trial->gemm.cols; col++) {
                for (size_t o = 0; o < g->out_channels; o++) {
                    add_pixel(trial, result, n, o, row, col);
                }
            }
        }
    }
}

static void check(const struct sgeo_conv_geometry *g, enum sgeo_onednn_direction direction,
                  size_t result)
{
    struct trial trial = make_trial(g);
    convolve(&trial, result);
    sgeo_onednn_gemm_run(&trial.gemm, direction, trial.columns, trial.tensors);
    for (size_t i = 0; i < trial.counts[result]; i++) {
        double difference = fabs((double)trial.tensors[result][i] - trial.exact[i]);
        ck_assert_msg(difference <= 1e-6 * trial.sizes[i], "element %zu: %g for %g", i,
                      (double)trial.tensors[result][i], trial.exact[i]);
    }
    drop_trial(&trial);
}

START_TEST(test_forward_is_the_convolution)
{
    check(&geometries[_i], SGEO_ONEDNN_FORWARD, DST);
}
END_TEST

START_TEST(test_backward_data_is_its_transpose)
{
    check(&geometries[_i], SGEO_ONEDNN_BACKWARD_DATA, SRC);
}
END_TEST

START_TEST(test_backward_weights_sums_over_all_strips)
{
    check(&geometries[_i], SGEO_ONEDNN_BACKWARD_WEIGHTS, WEI);
}
END_TEST

/* x86 has JIT code for every dense convolution; elsewhere products come before loops. */
START_TEST(test_products_stand_in_where_there_is_no_jit_code)
{
    ck_assert(sgeo_onednn_gemm_fits(&geometries[_i]) == !SGEO_KERNELS_X86);
    struct sgeo_conv_geometry huge = {(size_t)1 << 24, 8, 8, 32, 32, 3, 1, 1, 1, 1, false};
    ck_assert(!sgeo_onednn_gemm_fits(&huge)); /* past BLAS's integers */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backend/gemm");
    TCase *tcase = tcase_create("gemm");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_forward_is_the_convolution, 0, N_GEOMETRIES);
    tcase_add_loop_test(tcase, test_backward_data_is_its_transpose, 0, N_GEOMETRIES);
    tcase_add_loop_test(tcase, test_backward_weights_sums_over_all_strips, 0, N_GEOMETRIES);
    tcase_add_loop_test(tcase, test_products_stand_in_where_there_is_no_jit_code, 0, N_GEOMETRIES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
