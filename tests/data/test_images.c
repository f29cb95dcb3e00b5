/* Loading image sets by name. */
#include "data/images.h"

#include "fixture.h"

static struct sgeo_images train;
static struct sgeo_images test;

static enum sgeo_status load(const char *name, const char *dir)
{
    return sgeo_images_load(&train, &test, name, dir);
}

static void release(void)
{
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}

START_TEST(test_images_unknown_name_is_usage)
{
    ck_assert_int_eq(load("cifar11", fixture_dir), SGEO_USAGE);
    ck_assert(fixture_error_says("cifar11"));
    ck_assert_ptr_null(train.pixels);
}
END_TEST

START_TEST(test_images_without_a_data_folder_is_io)
{
    static const char *const names[] = {"cifar10", "cifar100", "imagenet16-120", "mnist",
                                        "taskonomy"};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(load(names[i], NULL), SGEO_IO);
        ck_assert(fixture_error_says("--data"));
    }
}
END_TEST

START_TEST(test_images_every_name_loads_under_its_own_name)
{
    static const char *const names[] = {"cifar10", "cifar100",      "imagenet16-120",
                                        "mnist",   "fashion-mnist", "taskonomy"};
    fixture_cifar10(2);
    fixture_mnist("mnist", 3, ".gz");
    fixture_mnist("fashion-mnist", 4, ".gz");
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(load(names[i], fixture_dir), SGEO_OK);
        ck_assert_str_eq(train.name, names[i]);
        ck_assert_str_eq(test.name, names[i]);
        release();
    }
}
END_TEST

START_TEST(test_images_own_fashion_mnist_goes_before_the_system_s)
{
    fixture_mnist("fashion-mnist", 4, "");
    ck_assert_int_eq(load("fashion-mnist", fixture_dir), SGEO_OK);
    ck_assert_uint_eq(train.n, 4);
    release();
}
END_TEST

START_TEST(test_images_cifar100_is_the_real_one_where_it_is)
{
    static unsigned char records[2 * 3074];
    fixture_cifar10(2);
    fixture_folder("cifar-100-binary");
    fixture_write("cifar-100-binary/train.bin", records,
                  fixture_cifar_records(records, 0, 2, true));
    fixture_write("cifar-100-binary/test.bin", records, fixture_cifar_records(records, 2, 1, true));
    ck_assert_int_eq(load("cifar100", fixture_dir), SGEO_OK);
    ck_assert(!train.stand_in);
    ck_assert_uint_eq(train.n, 2);
    release();
}
END_TEST

START_TEST(test_images_damaged_cifar100_never_becomes_a_stand_in)
{
    fixture_cifar10(2);
    fixture_folder("cifar-100-binary");
    fixture_write_text("cifar-100-binary/train.bin", "cut");
    ck_assert_int_eq(load("cifar100", fixture_dir), SGEO_IO);
    ck_assert(fixture_error_says("train.bin"));
}
END_TEST

START_TEST(test_images_missing_cifar100_is_a_marked_stand_in)
{
    fixture_cifar10(2);
    ck_assert_int_eq(load("cifar100", fixture_dir), SGEO_OK);
    ck_assert(train.stand_in);
    ck_assert(test.stand_in);
    release();
}
END_TEST

START_TEST(test_images_destroy_leaves_an_empty_set)
{
    static const size_t shape[3] = {1, 2, 2};
    ck_assert_int_eq(
        sgeo_images_create(&train, "a name that is longer than thirty-one bytes", 3, shape, 10),
        SGEO_OK);
    ck_assert_uint_eq(strlen(train.name), SGEO_DATASET_NAME_MAX - 1);
    sgeo_images_destroy(&train);
    ck_assert_uint_eq(train.n, 0);
    sgeo_images_destroy(&train);
    sgeo_images_destroy(NULL);
}
END_TEST

START_TEST(test_images_size_that_overflows_is_refused)
{
    static const size_t shape[3] = {SIZE_MAX / 2, 3, 1};
    ck_assert_int_eq(sgeo_images_create(&train, "huge", 3, shape, 10), SGEO_IO);
    ck_assert_ptr_null(train.pixels);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_images_unknown_name_is_usage,
        test_images_without_a_data_folder_is_io,
        test_images_every_name_loads_under_its_own_name,
        test_images_own_fashion_mnist_goes_before_the_system_s,
        test_images_cifar100_is_the_real_one_where_it_is,
        test_images_damaged_cifar100_never_becomes_a_stand_in,
        test_images_missing_cifar100_is_a_marked_stand_in,
        test_images_destroy_leaves_an_empty_set,
        test_images_size_that_overflows_is_refused,
    };
    return fixture_run("images", tests, sizeof(tests) / sizeof(tests[0]));
}
