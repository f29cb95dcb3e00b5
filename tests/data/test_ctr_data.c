/* Click-through sets by name: from a data folder, or generated. */
#include "data/ctr_data.h"

#include "base/file.h"
#include "base/suite.h"
#include "clicks.h"

static struct sgeo_ctr_data data;
static struct sgeo_ctr_request request;
static char dirs[2][2 * FIXTURE_PATH_MAX];

static void open_all(void)
{
    clicks_open();
    snprintf(dirs[0], sizeof dirs[0], "%s", fixture_path("data"));
    snprintf(dirs[1], sizeof dirs[1], "%s", fixture_path("work"));
    data = (struct sgeo_ctr_data){0};
    request = (struct sgeo_ctr_request){.data_dir = dirs[0], .work_dir = dirs[1]};
    fixture_folder("data");
    fixture_folder("work");
}

static void close_all(void)
{
    sgeo_ctr_data_close(&data);
    scratch_remove_tree(dirs[1]);
    clicks_close();
}

static void copy_file(const char *from, const char *name)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    ck_assert_int_eq(sgeo_file_read(from, 1 << 20, &bytes, &n), SGEO_OK);
    fixture_write(name, bytes, n);
    free(bytes);
}

START_TEST(test_ctr_data_reads_what_the_folder_has)
{
    static const char *const files[3][3] = {
        {"criteo", "datasets/criteo/fixture.txt", "data/criteo/train.txt"},
        {"avazu", "datasets/avazu/fixture.csv", "data/avazu/train.csv"},
        {"kdd12", "datasets/kdd12/fixture_training.txt", "data/kdd12/training.txt"}};
    fixture_folder("data/criteo");
    fixture_folder("data/avazu");
    fixture_folder("data/kdd12");
    copy_file("datasets/kdd12/fixture_userid_profile.txt", "data/kdd12/userid_profile.txt");
    for (size_t s = 0; s < 3; s++) {
        copy_file(files[s][1], files[s][2]);
        request.dataset = files[s][0];
        ck_assert_msg(sgeo_ctr_data_open(&data, &request) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_str_eq(data.schema->name, files[s][0]);
        ck_assert_ptr_null(data.synth);
        ck_assert_uint_eq(sgeo_ctr_cache_rows(data.cache), 40);
        sgeo_ctr_data_close(&data);
    }
}
END_TEST

START_TEST(test_ctr_data_missing_from_the_folder_is_named)
{
    request.dataset = "kdd12";
    ck_assert_int_eq(sgeo_ctr_data_open(&data, &request), SGEO_IO);
    ck_assert(fixture_error_says("kdd12 needs"));
    ck_assert(fixture_error_says("data/kdd12/training.txt"));
    fixture_folder("data/kdd12");
    copy_file("datasets/kdd12/fixture_training.txt", "data/kdd12/training.txt");
    ck_assert_int_eq(sgeo_ctr_data_open(&data, &request), SGEO_IO);
    ck_assert(fixture_error_says("data/kdd12/userid_profile.txt"));
    ck_assert_ptr_null(data.cache);
}
END_TEST

START_TEST(test_ctr_data_unknown_name_is_usage)
{
    request.dataset = "cifar10";
    ck_assert_int_eq(sgeo_ctr_data_open(&data, &request), SGEO_USAGE);
    ck_assert(fixture_error_says("'cifar10'"));
}
END_TEST

START_TEST(test_ctr_data_without_a_folder_is_generated)
{
    static const char *const names[] = {"criteo", "avazu", "kdd12"};
    request.data_dir = NULL;
    request.rows = 300;
    request.seed = 5;
    for (size_t s = 0; s < 6; s++) { /* the second time from what is there */
        request.dataset = names[s % 3];
        ck_assert_msg(sgeo_ctr_data_open(&data, &request) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_ptr_nonnull(data.synth);
        ck_assert_uint_eq(sgeo_ctr_cache_rows(data.cache), 300);
        for (uint64_t i = 0; i < 300; i++) {
            struct sgeo_ctr_synth_row row;
            sgeo_ctr_synth_draw(&row, data.synth, i);
            ck_assert_uint_eq(sgeo_ctr_cache_labels(data.cache)[i], row.label);
        }
        sgeo_ctr_data_close(&data);
    }
}
END_TEST

START_TEST(test_ctr_data_half_written_profiles_are_written_again)
{
    char users[4 * FIXTURE_PATH_MAX];
    request.data_dir = NULL;
    request.rows = 50;
    request.dataset = "kdd12";
    ck_assert_int_eq(sgeo_ctr_data_open(&data, &request), SGEO_OK);
    sgeo_ctr_data_close(&data);
    snprintf(users, sizeof users, "%s/ctr-synth-v1-seed0-rows50/kdd12/userid_profile.txt", dirs[1]);
    ck_assert_int_eq(remove(users), 0);
    ck_assert_int_eq(sgeo_ctr_data_open(&data, &request), SGEO_OK);
    ck_assert(sgeo_file_exists(users));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_data_reads_what_the_folder_has,
        test_ctr_data_missing_from_the_folder_is_named,
        test_ctr_data_unknown_name_is_usage,
        test_ctr_data_without_a_folder_is_generated,
        test_ctr_data_half_written_profiles_are_written_again,
    };
    return fixture_run_around("data/ctr_data", tests, sizeof tests / sizeof *tests, open_all,
                              close_all);
}
