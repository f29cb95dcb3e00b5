/* Splits of click-through rows: shares, balance of labels, and determinism. */
#include "data/ctr_split.h"

#include "base/rng.h"
#include "fixture.h"

static uint8_t labels[100000];

static void draw_labels(size_t n, double rate, uint64_t seed)
{
    struct sgeo_rng rng = sgeo_rng_stream(seed, "labels", 0);
    for (size_t i = 0; i < n; i++) {
        labels[i] = sgeo_rng_uniform(&rng) < rate;
    }
}

/* The counts that a split claims are those of its array. */
static void assert_counts(const struct sgeo_ctr_split *split)
{
    size_t rows[3] = {0}, clicked[3] = {0};
    for (size_t i = 0; i < split->n; i++) {
        rows[split->part[i]]++;
        clicked[split->part[i]] += labels[i];
    }
    ck_assert_mem_eq(rows, split->rows, sizeof rows);
    ck_assert_mem_eq(clicked, split->clicked, sizeof clicked);
    ck_assert_uint_eq(rows[0] + rows[1] + rows[2], split->n);
}

START_TEST(test_ctr_split_stratified_shares_rows_and_labels_alike)
{
    static const size_t sizes[] = {10, 11, 19, 99, 1000, 12345, 99999};
    static const double rates[] = {0.0, 0.04, 0.256, 0.5, 1.0};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
            struct sgeo_ctr_split split = {0};
            size_t n = sizes[s];
            draw_labels(n, rates[r], s);
            ck_assert_int_eq(sgeo_ctr_split_stratified(&split, labels, n, 2018), SGEO_OK);
            assert_counts(&split);
            size_t clicked = split.clicked[0] + split.clicked[1] + split.clicked[2];
            for (size_t part = SGEO_CTR_VAL; part <= SGEO_CTR_TEST; part++) {
                ck_assert_uint_ge(split.rows[part], n / 10);
                ck_assert_uint_le(split.rows[part], n / 10 + 1);
                ck_assert_uint_ge(split.clicked[part], clicked / 10);
                ck_assert_uint_le(split.clicked[part], clicked / 10 + 1);
            }
            sgeo_ctr_split_destroy(&split);
        }
    }
}
END_TEST

/* Rows by part as NASRec's split of Criteo has them (spec nasrec, section 2). */
START_TEST(test_ctr_split_of_the_public_criteo_has_the_published_sizes)
{
    const size_t n = 45840617;
    struct sgeo_ctr_split split = {0};
    uint8_t *big = calloc(n, 1);
    ck_assert_ptr_nonnull(big);
    for (size_t i = 0; i < n; i += 4) {
        big[i] = 1;
    }
    ck_assert_int_eq(sgeo_ctr_split_stratified(&split, big, n, 2018), SGEO_OK);
    ck_assert_uint_eq(split.rows[SGEO_CTR_TRAIN], 36672495);
    ck_assert_uint_eq(split.rows[SGEO_CTR_VAL], 4584061);
    ck_assert_uint_eq(split.rows[SGEO_CTR_TEST], 4584061);
    sgeo_ctr_split_destroy(&split);
    free(big);
}
END_TEST

/* Each row of a label is as likely as any other to be a test row: counts over many seeds. */
START_TEST(test_ctr_split_chooses_every_row_equally_often)
{
    enum { N = 50, SEEDS = 20000 };
    static size_t test[N];
    draw_labels(N, 0.3, 1);
    memset(test, 0, sizeof test);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sgeo_ctr_split split = {0};
        (void)sgeo_ctr_split_stratified(&split, labels, N, seed);
        for (size_t i = 0; i < N; i++) {
            test[i] += split.part[i] == SGEO_CTR_TEST;
        }
        sgeo_ctr_split_destroy(&split);
    }
    /* Rows of a label share the test fold's places of that label. */
    struct sgeo_ctr_split split = {0};
    ck_assert_int_eq(sgeo_ctr_split_stratified(&split, labels, N, 0), SGEO_OK);
    size_t n_clicked = split.clicked[0] + split.clicked[1] + split.clicked[2];
    double share[2] = {(double)(split.rows[SGEO_CTR_TEST] - split.clicked[SGEO_CTR_TEST]) /
                           (double)(N - n_clicked),
                       (double)split.clicked[SGEO_CTR_TEST] / (double)n_clicked};
    for (size_t i = 0; i < N; i++) {
        double p = share[labels[i]];
        /* 5 standard deviations of a binomial share: sqrt(.25 / 20000) at most. */
        ck_assert_double_eq_tol((double)test[i] / SEEDS, p, 5.0 * 0.0036);
    }
    sgeo_ctr_split_destroy(&split);
}
END_TEST

