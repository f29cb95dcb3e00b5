/*
 * Layers of recommender models: the double executor on cases worked out by hand, and the f32
 * executor against it on random shapes, from inputs that both hold exactly. The largest difference
 * stays below 1e-5 of the largest value.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/memory.h"
#include "base/rng.h"
#include "kernels/dispatch/dispatch.h"

enum { SINGLE, EXACT, N_BACKENDS };
enum { N_CASES = 16 };

#define TOLERANCE 1e-5

static struct sgeo_backend *backends[N_BACKENDS];
static struct sgeo_rng rng; /* restarted for every case */

static void create_backends(void)
{
    ck_assert_int_eq(
        sgeo_backend_create(&backends[SINGLE], (struct sgeo_executor){.precision = SGEO_F32}),
        SGEO_OK);
    ck_assert_int_eq(
        sgeo_backend_create(&backends[EXACT], (struct sgeo_executor){.precision = SGEO_F64}),
        SGEO_OK);
}

static void destroy_backends(void)
{
    for (size_t b = 0; b < N_BACKENDS; b++) {
        sgeo_backend_destroy(backends[b]);
    }
}

static const struct sgeo_interaction_table *ops(size_t b)
{
    return backends[b]->ops->interaction;
}

static void start_case(const char *operation, int index)
{
    rng = sgeo_rng_stream(3, operation, (uint64_t)index);
}

static size_t draw(size_t least, size_t most)
{
    return least + (size_t)sgeo_rng_below(&rng, most - least + 1);
}

static void *block(size_t count, size_t size)
{
    void *memory = sgeo_calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* The same numbers in both executors' elements. */
struct tensor {
    void *of[N_BACKENDS];
    size_t n;
};

static struct tensor empty(size_t n)
{
    return (struct tensor){{block(n, sizeof(float)), block(n, sizeof(double))}, n};
}

/* Floats in [-1, 1). */
static struct tensor random_tensor(size_t n)
{
    struct tensor tensor = empty(n);
    for (size_t i = 0; i < n; i++) {
        float value = (float)(2.0 * sgeo_rng_uniform(&rng) - 1.0);
        ((float *)tensor.of[SINGLE])[i] = value;
        ((double *)tensor.of[EXACT])[i] = (double)value;
    }
    return tensor;
}

static void drop(struct tensor *tensor)
{
    sgeo_free(tensor->of[SINGLE]);
    sgeo_free(tensor->of[EXACT]);
}

/* A result, which is dropped. */
static void assert_agree(struct tensor *tensor)
{
    const float *single = tensor->of[SINGLE];
    const double *exact = tensor->of[EXACT];
    double largest = 0.0, error = 0.0;
    for (size_t i = 0; i < tensor->n; i++) {
        double size = fabs(exact[i]), off = fabs((double)single[i] - exact[i]);
        largest = size > largest ? size : largest;
        error = off > error || isnan(off) ? off : error; /* a NaN stays */
    }
    ck_assert_msg(error <= TOLERANCE * largest, "error %.3g of %.3g", error, largest);
    drop(tensor);
}

static void drop_all(struct tensor *tensors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        drop(&tensors[i]);
    }
}

/* --- any matrix --- */

START_TEST(test_padded_sum_agrees)
{
    start_case("padded sum", _i);
    size_t batch = draw(1, 9), width = draw(1, 40), n = draw(1, 5), widths[5];
    struct tensor src[5], dsrc[5], dst = empty(batch * width), ddst = random_tensor(batch * width);
    for (size_t t = 0; t < n; t++) {
        widths[t] = draw(1, width);
        src[t] = random_tensor(batch * widths[t]);
        dsrc[t] = empty(batch * widths[t]);
    }
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const void *sources[5];
        void *gradients[5];
        for (size_t t = 0; t < n; t++) {
            sources[t] = src[t].of[b];
            gradients[t] = dsrc[t].of[b];
        }
        ops(b)->padded_sum(backends[b], dst.of[b], sources, widths, n, batch, width);
        ops(b)->padded_sum_grad(backends[b], gradients, widths, n, ddst.of[b], batch, width);
    }
    assert_agree(&dst);
    for (size_t t = 0; t < n; t++) {
        assert_agree(&dsrc[t]);
    }
    drop_all(src, n);
    drop(&ddst);
}
END_TEST

