/* Feeds: the mini-batches of one task, drawn from named streams. */
#include <math.h>

#include "base/hash.h"
#include "harness/feed.h"
#include "harness/rig.h"

enum { ELEMS = 3 * 32 * 32 };

static struct sgeo_feed *feed;

static void setup(void)
{
    tiny_create();
    ck_assert_int_eq(sgeo_feed_open(&feed, sgeo_task_find("nb201-cf10"), tiny_data, false),
                     SGEO_OK);
}

static void teardown(void)
{
    sgeo_feed_close(feed);
    feed = NULL;
    scratch_remove();
}

static float images[TINY_TRAIN * ELEMS], others[TINY_TRAIN * ELEMS];
static uint16_t labels[TINY_TRAIN], other_labels[TINY_TRAIN];

START_TEST(test_feed_splits_as_the_protocol_says)
{
    ck_assert_uint_eq(sgeo_feed_train_count(feed), TINY_TRAIN);
    ck_assert_uint_eq(sgeo_feed_val_count(feed), TINY_VAL);
    ck_assert_uint_eq(sgeo_feed_test_count(feed), TINY_TEST);
    ck_assert_uint_eq(sgeo_feed_image_elems(feed), ELEMS);
    ck_assert_uint_eq(strlen(sgeo_feed_data_id(feed)), 16);
    ck_assert(!sgeo_feed_is_stand_in(feed));
    ck_assert_str_eq(sgeo_feed_kind(feed), "real");
}
END_TEST

START_TEST(test_feed_batches_equal_for_equal_seeds_and_differ_for_others)
{
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 3, 2, 8, images, labels), SGEO_OK);
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 3, 2, 8, others, other_labels), SGEO_OK);
    ck_assert_mem_eq(images, others, 16 * ELEMS * sizeof *images);
    ck_assert_mem_eq(labels, other_labels, 16 * sizeof *labels);
    ck_assert_mem_ne(images, images + 8 * ELEMS, 8 * ELEMS * sizeof *images);
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 4, 2, 8, others, other_labels), SGEO_OK);
    ck_assert_mem_ne(images, others, 16 * ELEMS * sizeof *images);
}
END_TEST

START_TEST(test_feed_fewer_batches_are_a_prefix_of_more)
{
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 3, 4, 8, images, labels), SGEO_OK);
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 3, 2, 8, others, other_labels), SGEO_OK);
    ck_assert_mem_eq(images, others, 16 * ELEMS * sizeof *images);
}
END_TEST

/* The whole portion as one batch has every label as often as the portion: no image is drawn twice.
 */
START_TEST(test_feed_images_of_a_batch_are_distinct)
{
    size_t drawn[10] = {0}, there[10] = {0};
    struct sgeo_epochs *epochs = NULL;
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 0, 1, TINY_TRAIN, images, labels), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_create(&epochs, feed, 0, TINY_TRAIN), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(epochs, others, other_labels, 0, 0, TINY_TRAIN), SGEO_OK);
    for (size_t i = 0; i < TINY_TRAIN; i++) {
        drawn[labels[i]]++;
        there[other_labels[i]]++;
    }
    ck_assert_mem_eq(drawn, there, sizeof drawn);
    sgeo_epochs_destroy(epochs);
}
END_TEST

START_TEST(test_feed_batch_larger_than_the_portion_is_usage)
{
    ck_assert_int_eq(sgeo_feed_proxy_batches(feed, 0, 1, TINY_TRAIN + 1, images, labels),
                     SGEO_USAGE);
    assert_error_has("71 images, cifar10 has 70");
}
END_TEST

