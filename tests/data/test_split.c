/* Training and validation portions. */
#include "data/split.h"

#include "base/rng.h"
#include "fixture.h"

static struct sgeo_split make(const char *dataset, size_t n, uint64_t seed)
{
    struct sgeo_split split = {0};
    ck_assert_int_eq(sgeo_split_create(&split, dataset, n, seed), SGEO_OK);
    return split;
}

START_TEST(test_split_cifar_trains_on_the_first_35000)
{
    static bool seen[50000];
    struct sgeo_split split = make("cifar10", 50000, 9000);
    ck_assert_uint_eq(split.n_train, 35000);
    ck_assert_uint_eq(split.n_val, 15000);
    for (size_t i = 0; i < split.n_train; i++) {
        ck_assert_uint_lt(split.train[i], 35000);
        ck_assert(!seen[split.train[i]]);
        seen[split.train[i]] = true;
    }
    for (size_t i = 0; i < split.n_val; i++) {
        ck_assert_uint_eq(split.val[i], 35000 + i);
    }
    sgeo_split_destroy(&split);
}
END_TEST

START_TEST(test_split_fashion_mnist_keeps_10000_for_validation)
{
    struct sgeo_split split = make("fashion-mnist", 60000, 0);
    ck_assert_uint_eq(split.n_train, 50000);
    ck_assert_uint_eq(split.n_val, 10000);
    ck_assert_uint_eq(split.val[9999], 59999);
    sgeo_split_destroy(&split);
}
END_TEST

START_TEST(test_split_portions_round_down)
{
    for (size_t n = 2; n < 100; n++) {
        struct sgeo_split split = make("cifar10", n, 0);
        ck_assert_uint_eq(split.n_train, n * 7 / 10);
        sgeo_split_destroy(&split);
        split = make("fashion-mnist", n, 0);
        ck_assert_uint_eq(split.n_train, n * 5 / 6);
        sgeo_split_destroy(&split);
    }
}
END_TEST

START_TEST(test_split_order_is_the_named_stream_s)
{
    uint32_t expected[7] = {0, 1, 2, 3, 4, 5, 6};
    struct sgeo_rng rng = sgeo_rng_stream(42, "split", 0);
    struct sgeo_split split = make("cifar10", 10, 42);
    sgeo_rng_shuffle(&rng, expected, 7);
    ck_assert_mem_eq(split.train, expected, sizeof(expected));
    sgeo_split_destroy(&split);
}
END_TEST

START_TEST(test_split_another_seed_is_another_order)
{
    struct sgeo_split a = make("cifar10", 1000, 1);
    struct sgeo_split b = make("cifar10", 1000, 2);
    struct sgeo_split c = make("cifar10", 1000, 1);
    ck_assert(memcmp(a.train, b.train, 700 * sizeof(*a.train)) != 0);
    ck_assert_mem_eq(a.train, c.train, 700 * sizeof(*a.train));
    sgeo_split_destroy(&a);
    sgeo_split_destroy(&b);
    sgeo_split_destroy(&c);
}
END_TEST

START_TEST(test_split_too_few_images_are_refused)
{
    struct sgeo_split split = {0};
    ck_assert_int_eq(sgeo_split_create(&split, "cifar10", 0, 0), SGEO_IO);
    ck_assert_int_eq(sgeo_split_create(&split, "cifar10", 1, 0), SGEO_IO);
    ck_assert_ptr_null(split.train);
    sgeo_split_destroy(NULL);
}
END_TEST

START_TEST(test_split_prefix_is_the_nearest_whole_number)
{
    ck_assert_uint_eq(sgeo_split_prefix(35000, 0.0), 0);
    ck_assert_uint_eq(sgeo_split_prefix(35000, 1.0), 350);
    ck_assert_uint_eq(sgeo_split_prefix(35000, 10.0), 3500);
    ck_assert_uint_eq(sgeo_split_prefix(35000, 60.0), 21000);
    ck_assert_uint_eq(sgeo_split_prefix(35000, 100.0), 35000);
    ck_assert_uint_eq(sgeo_split_prefix(2750, 1.0), 28);
    ck_assert_uint_eq(sgeo_split_prefix(10, 4.9), 0);
    ck_assert_uint_eq(sgeo_split_prefix(10, 5.0), 1);
    ck_assert_uint_eq(sgeo_split_prefix(0, 100.0), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_split_cifar_trains_on_the_first_35000,
        test_split_fashion_mnist_keeps_10000_for_validation,
        test_split_portions_round_down,
        test_split_order_is_the_named_stream_s,
        test_split_another_seed_is_another_order,
        test_split_too_few_images_are_refused,
        test_split_prefix_is_the_nearest_whole_number,
    };
    return fixture_run("split", tests, sizeof(tests) / sizeof(tests[0]));
}