START_TEST(test_ctr_split_repeats_for_a_seed_and_differs_for_another)
{
    struct sgeo_ctr_split a = {0}, b = {0}, c = {0};
    draw_labels(5000, 0.256, 3);
    ck_assert_int_eq(sgeo_ctr_split_stratified(&a, labels, 5000, 1), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_split_stratified(&b, labels, 5000, 1), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_split_stratified(&c, labels, 5000, 2), SGEO_OK);
    ck_assert_mem_eq(a.part, b.part, 5000);
    ck_assert_mem_ne(a.part, c.part, 5000);
    sgeo_ctr_split_destroy(&a);
    sgeo_ctr_split_destroy(&b);
    sgeo_ctr_split_destroy(&c);
}
END_TEST

START_TEST(test_ctr_split_chronological_cuts_at_80_and_90_percent)
{
    for (size_t n = 10; n < 200; n++) {
        struct sgeo_ctr_split split = {0};
        draw_labels(n, 0.256, n);
        ck_assert_int_eq(sgeo_ctr_split_chronological(&split, labels, n), SGEO_OK);
        assert_counts(&split);
        ck_assert_uint_eq(split.rows[SGEO_CTR_TRAIN], n * 8 / 10);
        ck_assert_uint_eq(split.rows[SGEO_CTR_VAL], n * 9 / 10 - n * 8 / 10);
        for (size_t i = 1; i < n; i++) {
            ck_assert_uint_ge(split.part[i], split.part[i - 1]);
        }
        sgeo_ctr_split_destroy(&split);
    }
}
END_TEST

START_TEST(test_ctr_split_parts_are_disjoint_and_keep_the_file_s_order)
{
    static uint32_t rows[1000];
    static bool seen[1000];
    struct sgeo_ctr_split split = {0};
    size_t n_seen = 0;
    draw_labels(1000, 0.256, 4);
    ck_assert_int_eq(sgeo_ctr_split_stratified(&split, labels, 1000, 7), SGEO_OK);
    for (unsigned part = SGEO_CTR_TRAIN; part <= SGEO_CTR_TEST; part++) {
        size_t position = 0, n = 0, taken;
        while ((taken = sgeo_ctr_split_take(rows + n, &split, SGEO_CTR_PART(part), &position, 7)) >
               0) {
            n += taken;
        }
        ck_assert_uint_eq(n, split.rows[part]);
        for (size_t i = 0; i < n; i++) {
            ck_assert(i == 0 || rows[i] > rows[i - 1]);
            ck_assert(!seen[rows[i]]);
            seen[rows[i]] = true;
            n_seen++;
        }
    }
    ck_assert_uint_eq(n_seen, 1000);
    size_t position = 0;
    ck_assert_uint_eq(sgeo_ctr_split_take(rows, &split, SGEO_CTR_TRAIN_AND_VAL, &position, 1000),
                      split.rows[SGEO_CTR_TRAIN] + split.rows[SGEO_CTR_VAL]);
    ck_assert_uint_eq(position, 1000);
    sgeo_ctr_split_destroy(&split);
}
END_TEST

START_TEST(test_ctr_split_of_too_few_rows_is_refused)
{
    struct sgeo_ctr_split split = {0};
    ck_assert_int_eq(sgeo_ctr_split_stratified(&split, labels, 9, 0), SGEO_IO);
    ck_assert(fixture_error_says("9 rows cannot be split"));
    ck_assert_int_eq(sgeo_ctr_split_chronological(&split, labels, 0), SGEO_IO);
    ck_assert_ptr_null(split.part);
    sgeo_ctr_split_destroy(&split);
    sgeo_ctr_split_destroy(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_split_stratified_shares_rows_and_labels_alike,
        test_ctr_split_of_the_public_criteo_has_the_published_sizes,
        test_ctr_split_chooses_every_row_equally_often,
        test_ctr_split_repeats_for_a_seed_and_differs_for_another,
        test_ctr_split_chronological_cuts_at_80_and_90_percent,
        test_ctr_split_parts_are_disjoint_and_keep_the_file_s_order,
        test_ctr_split_of_too_few_rows_is_refused,
    };
    return fixture_run("data/ctr_split", tests, sizeof tests / sizeof *tests);
}
