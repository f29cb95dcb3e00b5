/* Feeds of click-through rows: file order, whatever is asked for at once, and draws of proxies. */
#include "harness/ctr_feed.h"

#include "base/memory.h"
#include "base/suite.h"
#include "data/ctr_data.h"

enum { ROWS = 4000 };

static struct sgeo_ctr_data data;
static struct sgeo_ctr_split split;
static struct sgeo_ctr_part_feed *feed;

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static void open_all(void)
{
    scratch_create();
    const struct sgeo_ctr_request request = {
        .dataset = "criteo", .work_dir = scratch_directory, .cap = 1000, .seed = 3, .rows = ROWS};
    ok(sgeo_ctr_data_open(&data, &request));
    ok(sgeo_ctr_split_stratified(&split, sgeo_ctr_cache_labels(data.cache), ROWS, 2018));
    feed = NULL;
}

static void open_feed(unsigned parts)
{
    ok(sgeo_ctr_part_feed_create(&feed, data.cache, data.schema, &split, parts));
}

static void close_all(void)
{
    sgeo_ctr_part_feed_destroy(feed);
    sgeo_ctr_split_destroy(&split);
    sgeo_ctr_data_close(&data);
    scratch_remove();
}

/* The rows of some parts, one after the other: numbers of the file's rows. */
static size_t list_parts(uint32_t list[ROWS], unsigned parts)
{
    size_t n = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        if ((parts & SGEO_CTR_PART(split.part[row])) != 0) {
            list[n++] = row;
        }
    }
    return n;
}

/* Reading n rows from `first` on gives what the cache gives for those of the list. */
static void assert_reads(const uint32_t *list, size_t first, size_t n)
{
    struct sgeo_ctr_rows got = {0}, expected = {0};
    ok(sgeo_ctr_rows_create(&got, data.schema, n));
    ok(sgeo_ctr_rows_create(&expected, data.schema, n));
    const struct sgeo_ctr_buffer buffer = {got.dense, got.index, got.label, NULL};
    const struct sgeo_ctr_feed rows = sgeo_ctr_part_feed_rows(feed, SIZE_MAX);
    ok(rows.read(&buffer, first, n, rows.context));
    ok(sgeo_ctr_cache_gather(&expected, data.cache, list + first, n));
    ck_assert_mem_eq(got.label, expected.label, n * sizeof *got.label);
    ck_assert_mem_eq(got.dense, expected.dense, n * data.schema->n_dense * sizeof *got.dense);
    ck_assert_mem_eq(got.index, expected.index, n * data.schema->n_fields * sizeof *got.index);
    sgeo_ctr_rows_destroy(&got);
    sgeo_ctr_rows_destroy(&expected);
}

/* Around the ends of what is gathered, and looked up, at once. */
START_TEST(test_ctr_feed_reads_parts_in_the_file_s_order)
{
    static const unsigned parts[] = {SGEO_CTR_PART(SGEO_CTR_TRAIN), SGEO_CTR_PART(SGEO_CTR_VAL),
                                     SGEO_CTR_TRAIN_AND_VAL};
    static const size_t firsts[] = {0, 1, 255, 256, 1023, 1024, 1025, 2047, 2048, 3000};
    static const size_t counts[] = {1, 2, 255, 256, 257, 512, 1024, 1500};
    uint32_t list[ROWS];
    open_feed(parts[_i]);
    size_t n = list_parts(list, parts[_i]);
    ck_assert_uint_eq(sgeo_ctr_part_feed_rows(feed, SIZE_MAX).rows, n);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            if (firsts[i] + counts[c] <= n) {
                assert_reads(list, firsts[i], counts[c]);
            }
        }
    }
    assert_reads(list, 0, n);
    assert_reads(list, n - 1, 1);
}
END_TEST

START_TEST(test_ctr_feed_can_be_cut_short)
{
    open_feed(SGEO_CTR_PART(SGEO_CTR_VAL));
    ck_assert_uint_eq(sgeo_ctr_part_feed_rows(feed, 100).rows, 100);
    ck_assert_uint_eq(sgeo_ctr_part_feed_rows(feed, ROWS).rows, split.rows[SGEO_CTR_VAL]);
}
END_TEST

/* A part whose rows fill the last stretch between two marks exactly. */
START_TEST(test_ctr_feed_of_a_whole_number_of_marks)
{
    uint32_t list[ROWS];
    for (size_t row = 0; row < ROWS; row++) {
        split.part[row] = row < 2048 ? SGEO_CTR_TRAIN : SGEO_CTR_TEST;
    }
    split.rows[SGEO_CTR_TRAIN] = 2048;
    open_feed(SGEO_CTR_PART(SGEO_CTR_TRAIN));
    ck_assert_uint_eq(list_parts(list, SGEO_CTR_PART(SGEO_CTR_TRAIN)), 2048);
    assert_reads(list, 0, 2048);
    assert_reads(list, 2047, 1);
}
END_TEST

