/* idx reader. */
#include "data/idx.h"

#include "base/file.h"
#include "fixture.h"

static unsigned char file[4096];

static enum sgeo_status parse(size_t rank, size_t n_bytes)
{
    struct sgeo_idx idx;
    return sgeo_idx_parse(&idx, rank, file, n_bytes, "some-file");
}

static enum sgeo_status load(struct sgeo_images *train, struct sgeo_images *test)
{
    *train = (struct sgeo_images){0};
    *test = (struct sgeo_images){0};
    return sgeo_idx_load(train, test, "mnist", fixture_path("mnist"));
}

static void expect_refused(const char *part)
{
    struct sgeo_images train;
    struct sgeo_images test;
    ck_assert_int_eq(load(&train, &test), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_ptr_null(train.pixels);
    ck_assert_ptr_null(test.pixels);
}

START_TEST(test_idx_dimensions_and_values_are_read)
{
    const size_t dims[3] = {2, 3, 4};
    struct sgeo_idx idx;
    size_t length = fixture_idx(file, 3, dims, 256);
    ck_assert_int_eq(sgeo_idx_parse(&idx, 3, file, length, "f"), SGEO_OK);
    ck_assert_uint_eq(idx.rank, 3);
    ck_assert_uint_eq(idx.dims[0], 2);
    ck_assert_uint_eq(idx.dims[1], 3);
    ck_assert_uint_eq(idx.dims[2], 4);
    ck_assert_ptr_eq(idx.values, file + 16);
}
END_TEST

START_TEST(test_idx_dimensions_are_big_endian)
{
    struct sgeo_idx idx;
    unsigned char header[8 + 258] = {0, 0, 8, 1, 0, 0, 1, 2};
    ck_assert_int_eq(sgeo_idx_parse(&idx, 1, header, sizeof(header), "f"), SGEO_OK);
    ck_assert_uint_eq(idx.dims[0], 258);
}
END_TEST

START_TEST(test_idx_trailing_byte_is_refused)
{
    const size_t dims[1] = {5};
    size_t length = fixture_idx(file, 1, dims, 10);
    ck_assert_int_eq(parse(1, length), SGEO_OK);
    ck_assert_int_eq(parse(1, length + 1), SGEO_IO);
    ck_assert(fixture_error_says("6 values follow the header, it promises 5"));
}
END_TEST

START_TEST(test_idx_cut_at_any_byte_is_refused)
{
    const size_t dims[3] = {2, 3, 4};
    size_t length = fixture_idx(file, 3, dims, 256);
    for (size_t n = 0; n < length; n++) {
        ck_assert_int_eq(parse(3, n), SGEO_IO);
    }
}
END_TEST

START_TEST(test_idx_other_type_is_refused)
{
    const size_t dims[1] = {5};
    size_t length = fixture_idx(file, 1, dims, 10);
    file[2] = 13; /* float */
    ck_assert_int_eq(parse(1, length), SGEO_IO);
    ck_assert(fixture_error_says("unsigned bytes"));
}
END_TEST

START_TEST(test_idx_labels_given_as_images_are_told)
{
    const size_t dims[1] = {20};
    size_t length = fixture_idx(file, 1, dims, 10);
    ck_assert_int_eq(parse(3, length), SGEO_IO);
    ck_assert(fixture_error_says("an idx1 file where idx3 is expected"));
}
END_TEST

START_TEST(test_idx_zero_dimension_is_refused)
{
    const size_t dims[3] = {2, 0, 4};
    size_t length = fixture_idx(file, 3, dims, 256);
    ck_assert_int_eq(parse(3, length), SGEO_IO);
}
END_TEST

START_TEST(test_idx_dimensions_whose_product_overflows_are_refused)
{
    /* 2^31 * 2^31 * 4 = 2^64: zero values, if it were computed modulo 2^64 */
    const unsigned char header[16] = {0, 0, 8, 3, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 4};
    memcpy(file, header, sizeof(header));
    ck_assert_int_eq(parse(3, sizeof(header)), SGEO_IO);
}
END_TEST

START_TEST(test_idx_packed_files_hold_the_same_images)
{
    struct sgeo_images plain;
    struct sgeo_images packed;
    struct sgeo_images test;
    fixture_mnist("mnist", 5, ".gz");
    ck_assert_int_eq(load(&packed, &test), SGEO_OK);
    sgeo_images_destroy(&test);
    fixture_mnist("mnist", 5, "");
    ck_assert_int_eq(load(&plain, &test), SGEO_OK);
    ck_assert_uint_eq(plain.n, 5);
    ck_assert_uint_eq(plain.channels, 1);
    ck_assert_uint_eq(plain.height, 28);
    ck_assert_uint_eq(plain.classes, 10);
    ck_assert_uint_eq(test.n, 2);
    ck_assert_uint_eq(plain.labels[3], fixture_pixel(0, 3) % 10);
    ck_assert_mem_eq(plain.pixels, packed.pixels, 5 * 784);
    ck_assert_mem_eq(plain.labels, packed.labels, 5 * sizeof(*plain.labels));
    ck_assert_str_eq(plain.sha256, packed.sha256);
    sgeo_images_destroy(&plain);
    sgeo_images_destroy(&packed);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_idx_missing_file_is_named)
{
    fixture_mnist("mnist", 5, "");
    ck_assert_int_eq(remove(fixture_path("mnist/t10k-labels-idx1-ubyte")), 0);
    expect_refused("t10k-labels-idx1-ubyte");
}
END_TEST

START_TEST(test_idx_numbers_of_labels_and_images_must_agree)
{
    const size_t dims[1] = {4};
    fixture_mnist("mnist", 5, "");
    fixture_write("mnist/train-labels-idx1-ubyte", file, fixture_idx(file, 1, dims, 10));
    expect_refused("4 labels for the 5 images");
}
END_TEST

START_TEST(test_idx_label_over_nine_names_its_image)
{
    const size_t dims[1] = {5};
    fixture_mnist("mnist", 5, "");
    size_t length = fixture_idx(file, 1, dims, 10);
    file[8 + 3] = 10;
    fixture_write("mnist/train-labels-idx1-ubyte", file, length);
    expect_refused("label 10 of image 3");
}
END_TEST

START_TEST(test_idx_splits_of_different_image_sizes_are_refused)
{
    const size_t dims[3] = {2, 14, 28};
    fixture_mnist("mnist", 5, "");
    fixture_write("mnist/t10k-images-idx3-ubyte", file, fixture_idx(file, 3, dims, 256));
    expect_refused("14x28");
}
END_TEST

static void expect_published(const struct sgeo_images *train, const struct sgeo_images *test,
                             double mean)
{
    uint64_t sum = 0;
    ck_assert_uint_eq(train->n, 60000);
    ck_assert_uint_eq(test->n, 10000);
    for (size_t i = 0; i < train->n * 784; i++) {
        sum += train->pixels[i];
    }
    ck_assert_double_eq_tol((double)sum / (60000.0 * 784.0 * 255.0), mean, 5e-5);
}

START_TEST(test_idx_real_mnist_has_the_published_counts_and_mean)
{
    static const unsigned char first[10] = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
    const char *dir = fixture_real_data();
    struct sgeo_images train;
    struct sgeo_images test;
    char folder[FIXTURE_PATH_MAX];
    if (dir == NULL) {
        return;
    }
    snprintf(folder, sizeof(folder), "%s/mnist", dir);
    ck_assert_int_eq(sgeo_idx_load(&train, &test, "mnist", folder), SGEO_OK);
    expect_published(&train, &test, 0.1307);
    for (size_t i = 0; i < 10; i++) {
        ck_assert_uint_eq(train.labels[i], first[i]);
    }
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_idx_real_fashion_mnist_has_the_published_counts_and_mean)
{
    static const char folder[] = "/usr/share/datasets/fashion-mnist";
    struct sgeo_images train;
    struct sgeo_images test;
    size_t count[10] = {0};
    if (!sgeo_file_exists(folder)) {
        fprintf(stderr, "skipped: dataset-fashion-mnist is not installed\n");
        return;
    }
    ck_assert_int_eq(sgeo_idx_load(&train, &test, "fashion-mnist", folder), SGEO_OK);
    expect_published(&train, &test, 0.2860);
    for (size_t i = 0; i < train.n; i++) {
        count[train.labels[i]]++;
    }
    for (size_t c = 0; c < 10; c++) {
        ck_assert_uint_eq(count[c], 6000);
    }
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_idx_dimensions_and_values_are_read,
        test_idx_dimensions_are_big_endian,
        test_idx_trailing_byte_is_refused,
        test_idx_cut_at_any_byte_is_refused,
        test_idx_other_type_is_refused,
        test_idx_labels_given_as_images_are_told,
        test_idx_zero_dimension_is_refused,
        test_idx_dimensions_whose_product_overflows_are_refused,
        test_idx_packed_files_hold_the_same_images,
        test_idx_missing_file_is_named,
        test_idx_numbers_of_labels_and_images_must_agree,
        test_idx_label_over_nine_names_its_image,
        test_idx_splits_of_different_image_sizes_are_refused,
        test_idx_real_mnist_has_the_published_counts_and_mean,
        test_idx_real_fashion_mnist_has_the_published_counts_and_mean,
    };
    return fixture_run("idx", tests, sizeof(tests) / sizeof(tests[0]));
}
