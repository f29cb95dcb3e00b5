/*
 * What contract/embedding.h promises beyond agreement with the reference: values known from
 * elsewhere, for every bundle that this machine runs. Each test gets the bundle as its loop index.
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "bundle.h"

static double inner_product(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

START_TEST(test_embbag_empty_bag_yields_zero)
{
    enum { DIM = 24 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float table[2 * DIM], dst[3 * DIM], weights[2] = {NAN, NAN};
    const int32_t indices[2] = {1, 0}, offsets[4] = {0, 0, 2, 2};
    fill_waves(table, 2 * DIM, 0);
    for (int form = 0; form < 4; form++) {
        struct sgeo_bags bags = {indices, offsets, form & 1 ? weights : NULL, 3, false, form & 2};
        memset(dst, 0x7f, sizeof dst);
        kernels.f32_embbag(dst, DIM, table, DIM, &bags);
        for (size_t d = 0; d < DIM; d++)
            ck_assert(dst[d] == 0.0f && dst[2 * DIM + d] == 0.0f); /* exactly, whatever the form */
    }
}
END_TEST

/* Also where the row holds -0, with which a sum that starts from 0 would not agree. */
START_TEST(test_embbag_of_one_is_the_row_bit_for_bit)
{
    enum { DIM = 67, ROWS = 5 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float table[ROWS * DIM], dst[DIM];
    fill_waves(table, ROWS * DIM, 0);
    table[3 * DIM] = table[3 * DIM + 66] = -0.0f;
    const int64_t index = 3, offsets[2] = {0, 1};
    for (int form = 0; form < 4; form++) {
        struct sgeo_bags bags = {&index, form & 1 ? offsets : NULL, NULL, 1, true, form & 2};
        kernels.f32_embbag(dst, DIM, table, DIM, &bags);
        ck_assert_mem_eq(dst, table + 3 * DIM, sizeof dst);
    }
}
END_TEST

/* torch.nn.functional.embedding_bag of two bags, by hand: (0,2) and (1,1,0). */
START_TEST(test_embbag_follows_pytorch)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float table[6] = {1.0f, 2.0f, 10.0f, 20.0f, 100.0f, 200.0f};
    const float weights[5] = {1.0f, 0.5f, 2.0f, -1.0f, 4.0f};
    const int32_t indices[5] = {0, 2, 1, 1, 0}, offsets[3] = {0, 2, 5};
    const float sums[4] = {101.0f, 202.0f, 21.0f, 42.0f}, means[2] = {50.5f, 101.0f};
    const float weighted[4] = {51.0f, 102.0f, 14.0f, 28.0f};
    float dst[4];
    struct sgeo_bags bags = {indices, offsets, NULL, 2, false, false};
    kernels.f32_embbag(dst, 2, table, 2, &bags);
    ck_assert_mem_eq(dst, sums, sizeof dst);
    bags.mean = true;
    kernels.f32_embbag(dst, 2, table, 2, &bags);
    ck_assert_mem_eq(dst, means, sizeof means);
    ck_assert_double_eq_tol((double)dst[2], 7.0, 1e-6);
    bags.mean = false;
    bags.weights = weights;
    kernels.f32_embbag(dst, 2, table, 2, &bags);
    ck_assert_mem_eq(dst, weighted, sizeof dst);
}
END_TEST

/* 40 rows of a table, drawn with repetitions, in bags of 0 to 6; both widths of an index. */
enum { BAGS = 12, POSITIONS = 40, ROWS = 9 };

struct lists {
    int32_t narrow[POSITIONS], narrow_offsets[BAGS + 1];
    int64_t wide[POSITIONS], wide_offsets[BAGS + 1];
    float weights[POSITIONS];
};

static void draw_lists(struct lists *lists)
{
    struct sgeo_rng rng = sgeo_rng_stream(7, "bags", 0);
    fill_waves(lists->weights, POSITIONS, 99);
    for (size_t i = 0; i < POSITIONS; i++)
        lists->wide[i] = lists->narrow[i] = (int32_t)sgeo_rng_below(&rng, ROWS);
    lists->wide_offsets[0] = lists->narrow_offsets[0] = 0;
    for (size_t b = 0; b < BAGS; b++) {
        int32_t left = POSITIONS - lists->narrow_offsets[b];
        int32_t length = b + 1 == BAGS ? left : (int32_t)sgeo_rng_below(&rng, 7);
        lists->narrow_offsets[b + 1] = lists->narrow_offsets[b] + (length < left ? length : left);
        lists->wide_offsets[b + 1] = lists->narrow_offsets[b + 1];
    }
}