START_TEST(test_gate_agrees)
{
    start_case("gate", _i);
    struct sgeo_gating shape = {.batch = draw(1, 9), .width = draw(1, 40)};
    shape.src_width = draw(1, shape.width);
    size_t narrow = shape.batch * shape.src_width, wide = shape.batch * shape.width;
    enum { SRC, TSRC, LOGITS, TLOGITS, DDST, INPUTS };
    struct tensor in[INPUTS] = {random_tensor(narrow), random_tensor(narrow), random_tensor(wide),
                                random_tensor(wide), random_tensor(wide)};
    struct tensor gate = empty(wide), dst = empty(wide), tangent = empty(wide);
    struct tensor dsrc = empty(narrow), dlogits = empty(wide);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->sigmoid(backends[b], gate.of[b], in[LOGITS].of[b], wide);
        ops(b)->gate(backends[b], dst.of[b], in[SRC].of[b], gate.of[b], &shape);
        ops(b)->gate_grad(backends[b], dsrc.of[b], dlogits.of[b], in[DDST].of[b], in[SRC].of[b],
                          gate.of[b], &shape);
        ops(b)->gate_tangent(backends[b], tangent.of[b], in[TSRC].of[b], in[TLOGITS].of[b],
                             in[SRC].of[b], gate.of[b], &shape);
    }
    assert_agree(&gate);
    assert_agree(&dst);
    assert_agree(&tangent);
    assert_agree(&dsrc);
    assert_agree(&dlogits);
    drop_all(in, INPUTS);
}
END_TEST

START_TEST(test_layer_norm_agrees)
{
    start_case("layer norm", _i);
    struct sgeo_row_norm shape = {.batch = draw(1, 40), .dim = draw(2, 70), .epsilon = 1e-5};
    size_t n = shape.batch * shape.dim;
    bool plain = _i % 4 == 0; /* without gamma and beta */
    enum { SRC, TSRC, DDST, GAMMA, BETA, INPUTS };
    struct tensor in[INPUTS] = {random_tensor(n), random_tensor(n), random_tensor(n),
                                random_tensor(shape.dim), random_tensor(shape.dim)};
    struct tensor dst = empty(n), tangent = empty(n), dsrc = empty(n);
    struct tensor dgamma = empty(shape.dim), dbeta = empty(shape.dim);
    double *stats = block(2 * shape.batch, sizeof *stats);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const void *gamma = plain ? NULL : in[GAMMA].of[b], *beta = plain ? NULL : in[BETA].of[b];
        const struct sgeo_row_norm_grads grads = {dsrc.of[b], dgamma.of[b], dbeta.of[b]};
        ops(b)->layer_norm(backends[b], dst.of[b], stats, in[SRC].of[b], gamma, beta, &shape);
        ops(b)->layer_norm_grad(backends[b], &grads, in[DDST].of[b], in[SRC].of[b], stats, gamma,
                                &shape);
        ops(b)->layer_norm_tangent(backends[b], tangent.of[b], in[TSRC].of[b], in[SRC].of[b], stats,
                                   gamma, &shape);
    }
    assert_agree(&dst);
    assert_agree(&tangent);
    assert_agree(&dsrc);
    assert_agree(&dgamma);
    assert_agree(&dbeta);
    drop_all(in, INPUTS);
    sgeo_free(stats);
}
END_TEST

START_TEST(test_scale_and_transpose_agree)
{
    start_case("scale", _i);
    size_t batch = draw(1, 5), rows = draw(1, 30), cols = draw(1, 30), n = batch * rows * cols;
    struct tensor src = random_tensor(n), scaled = empty(n), turned = empty(n), back = empty(n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->scale(backends[b], scaled.of[b], src.of[b], -1.75, n);
        ops(b)->transpose(backends[b], turned.of[b], src.of[b], batch, rows, cols);
        ops(b)->transpose(backends[b], back.of[b], turned.of[b], batch, cols, rows);
    }
    ck_assert_mem_eq(back.of[SINGLE], src.of[SINGLE], n * sizeof(float));
    ck_assert_mem_eq(back.of[EXACT], src.of[EXACT], n * sizeof(double));
    assert_agree(&scaled);
    assert_agree(&turned);
    drop(&src);
    drop(&back);
}
END_TEST

/* --- sparse tensors --- */

