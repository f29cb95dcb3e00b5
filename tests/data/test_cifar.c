/* CIFAR binary reader. */
#include "data/cifar.h"

#include "fixture.h"

static unsigned char records[8 * 3074];

static enum sgeo_status load(struct sgeo_images *train, struct sgeo_images *test,
                             enum sgeo_cifar_kind kind)
{
    *train = (struct sgeo_images){0};
    *test = (struct sgeo_images){0};
    return sgeo_cifar_load(train, test, kind, fixture_dir);
}

static void expect_refused(enum sgeo_cifar_kind kind, const char *part)
{
    struct sgeo_images train;
    struct sgeo_images test;
    ck_assert_int_eq(load(&train, &test, kind), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s; %s", part, sgeo_error_text(),
                  sgeo_error_hint());
    ck_assert_ptr_null(train.pixels);
    ck_assert_ptr_null(test.pixels);
}

START_TEST(test_cifar10_images_arrive_in_batch_order)
{
    struct sgeo_images train;
    struct sgeo_images test;
    fixture_cifar10(3);
    ck_assert_int_eq(load(&train, &test, SGEO_CIFAR_10), SGEO_OK);
    ck_assert_uint_eq(train.n, 15);
    ck_assert_uint_eq(test.n, 3);
    ck_assert_uint_eq(sgeo_images_stride(&train), 3072);
    ck_assert_uint_eq(train.classes, 10);
    for (size_t image = 0; image < 15; image++) {
        ck_assert_uint_eq(train.labels[image], image % 10);
        for (size_t i = 0; i < 3072; i++) {
            ck_assert_uint_eq(train.pixels[image * 3072 + i], fixture_pixel(image, i));
        }
    }
    ck_assert_uint_eq(test.labels[0], 15 % 10);
    ck_assert_uint_eq(test.pixels[9], fixture_pixel(15, 9));
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_cifar10_provenance_depends_on_every_batch)
{
    struct sgeo_images train;
    struct sgeo_images test;
    char before[SGEO_SHA256_HEX];
    fixture_cifar10(2);
    ck_assert_int_eq(load(&train, &test, SGEO_CIFAR_10), SGEO_OK);
    memcpy(before, train.sha256, sizeof(before));
    ck_assert_uint_eq(strlen(before), 64);
    ck_assert_str_ne(before, test.sha256);
    ck_assert(!train.stand_in);
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
    size_t length = fixture_cifar_records(records, 4, 2, false);
    records[length - 1] ^= 1;
    fixture_write("cifar-10-batches-bin/data_batch_3.bin", records, length);
    ck_assert_int_eq(load(&train, &test, SGEO_CIFAR_10), SGEO_OK);
    ck_assert_str_ne(before, train.sha256);
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_cifar10_missing_batch_is_named)
{
    fixture_cifar10(2);
    ck_assert_int_eq(remove(fixture_path("cifar-10-batches-bin/data_batch_4.bin")), 0);
    expect_refused(SGEO_CIFAR_10, "data_batch_4.bin");
}
END_TEST

START_TEST(test_cifar10_missing_test_batch_is_named)
{
    fixture_cifar10(2);
    ck_assert_int_eq(remove(fixture_path("cifar-10-batches-bin/test_batch.bin")), 0);
    expect_refused(SGEO_CIFAR_10, "test_batch.bin");
}
END_TEST

START_TEST(test_cifar10_cut_file_is_refused)
{
    fixture_cifar10(2);
    size_t length = fixture_cifar_records(records, 0, 2, false);
    fixture_write("cifar-10-batches-bin/data_batch_2.bin", records, length - 1);
    expect_refused(SGEO_CIFAR_10, "data_batch_2.bin");
    expect_refused(SGEO_CIFAR_10, "3073");
}
END_TEST

START_TEST(test_cifar10_empty_file_is_refused)
{
    fixture_cifar10(2);
    fixture_write("cifar-10-batches-bin/data_batch_1.bin", records, 0);
    expect_refused(SGEO_CIFAR_10, "data_batch_1.bin");
}
END_TEST

START_TEST(test_cifar10_short_batch_is_refused)
{
    fixture_cifar10(2);
    fixture_write("cifar-10-batches-bin/data_batch_5.bin", records,
                  fixture_cifar_records(records, 0, 1, false));
    expect_refused(SGEO_CIFAR_10, "data_batch_5.bin");
}
END_TEST

START_TEST(test_cifar10_label_out_of_range_names_its_record)
{
    fixture_cifar10(2);
    size_t length = fixture_cifar_records(records, 0, 2, false);
    records[3073] = 10;
    fixture_write("cifar-10-batches-bin/data_batch_1.bin", records, length);
    expect_refused(SGEO_CIFAR_10, "record 1 has label 10");
}
END_TEST

START_TEST(test_cifar100_file_given_as_cifar10_is_told_by_its_size)
{
    fixture_cifar10(2);
    fixture_write("cifar-10-batches-bin/data_batch_1.bin", records,
                  fixture_cifar_records(records, 0, 2, true));
    expect_refused(SGEO_CIFAR_10, "looks like a CIFAR-100 file");
}
END_TEST