static struct sgeo_bags bags_of(const struct lists *lists, bool wide, bool mean, bool weighted)
{
    return (struct sgeo_bags){.indices = wide ? (const void *)lists->wide : lists->narrow,
                              .offsets =
                                  wide ? (const void *)lists->wide_offsets : lists->narrow_offsets,
                              .weights = weighted ? lists->weights : NULL,
                              .count = BAGS,
                              .wide = wide,
                              .mean = mean};
}

START_TEST(test_embbag_does_not_depend_on_the_width_of_an_index)
{
    enum { DIM = 16 };
    struct sgeo_kernels kernels;
    struct lists lists;
    if (!bundle_of(&kernels, _i))
        return;
    float table[ROWS * DIM], narrow[BAGS * DIM], wide[BAGS * DIM];
    draw_lists(&lists);
    fill_waves(table, ROWS * DIM, 0);
    for (int form = 0; form < 4; form++) {
        struct sgeo_bags of_32 = bags_of(&lists, false, form & 1, form & 2);
        struct sgeo_bags of_64 = bags_of(&lists, true, form & 1, form & 2);
        kernels.f32_embbag(narrow, DIM, table, DIM, &of_32);
        kernels.f32_embbag(wide, DIM, table, DIM, &of_64);
        ck_assert_mem_eq(narrow, wide, sizeof narrow);
    }
}
END_TEST

/* The blocks of columns do not show: a column is summed the same in a table of any dim. */
START_TEST(test_embbag_columns_do_not_depend_on_the_dim_or_the_alignment)
{
    enum { DIM = 128 };
    struct sgeo_kernels kernels;
    struct lists lists;
    if (!bundle_of(&kernels, _i))
        return;
    static float table[ROWS * DIM], part[ROWS * DIM + 16], all[BAGS * DIM], some[BAGS * DIM];
    draw_lists(&lists);
    fill_waves(table, ROWS * DIM, 0);
    struct sgeo_bags bags = bags_of(&lists, false, true, true);
    kernels.f32_embbag(all, DIM, table, DIM, &bags);
    for (size_t dim = 1; dim <= DIM; dim++) {
        for (size_t r = 0; r < ROWS; r++)
            memcpy(part + dim % 16 + r * dim, table + r * DIM, dim * sizeof(float));
        kernels.f32_embbag(some, dim, part + dim % 16, dim, &bags);
        for (size_t b = 0; b < BAGS; b++)
            ck_assert_mem_eq(some + b * dim, all + b * DIM, dim * sizeof(float));
    }
}
END_TEST

/* DLRM's activation: the bottom vector, then the tables side by side, in each row. */
START_TEST(test_embbag_tables_fill_their_columns_alone)
{
    enum { TABLES = 3, DIM = 16, WIDTH = (TABLES + 1) * DIM };
    struct sgeo_kernels kernels;
    struct lists lists;
    if (!bundle_of(&kernels, _i))
        return;
    static float tables[TABLES][ROWS * DIM], dst[BAGS * WIDTH], before[BAGS * WIDTH];
    struct sgeo_lookup lookups[TABLES];
    float one[BAGS * DIM];
    draw_lists(&lists);
    fill_waves(before, BAGS * WIDTH, 1000);
    memcpy(dst, before, sizeof dst);
    for (size_t t = 0; t < TABLES; t++) {
        fill_waves(tables[t], ROWS * DIM, 31 * t);
        lookups[t] = (struct sgeo_lookup){tables[t], DIM, (t + 1) * DIM,
                                          bags_of(&lists, t == 1, t == 2, t == 0)};
    }
    kernels.f32_embbag_tables(dst, WIDTH, lookups, TABLES);
    for (size_t t = 0; t < TABLES; t++) {
        kernels.f32_embbag(one, DIM, tables[t], DIM, &lookups[t].bags);
        for (size_t b = 0; b < BAGS; b++)
            ck_assert_mem_eq(dst + b * WIDTH + (t + 1) * DIM, one + b * DIM, DIM * sizeof(float));
    }
    for (size_t b = 0; b < BAGS; b++)
        ck_assert_mem_eq(dst + b * WIDTH, before + b * WIDTH, DIM * sizeof(float));
}
END_TEST

