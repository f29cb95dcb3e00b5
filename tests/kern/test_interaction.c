/*
 * What contract/interaction.h promises beyond agreement with the reference: values known from
 * elsewhere, for every bundle that this machine runs. Each test gets the bundle as its loop index.
 */
#include <math.h>
#include <string.h>

#include "bundle.h"

static double inner_product(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

START_TEST(test_dot_interaction_yields_the_lower_triangle_row_by_row)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    /* rows (1,0), (2,1), (0,3): products 2; 0, 3 */
    const float src[6] = {1.0f, 0.0f, 2.0f, 1.0f, 0.0f, 3.0f}, expected[3] = {2.0f, 0.0f, 3.0f};
    float dst[3];
    struct sgeo_interaction shape = {1, 3, 2, 6, 3};
    kernels.f32_dot_interaction(dst, src, &shape);
    ck_assert_mem_eq(dst, expected, sizeof dst);
}
END_TEST

/* DLRM's top input: the bottom vector of 16, then the 351 pairs, in one row of 367. */
START_TEST(test_dot_interaction_leaves_the_rest_of_a_wider_row_alone)
{
    enum { BATCH = 3, ROWS = 27, DIM = 16, PAIRS = 351, WIDTH = 367 };
    static float src[BATCH * ROWS * DIM], dst[BATCH * WIDTH];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill_waves(src, BATCH * ROWS * DIM, 0);
    fill_waves(dst, BATCH * WIDTH, 5);
    struct sgeo_interaction shape = {BATCH, ROWS, DIM, ROWS * DIM, WIDTH};
    kernels.f32_dot_interaction(dst + DIM, src, &shape);
    for (size_t b = 0; b < BATCH; b++) {
        float bottom[DIM];
        fill_waves(bottom, DIM, b * WIDTH + 5);
        ck_assert_mem_eq(dst + b * WIDTH, bottom, sizeof bottom);
        ck_assert_double_eq_tol(
            (double)dst[b * WIDTH + DIM + PAIRS - 1],
            inner_product(src + (b * ROWS + 26) * DIM, src + (b * ROWS + 25) * DIM, DIM), 1e-5);
    }
}
END_TEST

/* f(x + h e) - f(x - h e) = 2 h <f'(x), e> exactly, f being quadratic: f = <dot(x), g>. */
START_TEST(test_dot_interaction_grad_is_the_slope_of_forward)
{
    enum { ROWS = 19, DIM = 20, PAIRS = 171 };
    static float src[ROWS * DIM], moved[ROWS * DIM], dsrc[ROWS * DIM];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float g[PAIRS], above[PAIRS], below[PAIRS];
    fill_waves(src, ROWS * DIM, 0);
    fill_waves(g, PAIRS, 999);
    struct sgeo_interaction shape = {1, ROWS, DIM, ROWS * DIM, PAIRS};
    kernels.f32_dot_interaction_grad(dsrc, g, src, &shape);
    for (size_t i = 0; i < ROWS * DIM; i += 7) {
        memcpy(moved, src, sizeof src);
        moved[i] = src[i] + 0.5f;
        kernels.f32_dot_interaction(above, moved, &shape);
        moved[i] = src[i] - 0.5f;
        kernels.f32_dot_interaction(below, moved, &shape);
        ck_assert_double_eq_tol(inner_product(above, g, PAIRS) - inner_product(below, g, PAIRS),
                                (double)dsrc[i], 2e-5);
    }
}
END_TEST

/* A row's own gradient does not contain it: infinity times the missing diagonal is nothing. */
START_TEST(test_dot_interaction_grad_of_an_infinite_row_is_finite)
{
    enum { ROWS = 21, DIM = 16, PAIRS = 210 };
    float src[ROWS * DIM], dsrc[ROWS * DIM], g[PAIRS];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill_waves(src, ROWS * DIM, 0);
    fill_waves(g, PAIRS, 17);
    src[6 * DIM + 3] = INFINITY;
    struct sgeo_interaction shape = {1, ROWS, DIM, ROWS * DIM, PAIRS};
    kernels.f32_dot_interaction_grad(dsrc, g, src, &shape);
    for (size_t i = 0; i < ROWS; i++)
        ck_assert_int_eq(isfinite(dsrc[i * DIM + 3]) != 0, i == 6);
}
END_TEST