START_TEST(test_feed_mega_batch_is_fixed_and_distinct)
{
    size_t drawn[10] = {0}, there[10] = {0};
    ck_assert_int_eq(sgeo_feed_mega_batch(feed, 5, TINY_TRAIN, images, labels), SGEO_OK);
    ck_assert_int_eq(sgeo_feed_mega_batch(feed, 5, TINY_TRAIN, others, other_labels), SGEO_OK);
    ck_assert_mem_eq(images, others, sizeof images);
    ck_assert_int_eq(sgeo_feed_mega_batch(feed, 6, TINY_TRAIN, others, other_labels), SGEO_OK);
    ck_assert_mem_ne(labels, other_labels, sizeof labels);
    for (size_t i = 0; i < TINY_TRAIN; i++) {
        drawn[labels[i]]++;
        there[other_labels[i]]++;
    }
    ck_assert_mem_eq(drawn, there, sizeof drawn);
}
END_TEST

START_TEST(test_feed_mega_batch_larger_than_the_portion_is_usage)
{
    ck_assert_int_eq(sgeo_feed_mega_batch(feed, 0, TINY_TRAIN + 1, images, labels), SGEO_USAGE);
    assert_error_has("asks for 71 images, cifar10 has 70");
}
END_TEST

START_TEST(test_feed_epochs_reshuffle_and_cover_the_prefix)
{
    struct sgeo_epochs *epochs = NULL;
    enum { COUNT = 40 };
    size_t first[10] = {0}, second[10] = {0};
    ck_assert_int_eq(sgeo_epochs_create(&epochs, feed, 1, COUNT), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(epochs, images, labels, 0, 0, COUNT), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(epochs, others, other_labels, 1, 0, COUNT), SGEO_OK);
    ck_assert_mem_ne(labels, other_labels, COUNT * sizeof *labels);
    for (size_t i = 0; i < COUNT; i++) {
        first[labels[i]]++;
        second[other_labels[i]]++;
    }
    ck_assert_mem_eq(first, second, sizeof first);
    sgeo_epochs_destroy(epochs);
}
END_TEST

/* A run that goes on at an epoch's start sees what the undisturbed one saw; batch borders do not
 * matter. */
START_TEST(test_feed_epoch_restarts_identically_in_any_batches)
{
    struct sgeo_epochs *epochs = NULL, *again = NULL;
    ck_assert_int_eq(sgeo_epochs_create(&epochs, feed, 1, 30), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_create(&again, feed, 1, 30), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(epochs, images, labels, 0, 0, 30), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(epochs, images, labels, 1, 0, 30), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(again, others, other_labels, 1, 0, 13), SGEO_OK);
    ck_assert_int_eq(sgeo_epochs_batch(again, others + 13 * ELEMS, other_labels + 13, 1, 13, 17),
                     SGEO_OK);
    ck_assert_mem_eq(images, others, 30 * ELEMS * sizeof *images);
    ck_assert_mem_eq(labels, other_labels, 30 * sizeof *labels);
    sgeo_epochs_destroy(epochs);
    sgeo_epochs_destroy(again);
}
END_TEST

START_TEST(test_feed_epoch_of_nothing_or_too_much_is_usage)
{
    struct sgeo_epochs *epochs = NULL;
    ck_assert_int_eq(sgeo_epochs_create(&epochs, feed, 0, 0), SGEO_USAGE);
    ck_assert_int_eq(sgeo_epochs_create(&epochs, feed, 0, TINY_TRAIN + 1), SGEO_USAGE);
    ck_assert_ptr_null(epochs);
}
END_TEST

START_TEST(test_feed_evaluation_images_are_not_augmented)
{
    sgeo_feed_evaluation(feed, true, 0, TINY_TEST, images, labels);
    sgeo_feed_evaluation(feed, true, 7, 1, others, other_labels);
    ck_assert_mem_eq(images + 7 * ELEMS, others, ELEMS * sizeof *images);
    for (size_t i = 0; i < TINY_TEST; i++) {
        ck_assert_uint_eq(labels[i], i % 10); /* the test batch in file order */
    }
}
END_TEST