START_TEST(test_row_linear_agrees)
{
    start_case("row linear", _i);
    struct sgeo_row_linear shape = {
        .batch = draw(1, 9), .src_rows = draw(1, 40), .dst_rows = draw(1, 40), .dim = draw(1, 20)};
    shape.src_pitch = shape.src_rows * shape.dim;
    shape.dst_pitch = shape.dst_rows * shape.dim;
    bool plain = _i % 2 == 0; /* without a bias */
    enum { SRC, DDST, WEI, BIAS, INPUTS };
    struct tensor in[INPUTS] = {
        random_tensor(shape.batch * shape.src_pitch), random_tensor(shape.batch * shape.dst_pitch),
        random_tensor(shape.dst_rows * shape.src_rows), random_tensor(shape.dst_rows)};
    struct tensor dst = empty(in[DDST].n), dsrc = empty(in[SRC].n), dwei = empty(in[WEI].n);
    struct tensor dbias = empty(in[BIAS].n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->row_linear(backends[b], dst.of[b], in[SRC].of[b], in[WEI].of[b],
                           plain ? NULL : in[BIAS].of[b], &shape);
        ops(b)->row_linear_grad_src(backends[b], dsrc.of[b], in[DDST].of[b], in[WEI].of[b], &shape);
        ops(b)->row_linear_grad_wei(backends[b], dwei.of[b], plain ? NULL : dbias.of[b],
                                    in[DDST].of[b], in[SRC].of[b], &shape);
    }
    assert_agree(&dst);
    assert_agree(&dsrc);
    assert_agree(&dwei);
    assert_agree(&dbias);
    drop_all(in, INPUTS);
}
END_TEST

static struct sgeo_interaction draw_interaction(void)
{
    struct sgeo_interaction shape = {.batch = draw(1, 9), .rows = draw(1, 30), .dim = draw(1, 20)};
    shape.src_pitch = shape.rows * shape.dim;
    return shape;
}

START_TEST(test_dot_agrees)
{
    start_case("dot", _i);
    struct sgeo_interaction shape = draw_interaction();
    shape.dst_pitch = sgeo_pairs(shape.rows);
    size_t n = shape.batch * shape.src_pitch, pairs = shape.batch * shape.dst_pitch;
    struct tensor src = random_tensor(n), tsrc = random_tensor(n), ddst = random_tensor(pairs);
    struct tensor dst = empty(pairs), tangent = empty(pairs), dsrc = empty(n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->dot(backends[b], dst.of[b], src.of[b], &shape);
        ops(b)->dot_tangent(backends[b], tangent.of[b], tsrc.of[b], src.of[b], &shape);
        ops(b)->dot_grad(backends[b], dsrc.of[b], ddst.of[b], src.of[b], &shape);
    }
    assert_agree(&dst);
    assert_agree(&tangent);
    assert_agree(&dsrc);
    drop(&src);
    drop(&tsrc);
    drop(&ddst);
}
END_TEST

START_TEST(test_fm_agrees)
{
    start_case("fm", _i);
    struct sgeo_interaction shape = draw_interaction();
    shape.dst_pitch = shape.dim;
    double factor = _i % 2 == 0 ? 1.0 : 2.0;
    size_t n = shape.batch * shape.src_pitch, dims = shape.batch * shape.dim;
    struct tensor src = random_tensor(n), tsrc = random_tensor(n), ddst = random_tensor(dims);
    struct tensor dst = empty(dims), tangent = empty(dims), dsrc = empty(n);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->fm(backends[b], dst.of[b], src.of[b], factor, &shape);
        ops(b)->fm_tangent(backends[b], tangent.of[b], tsrc.of[b], src.of[b], factor, &shape);
        ops(b)->fm_grad(backends[b], dsrc.of[b], ddst.of[b], src.of[b], factor, &shape);
    }
    assert_agree(&dst);
    assert_agree(&tangent);
    assert_agree(&dsrc);
    drop(&src);
    drop(&tsrc);
    drop(&ddst);
}
END_TEST

