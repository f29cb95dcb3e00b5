/* Stand-ins made from CIFAR-10. */
#include "data/standin.h"

#include "base/memory.h"
#include "fixture.h"

/* Images of 2x2 pixels, three channels, each of one grey level. */
static struct sgeo_images flat_images(size_t n, const uint8_t *levels, const uint16_t *labels)
{
    static const size_t shape[3] = {3, 2, 2};
    struct sgeo_images images;
    ck_assert_int_eq(sgeo_images_create(&images, "flat", n, shape, 2), SGEO_OK);
    for (size_t i = 0; i < n; i++) {
        memset(images.pixels + i * 12, levels[i], 12);
        images.labels[i] = labels[i];
    }
    return images;
}

START_TEST(test_standin_sub_class_is_the_rank_within_the_class)
{
    static const uint8_t levels[8] = {90, 10, 50, 200, 70, 30, 201, 202};
    static const uint16_t labels[8] = {0, 0, 0, 1, 0, 1, 1, 1};
    static const uint16_t expected[8] = {1, 0, 0, 2, 1, 2, 3, 3};
    struct sgeo_images images = flat_images(8, levels, labels);
    ck_assert_int_eq(sgeo_standin_split_classes(&images, 2), SGEO_OK);
    ck_assert_uint_eq(images.classes, 4);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_uint_eq(images.labels[i], expected[i]);
    }
    sgeo_images_destroy(&images);
}
END_TEST

START_TEST(test_standin_equal_luminance_keeps_the_order_of_the_images)
{
    static const uint8_t levels[6] = {7, 7, 7, 7, 7, 7};
    static const uint16_t labels[6] = {0, 0, 0, 0, 0, 0};
    struct sgeo_images images = flat_images(6, levels, labels);
    ck_assert_int_eq(sgeo_standin_split_classes(&images, 3), SGEO_OK);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(images.labels[i], i / 2);
    }
    sgeo_images_destroy(&images);
}
END_TEST

START_TEST(test_standin_green_is_brighter_than_red_than_blue)
{
    static const uint8_t levels[3] = {0, 0, 0};
    static const uint16_t labels[3] = {0, 0, 0};
    struct sgeo_images images = flat_images(3, levels, labels);
    memset(images.pixels + 0 * 12 + 0 * 4, 100, 4); /* red */
    memset(images.pixels + 1 * 12 + 1 * 4, 100, 4); /* green */
    memset(images.pixels + 2 * 12 + 2 * 4, 100, 4); /* blue */
    ck_assert_int_eq(sgeo_standin_split_classes(&images, 3), SGEO_OK);
    ck_assert_uint_eq(images.labels[0], 1);
    ck_assert_uint_eq(images.labels[1], 2);
    ck_assert_uint_eq(images.labels[2], 0);
    sgeo_images_destroy(&images);
}
END_TEST

START_TEST(test_standin_halving_averages_boxes_and_rounds_half_up)
{
    static const size_t shape[3] = {1, 2, 4};
    static const uint8_t pixels[16] = {0, 1, 10, 20, 0, 1, 30, 40, 255, 255, 1, 1, 255, 255, 1, 0};
    static const uint8_t expected[4] = {1, 25, 255, 1}; /* means .5, 25, 255, .75 */
    struct sgeo_images images;
    ck_assert_int_eq(sgeo_images_create(&images, "boxes", 2, shape, 2), SGEO_OK);
    memcpy(images.pixels, pixels, sizeof(pixels));
    sgeo_standin_halve(&images);
    ck_assert_uint_eq(images.height, 1);
    ck_assert_uint_eq(images.width, 2);
    ck_assert_mem_eq(images.pixels, expected, sizeof(expected));
    sgeo_images_destroy(&images);
}
END_TEST

START_TEST(test_standin_halving_in_place_equals_halving_apart)
{
    static const size_t shape[3] = {3, 32, 32};
    struct sgeo_images images;
    ck_assert_int_eq(sgeo_images_create(&images, "many", 3, shape, 2), SGEO_OK);
    for (size_t i = 0; i < 3 * 3072; i++) {
        images.pixels[i] = fixture_pixel(i / 3072, i);
    }
    uint8_t *original = sgeo_calloc(3 * 3072, 1);
    ck_assert_ptr_nonnull(original);
    memcpy(original, images.pixels, 3 * 3072);
    sgeo_standin_halve(&images);
    for (size_t p = 0; p < 9 * 256; p++) {
        const uint8_t *box = original + p / 256 * 1024 + p % 256 / 16 * 64 + p % 16 * 2;
        unsigned sum = 0u + box[0] + box[1] + box[32] + box[33];
        ck_assert_uint_eq(images.pixels[p], (sum + 2) / 4);
    }
    sgeo_free(original);
    sgeo_images_destroy(&images);
}
END_TEST