/* ((sum v)^2 - sum v^2) / 2 would be 0 in f32 here: the squares are 2^50. */
START_TEST(test_fm_keeps_a_small_pair_beside_a_large_square)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[2] = {0x1p25f, 0x1p-25f}, ddst = 1.0f;
    float dst, dsrc[2];
    struct sgeo_interaction shape = {1, 2, 1, 2, 1};
    kernels.f32_fm(&dst, src, 1.0f, &shape);
    ck_assert_double_eq((double)dst, 1.0);
    kernels.f32_fm_grad(dsrc, &ddst, src, 2.0f, &shape);
    ck_assert_double_eq((double)dsrc[0], 0x1p-24);
    ck_assert_double_eq((double)dsrc[1], 0x1p26);
}
END_TEST

/* DeepFM's formula with scale 1 and NASRec's, twice as much, with scale 2. */
START_TEST(test_fm_is_half_the_square_of_the_sum_less_the_squares)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[3] = {1.0f, 2.0f, 3.0f}; /* (36 - 14) / 2 */
    float dst;
    struct sgeo_interaction shape = {1, 3, 1, 3, 1};
    kernels.f32_fm(&dst, src, 1.0f, &shape);
    ck_assert_double_eq((double)dst, 11.0);
    kernels.f32_fm(&dst, src, 2.0f, &shape);
    ck_assert_double_eq((double)dst, 22.0);
}
END_TEST

START_TEST(test_fm_of_fewer_than_two_rows_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[2] = {3.0f, INFINITY};
    float dst[2] = {5.0f, 5.0f};
    struct sgeo_interaction none = {1, 0, 2, 0, 2}, one = {1, 1, 2, 2, 2};
    kernels.f32_fm(dst, NULL, 1.0f, &none);
    ck_assert(dst[0] == 0.0f && dst[1] == 0.0f);
    kernels.f32_fm(dst, src, 1.0f, &one);
    ck_assert(dst[0] == 0.0f && dst[1] == 0.0f);
}
END_TEST

START_TEST(test_gate_pads_a_narrow_source_with_zeros)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[2] = {3.0f, 4.0f}, gate[6] = {0.5f, 0.25f, NAN, 1.0f, 0.5f, 0.5f};
    const float expected[6] = {1.5f, 0.0f, 0.0f, 4.0f, 0.0f, 0.0f};
    float dst[6];
    struct sgeo_gating shape = {2, 3, 1};
    kernels.f32_gate(dst, src, gate, &shape);
    ck_assert_mem_eq(dst, expected, sizeof dst);
}
END_TEST

/* A saturated gate passes the gradient to the source and none to the logit. */
START_TEST(test_gate_grad_of_a_saturated_gate)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float ddst[3] = {2.0f, 2.0f, 2.0f}, src[3] = {3.0f, 3.0f, 3.0f},
                gate[3] = {0.0f, 0.5f, 1.0f};
    const float through[3] = {0.0f, 1.0f, 2.0f}, slope[3] = {0.0f, 1.5f, 0.0f};
    float dsrc[3], dlogit[3];
    struct sgeo_gating shape = {1, 3, 3};
    kernels.f32_gate_grad(dsrc, dlogit, ddst, src, gate, &shape);
    ck_assert_mem_eq(dsrc, through, sizeof dsrc);
    ck_assert_mem_eq(dlogit, slope, sizeof dlogit);
}
END_TEST

START_TEST(test_padded_sum_of_nothing_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float dst[20];
    fill_waves(dst, 20, 0);
    kernels.f32_padded_sum(dst, NULL, NULL, 0, 1, 20);
    for (size_t i = 0; i < 20; i++)
        ck_assert(dst[i] == 0.0f);
}
END_TEST

START_TEST(test_row_linear_mixes_rows_and_keeps_columns)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    /* two rows of three to one: row 0 - 2 row 1 + 10 */
    const float src[6] = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}, wei[2] = {1.0f, -2.0f}, bia = 10.0f;
    const float expected[3] = {3.0f, 2.0f, 1.0f};
    float dst[3];
    struct sgeo_row_linear shape = {1, 2, 1, 3, 6, 3};
    kernels.f32_row_linear(dst, src, wei, &bia, &shape);
    ck_assert_mem_eq(dst, expected, sizeof dst);
}
END_TEST