START_TEST(test_attention_agrees)
{
    start_case("attention", _i);
    const struct sgeo_attention shape = {
        .batch = draw(1, 4), .rows = draw(1, 30), .heads = draw(1, 8), .head_dim = draw(1, 9)};
    size_t n = shape.batch * shape.rows * shape.heads * shape.head_dim;
    enum { Q, K, V, TQ, TK, TV, DDST, INPUTS };
    struct tensor in[INPUTS], dq = empty(n), dk = empty(n), dv = empty(n), dst = empty(n);
    struct tensor tangent = empty(n), stats = empty(2 * shape.batch * shape.heads * shape.rows);
    for (size_t i = 0; i < INPUTS; i++) {
        in[i] = random_tensor(n);
    }
    for (size_t b = 0; b < N_BACKENDS; b++) {
        const struct sgeo_attention_sources sources = {in[Q].of[b], in[K].of[b], in[V].of[b]};
        const struct sgeo_attention_sources tangents = {in[TQ].of[b], in[TK].of[b], in[TV].of[b]};
        const struct sgeo_attention_gradients grads = {dq.of[b], dk.of[b], dv.of[b]};
        const struct sgeo_attention_outcome outcome = {dst.of[b], stats.of[b]};
        ops(b)->attention(backends[b], dst.of[b], stats.of[b], &sources, &shape);
        ops(b)->attention_tangent(backends[b], tangent.of[b], &tangents, &outcome, &sources,
                                  &shape);
        ops(b)->attention_grad(backends[b], &grads, in[DDST].of[b], &outcome, &sources, &shape);
    }
    assert_agree(&dst);
    assert_agree(&tangent);
    assert_agree(&dv);
    if (shape.rows > 1) { /* else the softmax is constant, and so are its gradients */
        assert_agree(&dq);
        assert_agree(&dk);
    } else {
        drop(&dq);
        drop(&dk);
    }
    assert_agree(&stats);
    drop_all(in, INPUTS);
}
END_TEST

START_TEST(test_row_products_and_sums_agree)
{
    start_case("row products", _i);
    const struct sgeo_row_products shape = {.batch = draw(1, 5),
                                            .left_rows = draw(1, 12),
                                            .right_rows = draw(1, 12),
                                            .dim = draw(1, 20)};
    size_t lefts = shape.batch * shape.left_rows * shape.dim;
    size_t rights = shape.batch * shape.right_rows * shape.dim, rows = lefts * shape.right_rows;
    struct tensor left = random_tensor(lefts), right = random_tensor(rights);
    struct tensor ddst = random_tensor(rows), dst = empty(rows), dleft = empty(lefts);
    struct tensor dright = empty(rights), sums = empty(rows / shape.dim), spread = empty(rows);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->row_products(backends[b], dst.of[b], left.of[b], right.of[b], &shape);
        ops(b)->row_products_grad(backends[b], dleft.of[b], dright.of[b], ddst.of[b], left.of[b],
                                  right.of[b], &shape);
        ops(b)->row_sums(backends[b], sums.of[b], ddst.of[b], rows / shape.dim, shape.dim);
        ops(b)->row_sums_grad(backends[b], spread.of[b], sums.of[b], rows / shape.dim, shape.dim);
    }
    assert_agree(&dst);
    assert_agree(&dleft);
    assert_agree(&dright);
    assert_agree(&sums);
    assert_agree(&spread);
    drop(&left);
    drop(&right);
    drop(&ddst);
}
END_TEST

/* --- embedding tables: more tables than the f32 executor hands on at once --- */

enum { TABLES = 45, LOOKUPS = 7 };

START_TEST(test_lookup_agrees)
{
    start_case("lookup", _i);
    struct sgeo_table_lookup lookups[N_BACKENDS][TABLES];
    struct tensor tables[TABLES];
    int32_t indices[TABLES][LOOKUPS], offsets[LOOKUPS + 1] = {0};
    size_t pitch = draw(0, 3);
    for (size_t i = 0; i < LOOKUPS; i++) { /* of none to all of what is left */
        offsets[i + 1] = (int32_t)draw((size_t)offsets[i], LOOKUPS);
    }
    for (size_t t = 0; t < TABLES; t++) {
        size_t rows = draw(1, 20), dim = draw(1, 17);
        tables[t] = random_tensor(rows * dim);
        for (size_t i = 0; i < LOOKUPS; i++) {
            indices[t][i] = (int32_t)draw(0, rows - 1);
        }
        for (size_t b = 0; b < N_BACKENDS; b++) {
            lookups[b][t] = (struct sgeo_table_lookup){tables[t].of[b], dim, pitch, indices[t],
                                                       t % 2 == 0 ? NULL : offsets};
        }
        pitch += dim;
    }
    struct tensor dst = random_tensor(LOOKUPS * pitch);
    double untouched = *(double *)dst.of[EXACT];
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->lookup(backends[b], dst.of[b], pitch, lookups[b], TABLES, LOOKUPS);
    }
    if (lookups[EXACT][0].column > 0) {
        ck_assert_double_eq(*(double *)dst.of[EXACT], untouched);
    }
    assert_agree(&dst);
    drop_all(tables, TABLES);
}
END_TEST