/* Room for the groups of all positions. */
struct room {
    uint32_t rows[POSITIONS], starts[POSITIONS + 1];
    struct sgeo_occurrence occurrences[POSITIONS];
    uint64_t workspace[3 * POSITIONS];
};

static struct sgeo_row_groups groups_in(struct room *room)
{
    return (struct sgeo_row_groups){room->rows, room->starts, room->occurrences, 0};
}

START_TEST(test_row_groups_list_rows_and_positions_in_order)
{
    struct sgeo_kernels kernels;
    struct room room;
    if (!bundle_of(&kernels, _i))
        return;
    /* bags (70000, 3), (), (3, 3, 256) */
    const int32_t indices[5] = {70000, 3, 3, 3, 256}, offsets[4] = {0, 2, 2, 5};
    const uint32_t rows[3] = {3, 256, 70000}, starts[4] = {0, 3, 4, 5};
    const struct sgeo_occurrence occurrences[5] = {{0, 1}, {2, 2}, {2, 3}, {2, 4}, {0, 0}};
    struct sgeo_bags bags = {indices, offsets, NULL, 3, false, false};
    struct sgeo_row_groups groups = groups_in(&room);
    ck_assert_uint_le(sgeo_row_groups_words(5), sizeof room.workspace / sizeof *room.workspace);
    kernels.u32_row_groups(&groups, room.workspace, &bags, 70001);
    ck_assert_uint_eq(groups.n_rows, 3);
    ck_assert_mem_eq(room.rows, rows, sizeof rows);
    ck_assert_mem_eq(room.starts, starts, sizeof starts);
    ck_assert_mem_eq(room.occurrences, occurrences, sizeof occurrences);
}
END_TEST

START_TEST(test_row_groups_of_nothing_have_no_rows)
{
    struct sgeo_kernels kernels;
    struct room room;
    if (!bundle_of(&kernels, _i))
        return;
    const int64_t offsets[3] = {4, 4, 4};
    struct sgeo_bags empty = {NULL, offsets, NULL, 2, true, false}, none = {0};
    struct sgeo_row_groups groups = groups_in(&room);
    groups.n_rows = 9;
    kernels.u32_row_groups(&groups, room.workspace, &empty, 100);
    ck_assert_uint_eq(groups.n_rows, 0);
    ck_assert_uint_eq(groups.starts[0], 0);
    groups.n_rows = 9;
    kernels.u32_row_groups(&groups, room.workspace, &none, 0);
    ck_assert_uint_eq(groups.n_rows, 0);
}
END_TEST

/* <pool table, y> = <table, pool' y> over the touched rows: backward is the transpose. */
START_TEST(test_embbag_grad_is_the_transpose)
{
    enum { DIM = 20 };
    struct sgeo_kernels kernels;
    struct lists lists;
    struct room room;
    if (!bundle_of(&kernels, _i))
        return;
    float table[ROWS * DIM], pooled[BAGS * DIM], y[BAGS * DIM], dtable[ROWS * DIM];
    draw_lists(&lists);
    fill_waves(table, ROWS * DIM, 0);
    fill_waves(y, BAGS * DIM, 5000);
    for (int form = 0; form < 4; form++) {
        struct sgeo_bags bags = bags_of(&lists, false, form & 1, form & 2);
        struct sgeo_row_groups groups = groups_in(&room);
        kernels.f32_embbag(pooled, DIM, table, DIM, &bags);
        kernels.u32_row_groups(&groups, room.workspace, &bags, ROWS);
        kernels.f32_embbag_grad(dtable, y, DIM, DIM, &groups, &bags);
        double backward = 0.0;
        for (size_t u = 0; u < groups.n_rows; u++)
            backward += inner_product(table + groups.rows[u] * DIM, dtable + u * DIM, DIM);
        ck_assert_double_eq_tol(inner_product(pooled, y, BAGS * DIM), backward, 1e-5);
    }
}
END_TEST