/* <W x, y> = <x, W' y> = <W, dW(x, y)>: three ways to the same number. */
START_TEST(test_row_linear_backwards_are_transposes)
{
    enum { BATCH = 70, N = 5, M = 7, DIM = 16 };
    static float x[BATCH * N * DIM], y[BATCH * M * DIM], wx[BATCH * M * DIM], wy[BATCH * N * DIM];
    float wei[M * N], dwei[M * N], dbia[M];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill_waves(x, BATCH * N * DIM, 0);
    fill_waves(y, BATCH * M * DIM, 31);
    fill_waves(wei, M * N, 77);
    struct sgeo_row_linear shape = {BATCH, N, M, DIM, N * DIM, M * DIM};
    kernels.f32_row_linear(wx, x, wei, NULL, &shape);
    kernels.f32_row_linear_grad_src(wy, y, wei, &shape);
    kernels.f32_row_linear_grad_wei(dwei, dbia, y, x, &shape);
    double forward = inner_product(wx, y, BATCH * M * DIM);
    ck_assert_double_eq_tol(inner_product(x, wy, BATCH * N * DIM), forward, 1e-3);
    ck_assert_double_eq_tol(inner_product(wei, dwei, M * N), forward, 1e-3);
}
END_TEST

/* Equal logits: the softmax is flat and attention the mean of the values. */
START_TEST(test_attention_with_equal_logits_is_the_mean)
{
    enum { ROWS = 4, E = 16 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float zero[ROWS * E] = {0}, value[ROWS * E], dst[ROWS * E], stats[8 * 2 * ROWS];
    fill_waves(value, ROWS * E, 0);
    struct sgeo_attention_inputs inputs = {zero, zero, value};
    struct sgeo_attention shape = {1, ROWS, 8, 2};
    kernels.f32_attention(dst, stats, &inputs, &shape);
    for (size_t e = 0; e < E; e++) {
        double mean = ((double)value[e] + (double)value[E + e] + (double)value[2 * E + e] +
                       (double)value[3 * E + e]) /
                      ROWS;
        for (size_t i = 0; i < ROWS; i++)
            ck_assert_double_eq_tol((double)dst[i * E + e], mean, 1e-6);
    }
    for (size_t h = 0; h < 8; h++)
        for (size_t i = 0; i < ROWS; i++) {
            ck_assert_double_eq((double)stats[h * 2 * ROWS + i], 0.0);
            ck_assert_double_eq((double)stats[h * 2 * ROWS + ROWS + i], 0.25);
        }
}
END_TEST

/* Logits of +-1e6: a softmax that is not relative to its largest logit overflows. */
START_TEST(test_attention_with_huge_logits_selects)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float query[2] = {1000.0f, 1000.0f}, key[2] = {1000.0f, -1000.0f},
                value[2] = {5.0f, 7.0f};
    float dst[2];
    struct sgeo_attention_inputs inputs = {query, key, value};
    struct sgeo_attention shape = {1, 2, 1, 1};
    kernels.f32_attention(dst, NULL, &inputs, &shape);
    ck_assert_double_eq((double)dst[0], 5.0);
    ck_assert_double_eq((double)dst[1], 5.0);
}
END_TEST

/* Attention is linear in the values, and a softmax does not see a shift of all keys. */
START_TEST(test_attention_tangent_follows_values_and_not_a_shift_of_keys)
{
    enum { ROWS = 19, E = 16, STATS = 8 * 2 * ROWS };
    static float query[ROWS * E], key[ROWS * E], value[ROWS * E], dst[ROWS * E], tdst[ROWS * E];
    static float shift[ROWS * E], zero[ROWS * E], stats[STATS];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    fill_waves(query, ROWS * E, 3);
    fill_waves(key, ROWS * E, 0);
    fill_waves(value, ROWS * E, 41);
    for (size_t i = 0; i < ROWS; i++)
        fill_waves(shift + i * E, E, 7);
    struct sgeo_attention_inputs inputs = {query, key, value};
    struct sgeo_attention_inputs values = {zero, zero, value}, shifts = {zero, shift, zero};
    struct sgeo_attention shape = {1, ROWS, 8, 2};
    kernels.f32_attention(dst, stats, &inputs, &shape);
    kernels.f32_attention_tangent(tdst, &values, dst, stats, &inputs, &shape);
    for (size_t i = 0; i < ROWS * E; i++)
        ck_assert_double_eq_tol((double)tdst[i], (double)dst[i], 1e-6);
    kernels.f32_attention_tangent(tdst, &shifts, dst, stats, &inputs, &shape);
    for (size_t i = 0; i < ROWS * E; i++)
        ck_assert_double_eq_tol((double)tdst[i], 0.0, 1e-5);
}
END_TEST