START_TEST(test_lookup_gradient_agrees)
{
    start_case("lookup gradient", _i);
    enum { BATCH = 33 };
    size_t rows = draw(1, 12), dim = draw(1, 17), pitch = dim + draw(0, 5);
    int32_t indices[BATCH];
    uint32_t touched[BATCH], starts[BATCH + 1];
    struct sgeo_occurrence occurrences[BATCH];
    uint64_t workspace[3 * BATCH];
    struct sgeo_row_groups groups = {touched, starts, occurrences, 0};
    for (size_t i = 0; i < BATCH; i++) {
        indices[i] = (int32_t)draw(0, rows - 1);
    }
    const struct sgeo_bags bags = {.indices = indices, .count = BATCH};
    sgeo_kernels_get()->u32_row_groups(&groups, workspace, &bags, rows);
    struct tensor ddst = random_tensor(BATCH * pitch), dtable = empty(groups.n_rows * dim);
    for (size_t b = 0; b < N_BACKENDS; b++) {
        ops(b)->lookup_grad(backends[b], dtable.of[b], ddst.of[b], pitch, dim, &groups);
    }
    assert_agree(&dtable);
    drop(&ddst);
}
END_TEST

/* --- by hand, in double --- */

static void assert_equal(const double *got, const double *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(fabs(got[i] - expected[i]) <= 1e-14 * fmax(1.0, fabs(expected[i])),
                      "element %zu: got %.17g, expected %.17g", i, got[i], expected[i]);
    }
}

START_TEST(test_dot_by_hand)
{
    const struct sgeo_interaction shape = {1, 3, 2, 6, 3};
    const double src[6] = {1, 2, 3, 4, 5, 6}, tsrc[6] = {1, 0, 0, 0, 0, 1}, ddst[3] = {1, 10, 100};
    double dst[3], tangent[3], dsrc[6];
    ops(EXACT)->dot(backends[EXACT], dst, src, &shape);
    assert_equal(dst, (const double[]){11, 17, 39}, 3); /* (1,0), (2,0), (2,1) */
    ops(EXACT)->dot_tangent(backends[EXACT], tangent, tsrc, src, &shape);
    assert_equal(tangent, (const double[]){3, 7, 4}, 3);
    ops(EXACT)->dot_grad(backends[EXACT], dsrc, ddst, src, &shape);
    assert_equal(dsrc, (const double[]){53, 64, 501, 602, 310, 420}, 6);
}
END_TEST

START_TEST(test_fm_by_hand)
{
    const struct sgeo_interaction shape = {1, 3, 1, 3, 1};
    const double src[3] = {1, 2, 4}, tsrc[3] = {1, 1, 0}, ddst[1] = {10};
    double dst[1], tangent[1], dsrc[3];
    ops(EXACT)->fm(backends[EXACT], dst, src, 2.0, &shape); /* (1+2+4)^2 - (1+4+16) */
    assert_equal(dst, (const double[]){28}, 1);
    ops(EXACT)->fm_tangent(backends[EXACT], tangent, tsrc, src, 2.0, &shape);
    assert_equal(tangent, (const double[]){22}, 1);
    ops(EXACT)->fm_grad(backends[EXACT], dsrc, ddst, src, 2.0, &shape);
    assert_equal(dsrc, (const double[]){120, 100, 60}, 3);
}
END_TEST

/* Where all keys are equal, every row is the mean of the values. */
START_TEST(test_attention_by_hand)
{
    const struct sgeo_attention shape = {1, 2, 2, 1}; /* two heads of one column */
    const double query[4] = {1, 2, 3, 4}, key[4] = {5, 6, 5, 6}, value[4] = {1, 10, 3, 30};
    const struct sgeo_attention_sources sources = {query, key, value};
    double dst[4], stats[8];
    ops(EXACT)->attention(backends[EXACT], dst, stats, &sources, &shape);
    assert_equal(dst, (const double[]){2, 20, 2, 20}, 4);
    assert_equal(stats, (const double[]){5, 15, 0.5, 0.5, 12, 24, 0.5, 0.5}, 8);
}
END_TEST