/* --- mini-batches --- */

static bool same_batch(const struct sgeo_ctr_rows *a, const struct sgeo_ctr_rows *b)
{
    return a->n == b->n &&
           memcmp(a->index, b->index, a->n * data.schema->n_fields * sizeof *a->index) == 0;
}

START_TEST(test_ctr_draws_follow_from_seed_and_place)
{
    struct sgeo_ctr_draw a, b, other;
    open_feed(SGEO_CTR_PART(SGEO_CTR_TRAIN));
    ok(sgeo_ctr_draw_create(&a, feed, 7, 3, 64));
    ok(sgeo_ctr_draw_create(&b, feed, 7, 2, 64)); /* fewer batches: the first ones */
    ok(sgeo_ctr_draw_create(&other, feed, 8, 3, 64));
    for (size_t i = 0; i < 2; i++) {
        ck_assert(same_batch(&a.rows[i], &b.rows[i]));
        ck_assert(!same_batch(&a.rows[i], &a.rows[i + 1]));
        ck_assert(!same_batch(&a.rows[i], &other.rows[i]));
        ck_assert_uint_eq(a.at[i].features.n, 64);
        ck_assert_ptr_eq(a.at[i].labels, a.rows[i].label);
    }
    sgeo_ctr_draw_destroy(&a);
    sgeo_ctr_draw_destroy(&b);
    sgeo_ctr_draw_destroy(&other);
}
END_TEST

/* As many as there are: each once, so that clicks and numbers add up to the part's. */
START_TEST(test_ctr_draws_are_different_rows_of_the_part)
{
    size_t n = split.rows[SGEO_CTR_VAL], clicked = 0;
    double sums[2] = {0.0, 0.0};
    struct sgeo_ctr_draw draw;
    struct sgeo_ctr_rows part = {0};
    uint32_t list[ROWS];
    open_feed(SGEO_CTR_PART(SGEO_CTR_VAL));
    ok(sgeo_ctr_draw_create(&draw, feed, 7, 1, n));
    ok(sgeo_ctr_rows_create(&part, data.schema, n));
    list_parts(list, SGEO_CTR_PART(SGEO_CTR_VAL));
    ok(sgeo_ctr_cache_gather(&part, data.cache, list, n));
    for (size_t i = 0; i < n; i++) {
        clicked += draw.at[0].labels[i];
    }
    for (size_t i = 0; i < n * data.schema->n_fields; i++) {
        sums[0] += (double)part.index[i] * part.index[i]; /* whole numbers: exact */
        sums[1] += (double)draw.rows[0].index[i] * draw.rows[0].index[i];
    }
    ck_assert_uint_eq(clicked, split.clicked[SGEO_CTR_VAL]);
    ck_assert(sums[0] == sums[1]);
    ck_assert(!same_batch(&part, &draw.rows[0]));
    sgeo_ctr_rows_destroy(&part);
    sgeo_ctr_draw_destroy(&draw);
}
END_TEST

START_TEST(test_ctr_draws_of_more_rows_than_there_are_are_refused)
{
    struct sgeo_ctr_draw draw;
    open_feed(SGEO_CTR_PART(SGEO_CTR_VAL));
    ck_assert_int_eq(sgeo_ctr_draw_create(&draw, feed, 7, 1, split.rows[SGEO_CTR_VAL] + 1),
                     SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "criteo has 400"));
    ck_assert_int_eq(sgeo_ctr_draw_create(&draw, feed, 7, 17, 1), SGEO_USAGE);
    ck_assert_int_eq(sgeo_ctr_draw_create(&draw, feed, 7, 1, 0), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_feed");
    tcase_add_checked_fixture(tcase, open_all, close_all);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_ctr_feed_reads_parts_in_the_file_s_order, 0, 3);
    tcase_add_test(tcase, test_ctr_feed_can_be_cut_short);
    tcase_add_test(tcase, test_ctr_feed_of_a_whole_number_of_marks);
    tcase_add_test(tcase, test_ctr_draws_follow_from_seed_and_place);
    tcase_add_test(tcase, test_ctr_draws_are_different_rows_of_the_part);
    tcase_add_test(tcase, test_ctr_draws_of_more_rows_than_there_are_are_refused);
    return run_case("ctr_feed", tcase);
}