/* A softmax does not see a shift of all keys along all queries: their gradients sum to zero. */
START_TEST(test_attention_grad_of_keys_sums_to_zero_for_equal_queries)
{
    enum { ROWS = 19, E = 16, STATS = 8 * 2 * ROWS };
    static float query[ROWS * E], key[ROWS * E], value[ROWS * E], ddst[ROWS * E], dst[ROWS * E];
    static float dquery[ROWS * E], dkey[ROWS * E], dvalue[ROWS * E], stats[STATS];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < ROWS; i++)
        fill_waves(query + i * E, E, 3);
    fill_waves(key, ROWS * E, 0);
    fill_waves(value, ROWS * E, 41);
    fill_waves(ddst, ROWS * E, 97);
    struct sgeo_attention_inputs inputs = {query, key, value};
    struct sgeo_attention_grads grads = {dquery, dkey, dvalue};
    struct sgeo_attention shape = {1, ROWS, 8, 2};
    kernels.f32_attention(dst, stats, &inputs, &shape);
    kernels.f32_attention_grad(&grads, ddst, dst, stats, &inputs, &shape);
    for (size_t e = 0; e < E; e++) {
        double keys = 0.0, values = 0.0, outcomes = 0.0;
        for (size_t i = 0; i < ROWS; i++) {
            keys += (double)dkey[i * E + e];
            values += (double)dvalue[i * E + e];
            outcomes += (double)ddst[i * E + e];
        }
        ck_assert_double_eq_tol(keys, 0.0, 1e-5);
        ck_assert_double_eq_tol(values, outcomes, 1e-5); /* weights of a row sum to one */
    }
}
END_TEST

/* The order of the sums depends on the sizes alone, not on where the buffers happen to lie. */
START_TEST(test_interactions_return_the_same_bits_at_any_alignment)
{
    enum { ROWS = 27, DIM = 17, ELEMS = ROWS * DIM, PAIRS = 351 };
    static float src[ELEMS + 16], dst[PAIRS + 16], dsrc[ELEMS + 16], dwei[ROWS * ROWS + 16];
    static float first_dst[PAIRS], first_dsrc[ELEMS], first_dwei[ROWS * ROWS];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_interaction shape = {1, ROWS, DIM, ELEMS, PAIRS};
    struct sgeo_row_linear linear = {1, ROWS, ROWS, DIM, ELEMS, ELEMS};
    for (size_t shift = 0; shift < 16; shift++) {
        fill_waves(src + shift, ELEMS, 0);
        kernels.f32_dot_interaction(dst + shift, src + shift, &shape);
        kernels.f32_dot_interaction_grad(dsrc + shift, dst + shift, src + shift, &shape);
        kernels.f32_row_linear_grad_wei(dwei + shift, NULL, dsrc + shift, src + shift, &linear);
        if (shift == 0) {
            memcpy(first_dst, dst, sizeof first_dst);
            memcpy(first_dsrc, dsrc, sizeof first_dsrc);
            memcpy(first_dwei, dwei, sizeof first_dwei);
        }
        ck_assert_mem_eq(dst + shift, first_dst, sizeof first_dst);
        ck_assert_mem_eq(dsrc + shift, first_dsrc, sizeof first_dsrc);
        ck_assert_mem_eq(dwei + shift, first_dwei, sizeof first_dwei);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("interaction");
#define EVERY_BUNDLE(test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)
    EVERY_BUNDLE(test_dot_interaction_yields_the_lower_triangle_row_by_row);
    EVERY_BUNDLE(test_dot_interaction_leaves_the_rest_of_a_wider_row_alone);
    EVERY_BUNDLE(test_dot_interaction_grad_is_the_slope_of_forward);
    EVERY_BUNDLE(test_dot_interaction_grad_of_an_infinite_row_is_finite);
    EVERY_BUNDLE(test_fm_keeps_a_small_pair_beside_a_large_square);
    EVERY_BUNDLE(test_fm_is_half_the_square_of_the_sum_less_the_squares);
    EVERY_BUNDLE(test_fm_of_fewer_than_two_rows_is_zero);
    EVERY_BUNDLE(test_gate_pads_a_narrow_source_with_zeros);
    EVERY_BUNDLE(test_gate_grad_of_a_saturated_gate);
    EVERY_BUNDLE(test_padded_sum_of_nothing_is_zero);
    EVERY_BUNDLE(test_row_linear_mixes_rows_and_keeps_columns);
    EVERY_BUNDLE(test_row_linear_backwards_are_transposes);
    EVERY_BUNDLE(test_attention_with_equal_logits_is_the_mean);
    EVERY_BUNDLE(test_attention_with_huge_logits_selects);
    EVERY_BUNDLE(test_attention_tangent_follows_values_and_not_a_shift_of_keys);
    EVERY_BUNDLE(test_attention_grad_of_keys_sums_to_zero_for_equal_queries);
    EVERY_BUNDLE(test_interactions_return_the_same_bits_at_any_alignment);
    return run_case("kern/interaction", tcase);
}