START_TEST(test_feed_formula_equals_the_golden_rules)
{
    struct sgeo_feed *formula = NULL;
    ck_assert_int_eq(sgeo_feed_open(&formula, sgeo_task_find("nb201-cf100"), NULL, true), SGEO_OK);
    ck_assert_str_eq(sgeo_feed_data_id(formula), "formula");
    ck_assert_str_eq(sgeo_feed_kind(formula), "formula");
    ck_assert_int_eq(sgeo_feed_proxy_batches(formula, 99, 2, 8, images, labels), SGEO_OK);
    for (size_t i = 0; i < 16 * ELEMS; i++) {
        double u = sgeo_hash_uniform(sgeo_fnv1a("input"), i);
        ck_assert(images[i] == (float)(sqrt(3.0) * (2.0 * u - 1.0)));
    }
    for (size_t n = 0; n < 16; n++) { /* 100 classes: still the first ten only */
        ck_assert_uint_eq(labels[n], (size_t)(10.0 * sgeo_hash_uniform(sgeo_fnv1a("label"), n)));
    }
    sgeo_feed_close(formula);
}
END_TEST

START_TEST(test_feed_stand_in_of_taskonomy_is_enlarged_and_has_soft_targets)
{
    struct sgeo_feed *stand_in = NULL;
    static float large[3 * 256 * 256];
    ck_assert_ptr_null(sgeo_feed_soft_rows(feed));
    ck_assert_int_eq(sgeo_feed_open(&stand_in, sgeo_task_find("tnb101-object"), tiny_data, false),
                     SGEO_OK);
    ck_assert(sgeo_feed_is_stand_in(stand_in));
    ck_assert_str_eq(sgeo_feed_kind(stand_in), "stand-in");
    ck_assert_uint_eq(sgeo_feed_image_elems(stand_in), 3 * 256 * 256);
    ck_assert_int_eq(sgeo_feed_proxy_batches(stand_in, 0, 1, 1, large, labels), SGEO_OK);
    ck_assert_uint_lt(labels[0], 100);
    const double *row = sgeo_feed_soft_rows(stand_in) + (size_t)labels[0] * 100;
    ck_assert_double_ge(row[labels[0]], 0.5);
    sgeo_feed_close(stand_in);
}
END_TEST

START_TEST(test_feed_real_task_without_data_is_io)
{
    struct sgeo_feed *none = NULL;
    ck_assert_int_eq(sgeo_feed_open(&none, sgeo_task_find("nb201-cf10"), NULL, false), SGEO_IO);
    assert_error_has("nb201-cf10 needs real data");
    ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("feed");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_feed_splits_as_the_protocol_says);
    tcase_add_test(tcase, test_feed_batches_equal_for_equal_seeds_and_differ_for_others);
    tcase_add_test(tcase, test_feed_fewer_batches_are_a_prefix_of_more);
    tcase_add_test(tcase, test_feed_images_of_a_batch_are_distinct);
    tcase_add_test(tcase, test_feed_batch_larger_than_the_portion_is_usage);
    tcase_add_test(tcase, test_feed_mega_batch_is_fixed_and_distinct);
    tcase_add_test(tcase, test_feed_mega_batch_larger_than_the_portion_is_usage);
    tcase_add_test(tcase, test_feed_epochs_reshuffle_and_cover_the_prefix);
    tcase_add_test(tcase, test_feed_epoch_restarts_identically_in_any_batches);
    tcase_add_test(tcase, test_feed_epoch_of_nothing_or_too_much_is_usage);
    tcase_add_test(tcase, test_feed_evaluation_images_are_not_augmented);
    tcase_add_test(tcase, test_feed_formula_equals_the_golden_rules);
    tcase_add_test(tcase, test_feed_stand_in_of_taskonomy_is_enlarged_and_has_soft_targets);
    tcase_add_test(tcase, test_feed_real_task_without_data_is_io);
    return run_case("feed", tcase);
}