/* A row that is used three times, once in another bag, collects all three. */
START_TEST(test_embbag_grad_adds_duplicates_within_and_across_bags)
{
    enum { DIM = 16 };
    struct sgeo_kernels kernels;
    struct room room;
    if (!bundle_of(&kernels, _i))
        return;
    const int32_t indices[4] = {5, 5, 2, 5}, offsets[3] = {0, 3, 4};
    float ddst[2 * DIM], dtable[2 * DIM];
    for (size_t d = 0; d < 2 * DIM; d++)
        ddst[d] = d < DIM ? 1.0f : 10.0f;
    struct sgeo_bags bags = {indices, offsets, NULL, 2, false, false};
    struct sgeo_row_groups groups = groups_in(&room);
    kernels.u32_row_groups(&groups, room.workspace, &bags, 6);
    kernels.f32_embbag_grad(dtable, ddst, DIM, DIM, &groups, &bags);
    ck_assert_double_eq((double)dtable[0], 1.0);
    ck_assert_double_eq((double)dtable[DIM], 12.0);
    ck_assert_double_eq((double)dtable[2 * DIM - 1], 12.0);
}
END_TEST

/* Where every row is touched, a sparse step is the dense one. */
START_TEST(test_row_steps_of_all_rows_are_dense_steps)
{
    enum { DIM = 21, N = ROWS * DIM };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    uint32_t rows[ROWS];
    float grad[N], theta[N], dense[N], squares[N], dense_squares[N];
    for (uint32_t r = 0; r < ROWS; r++)
        rows[r] = r;
    fill_waves(grad, N, 0);
    fill_waves(theta, N, 50);
    memcpy(dense, theta, sizeof theta);
    for (size_t i = 0; i < N; i++)
        squares[i] = dense_squares[i] = 0.01f * (float)i;
    struct sgeo_touched touched = {rows, ROWS, DIM};
    struct sgeo_sgd sgd = {.lr = 0.25f};
    kernels.f32_row_sgd(theta, grad, &touched, 0.25f);
    kernels.f32_sgd_step(dense, NULL, grad, &sgd, N);
    ck_assert_mem_eq(theta, dense, sizeof theta);
    kernels.f32_row_adagrad(theta, squares, grad, &touched, 0.12f, 1e-2f);
    kernels.f32_adagrad_step(dense, dense_squares, grad, 0.12f, 1e-2f, N);
    ck_assert_mem_eq(theta, dense, sizeof theta);
    ck_assert_mem_eq(squares, dense_squares, sizeof squares);
}
END_TEST

/* By hand: rows of 2, gradients (3,4) and (1,1), mean squares 12.5 and 1. */
START_TEST(test_rowwise_adagrad_leaves_untouched_rows_alone)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const uint32_t rows[2] = {2, 0};
    const float grad[4] = {3.0f, 4.0f, 1.0f, 1.0f};
    float theta[6] = {1.0f, 2.0f, 5.0f, 6.0f, 7.0f, 8.0f}, squares[3] = {3.0f, 9.0f, 3.5f};
    struct sgeo_touched touched = {rows, 2, 2};
    kernels.f32_row_adagrad_rowwise(theta, squares, grad, &touched, 1.0f, 0.0f);
    const float expected[6] = {0.5f, 1.5f, 5.0f, 6.0f, 6.25f, 7.0f};
    const float expected_squares[3] = {4.0f, 9.0f, 16.0f};
    ck_assert_mem_eq(theta, expected, sizeof theta);
    ck_assert_mem_eq(squares, expected_squares, sizeof squares);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("embedding");
#define EVERY_BUNDLE(test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)
    EVERY_BUNDLE(test_embbag_empty_bag_yields_zero);
    EVERY_BUNDLE(test_embbag_of_one_is_the_row_bit_for_bit);
    EVERY_BUNDLE(test_embbag_follows_pytorch);
    EVERY_BUNDLE(test_embbag_does_not_depend_on_the_width_of_an_index);
    EVERY_BUNDLE(test_embbag_columns_do_not_depend_on_the_dim_or_the_alignment);
    EVERY_BUNDLE(test_embbag_tables_fill_their_columns_alone);
    EVERY_BUNDLE(test_row_groups_list_rows_and_positions_in_order);
    EVERY_BUNDLE(test_row_groups_of_nothing_have_no_rows);
    EVERY_BUNDLE(test_embbag_grad_is_the_transpose);
    EVERY_BUNDLE(test_embbag_grad_adds_duplicates_within_and_across_bags);
    EVERY_BUNDLE(test_row_steps_of_all_rows_are_dense_steps);
    EVERY_BUNDLE(test_rowwise_adagrad_leaves_untouched_rows_alone);
    return run_case("kern/embedding", tcase);
}