START_TEST(test_cifar10_file_given_as_cifar100_is_told_by_its_size)
{
    fixture_folder("cifar-100-binary");
    fixture_write("cifar-100-binary/train.bin", records,
                  fixture_cifar_records(records, 0, 2, false));
    expect_refused(SGEO_CIFAR_100, "looks like a CIFAR-10 file");
}
END_TEST

START_TEST(test_cifar_size_that_fits_both_is_told_by_the_labels)
{
    size_t both = (size_t)3073 * 3074; /* 3074 records of CIFAR-10, 3073 of CIFAR-100 */
    unsigned char *bytes = calloc(both, 1);
    uint8_t *pixels = malloc(both);
    uint16_t *labels = malloc(3074 * sizeof(*labels));
    size_t n = 0;
    ck_assert(bytes != NULL && pixels != NULL && labels != NULL);
    for (size_t r = 0; r < 3073; r++) {
        bytes[r * 3074 + 1] = 99;
    }
    ck_assert_int_eq(sgeo_cifar_count(&n, SGEO_CIFAR_10, both, "f"), SGEO_OK);
    ck_assert_uint_eq(n, 3074);
    bytes[3073] = 19;
    ck_assert_int_eq(sgeo_cifar_unpack(pixels, labels, SGEO_CIFAR_10, bytes, n, "f"), SGEO_IO);
    ck_assert(fixture_error_says("looks like a CIFAR-100 file"));
    free(bytes);
    free(pixels);
    free(labels);
}
END_TEST

START_TEST(test_cifar100_yields_the_fine_label)
{
    struct sgeo_images train;
    struct sgeo_images test;
    fixture_folder("cifar-100-binary");
    fixture_write("cifar-100-binary/train.bin", records,
                  fixture_cifar_records(records, 37, 4, true));
    fixture_write("cifar-100-binary/test.bin", records,
                  fixture_cifar_records(records, 99, 1, true));
    ck_assert_int_eq(load(&train, &test, SGEO_CIFAR_100), SGEO_OK);
    ck_assert_uint_eq(train.n, 4);
    ck_assert_uint_eq(train.classes, 100);
    ck_assert_uint_eq(train.labels[1], 38);
    ck_assert_uint_eq(train.pixels[3072], fixture_pixel(38, 0));
    ck_assert_uint_eq(test.labels[0], 99);
    ck_assert_str_eq(train.name, "cifar100");
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

START_TEST(test_cifar100_coarse_label_out_of_range_is_refused)
{
    fixture_folder("cifar-100-binary");
    size_t length = fixture_cifar_records(records, 0, 2, true);
    records[3074] = 20;
    fixture_write("cifar-100-binary/train.bin", records, length);
    expect_refused(SGEO_CIFAR_100, "record 1 has label 20");
}
END_TEST

static double mean_of_channel(const struct sgeo_images *images, size_t channel)
{
    uint64_t sum = 0;
    for (size_t image = 0; image < images->n; image++) {
        const uint8_t *plane = images->pixels + image * 3072 + channel * 1024;
        for (size_t i = 0; i < 1024; i++) {
            sum += plane[i];
        }
    }
    return (double)sum / ((double)images->n * 1024.0 * 255.0);
}

START_TEST(test_cifar10_real_set_has_the_published_counts_and_means)
{
    static const double published[3] = {0.4914, 0.4822, 0.4465};
    const char *dir = fixture_real_data();
    struct sgeo_images train = {0};
    struct sgeo_images test = {0};
    size_t count[10] = {0};
    if (dir == NULL) {
        return;
    }
    ck_assert_int_eq(sgeo_cifar_load(&train, &test, SGEO_CIFAR_10, dir), SGEO_OK);
    ck_assert_uint_eq(train.n, 50000);
    ck_assert_uint_eq(test.n, 10000);
    for (size_t i = 0; i < train.n; i++) {
        count[train.labels[i]]++;
    }
    for (size_t c = 0; c < 10; c++) {
        ck_assert_uint_eq(count[c], 5000);
    }
    for (size_t c = 0; c < 3; c++) {
        ck_assert_double_eq_tol(mean_of_channel(&train, c), published[c], 5e-4);
    }
    sgeo_images_destroy(&train);
    sgeo_images_destroy(&test);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_cifar10_images_arrive_in_batch_order,
        test_cifar10_provenance_depends_on_every_batch,
        test_cifar10_missing_batch_is_named,
        test_cifar10_missing_test_batch_is_named,
        test_cifar10_cut_file_is_refused,
        test_cifar10_empty_file_is_refused,
        test_cifar10_short_batch_is_refused,
        test_cifar10_label_out_of_range_names_its_record,
        test_cifar100_file_given_as_cifar10_is_told_by_its_size,
        test_cifar10_file_given_as_cifar100_is_told_by_its_size,
        test_cifar_size_that_fits_both_is_told_by_the_labels,
        test_cifar100_yields_the_fine_label,
        test_cifar100_coarse_label_out_of_range_is_refused,
        test_cifar10_real_set_has_the_published_counts_and_means,
    };
    return fixture_run("cifar", tests, sizeof(tests) / sizeof(tests[0]));
}