START_TEST(test_standin_without_cifar10_is_io)
{
    struct sgeo_images train = {0};
    struct sgeo_images test = {0};
    ck_assert_int_eq(sgeo_standin_load(&train, &test, SGEO_STANDIN_IMAGENET16, fixture_dir),
                     SGEO_IO);
    ck_assert(fixture_error_says("data_batch_1.bin"));
    ck_assert_ptr_null(train.pixels);
}
END_TEST

/* Every class of a stand-in holds the same number of images. */
static void expect_even(const struct sgeo_images *images, size_t classes, size_t each)
{
    size_t count[128] = {0};
    ck_assert_uint_eq(images->classes, classes);
    ck_assert(images->stand_in);
    for (size_t i = 0; i < images->n; i++) {
        count[images->labels[i]]++;
    }
    for (size_t c = 0; c < classes; c++) {
        ck_assert_uint_eq(count[c], each);
    }
}

START_TEST(test_standin_cifar100_has_100_even_classes_of_32x32)
{
    struct sgeo_images train;
    struct sgeo_images test;
    fixture_cifar10(100); /* 500 training images, 50 a class; 10 test images a class */
    ck_assert_int_eq(sgeo_standin_load(&train, &test, SGEO_STANDIN_CIFAR100, fixture_dir), SGEO_OK);
    expect_even(&train, 100, 5);
    expect_even(&test, 100, 1);
    ck_assert_uint_eq(train.height, 32);
    for (size_t i = 0; i < train.n; i++) {
        ck_assert_uint_eq(train.labels[i] / 10, i % 10);
    }
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_standin_imagenet16_has_120_even_classes_of_16x16)
{
    struct sgeo_images train;
    struct sgeo_images test;
    fixture_cifar10(120);
    ck_assert_int_eq(sgeo_standin_load(&train, &test, SGEO_STANDIN_IMAGENET16, fixture_dir),
                     SGEO_OK);
    expect_even(&train, 120, 5);
    expect_even(&test, 120, 1);
    ck_assert_uint_eq(train.height, 16);
    ck_assert_uint_eq(train.width, 16);
    ck_assert_str_eq(train.name, "imagenet16-120");
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_standin_taskonomy_has_100_even_classes_and_soft_rows)
{
    struct sgeo_images train;
    struct sgeo_images test;
    fixture_cifar10(100);
    ck_assert_int_eq(sgeo_standin_load(&train, &test, SGEO_STANDIN_TASKONOMY, fixture_dir),
                     SGEO_OK);
    expect_even(&train, 100, 5);
    expect_even(&test, 100, 1);
    ck_assert_uint_eq(train.height, 32);
    ck_assert_str_eq(train.name, "taskonomy");
    ck_assert_ptr_nonnull(train.soft_rows);
    ck_assert_mem_eq(train.soft_rows, test.soft_rows, 100 * 100 * sizeof(double));
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

/* Row by row: sums to 1, largest at the label, nothing outside the class. */
START_TEST(test_standin_soft_rows_spread_over_neighbours_of_the_class)
{
    const size_t shape[3] = {3, 1, 1};
    struct sgeo_images images;
    ck_assert_int_eq(sgeo_images_create(&images, "made", 1, shape, 6), SGEO_OK);
    ck_assert_int_eq(sgeo_standin_soften(&images, 3), SGEO_OK);
    static const double expected[6][6] = {
        {0.75, 0.25, 0.0, 0.0, 0.0, 0.0}, {0.25, 0.5, 0.25, 0.0, 0.0, 0.0},
        {0.0, 0.25, 0.75, 0.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 0.75, 0.25, 0.0},
        {0.0, 0.0, 0.0, 0.25, 0.5, 0.25}, {0.0, 0.0, 0.0, 0.0, 0.25, 0.75}};
    ck_assert_mem_eq(images.soft_rows, expected, sizeof expected);
    sgeo_images_destroy(&images);
    ck_assert_ptr_null(images.soft_rows);
}
END_TEST

START_TEST(test_standin_of_the_real_cifar10_is_even)
{
    const char *dir = fixture_real_data();
    struct sgeo_images train;
    struct sgeo_images test;
    if (dir == NULL) {
        return;
    }
    ck_assert_int_eq(sgeo_standin_load(&train, &test, SGEO_STANDIN_CIFAR100, dir), SGEO_OK);
    expect_even(&train, 100, 500);
    expect_even(&test, 100, 100);
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_standin_sub_class_is_the_rank_within_the_class,
        test_standin_equal_luminance_keeps_the_order_of_the_images,
        test_standin_green_is_brighter_than_red_than_blue,
        test_standin_halving_averages_boxes_and_rounds_half_up,
        test_standin_halving_in_place_equals_halving_apart,
        test_standin_without_cifar10_is_io,
        test_standin_cifar100_has_100_even_classes_of_32x32,
        test_standin_imagenet16_has_120_even_classes_of_16x16,
        test_standin_taskonomy_has_100_even_classes_and_soft_rows,
        test_standin_soft_rows_spread_over_neighbours_of_the_class,
        test_standin_of_the_real_cifar10_is_even,
    };
    return fixture_run("standin", tests, sizeof(tests) / sizeof(tests[0]));
}