START_TEST(test_attention_logits_are_over_the_root_of_the_heads_columns)
{
    const struct sgeo_attention shape = {1, 2, 1, 4};
    const double query[8] = {1, 1, 1, 1}, key[8] = {1, 1, 0, 0}, value[8] = {1, 0, 0, 0};
    const struct sgeo_attention_sources sources = {query, key, value};
    double dst[8], stats[4];
    ops(EXACT)->attention(backends[EXACT], dst, stats, &sources, &shape);
    ck_assert_double_eq_tol(dst[0], exp(1.0) / (exp(1.0) + 1.0), 1e-15); /* 2 / sqrt(4) against 0 */
}
END_TEST

START_TEST(test_layer_norm_by_hand)
{
    const struct sgeo_row_norm shape = {1, 2, 3.0}; /* deviation 1, so that the root is 2 */
    const double src[2] = {1, 3}, gamma[2] = {10, 20}, beta[2] = {1, 2};
    double dst[2], stats[2];
    ops(EXACT)->layer_norm(backends[EXACT], dst, stats, src, gamma, beta, &shape);
    assert_equal(dst, (const double[]){-4, 12}, 2);
    assert_equal(stats, (const double[]){2, 0.5}, 2);
}
END_TEST

START_TEST(test_gate_by_hand)
{
    const struct sgeo_gating shape = {1, 2, 1};
    const double logits[2] = {0, 0}, src[1] = {8}, tsrc[1] = {2}, tlogits[2] = {1, 1};
    double gate[2], dst[2], tangent[2];
    ops(EXACT)->sigmoid(backends[EXACT], gate, logits, 2);
    ops(EXACT)->gate(backends[EXACT], dst, src, gate, &shape);
    assert_equal(dst, (const double[]){4, 0}, 2);
    ops(EXACT)->gate_tangent(backends[EXACT], tangent, tsrc, tlogits, src, gate, &shape);
    assert_equal(tangent, (const double[]){3, 0}, 2); /* 2/2 + 8/4 */
}
END_TEST

START_TEST(test_row_linear_by_hand)
{
    const struct sgeo_row_linear shape = {1, 2, 1, 2, 4, 2};
    const double src[4] = {1, 2, 3, 4}, wei[2] = {10, 100}, bias[1] = {0.5}, ddst[2] = {1, 2};
    double dst[2], dwei[2], dbias[1], dsrc[4];
    ops(EXACT)->row_linear(backends[EXACT], dst, src, wei, bias, &shape);
    assert_equal(dst, (const double[]){310.5, 420.5}, 2);
    ops(EXACT)->row_linear_grad_wei(backends[EXACT], dwei, dbias, ddst, src, &shape);
    assert_equal(dwei, (const double[]){5, 11}, 2);
    assert_equal(dbias, (const double[]){3}, 1);
    ops(EXACT)->row_linear_grad_src(backends[EXACT], dsrc, ddst, wei, &shape);
    assert_equal(dsrc, (const double[]){10, 20, 100, 200}, 4);
}
END_TEST

START_TEST(test_row_products_by_hand)
{
    const struct sgeo_row_products shape = {1, 2, 2, 1};
    const double left[2] = {1, 2}, right[2] = {10, 100};
    double dst[4];
    ops(EXACT)->row_products(backends[EXACT], dst, left, right, &shape);
    assert_equal(dst, (const double[]){10, 100, 20, 200}, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interaction");
    TCase *tcase = tcase_create("interaction");
    tcase_add_checked_fixture(tcase, create_backends, destroy_backends);
    tcase_add_loop_test(tcase, test_padded_sum_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_gate_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_layer_norm_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_scale_and_transpose_agree, 0, N_CASES);
    tcase_add_loop_test(tcase, test_row_linear_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_dot_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_fm_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_attention_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_row_products_and_sums_agree, 0, N_CASES);
    tcase_add_loop_test(tcase, test_lookup_agrees, 0, N_CASES);
    tcase_add_loop_test(tcase, test_lookup_gradient_agrees, 0, N_CASES);
    tcase_add_test(tcase, test_dot_by_hand);
    tcase_add_test(tcase, test_fm_by_hand);
    tcase_add_test(tcase, test_attention_by_hand);
    tcase_add_test(tcase, test_attention_logits_are_over_the_root_of_the_heads_columns);
    tcase_add_test(tcase, test_layer_norm_by_hand);
    tcase_add_test(tcase, test_gate_by_hand);
    tcase_add_test(tcase, test_row_linear_by_hand);
    tcase_add_test(tcase, test_row_products_by_hand);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
