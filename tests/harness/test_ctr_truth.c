/* Models trained by name: lists from files, resuming, and what is refused. */
#include "harness/ctr_truth.h"

#include "harness/ctr_list.h"
#include "harness/rig.h"

static struct sgeo_options options;
static struct sgeo_text printed;
static char out[SCRATCH_PATH_BYTES], list[SCRATCH_PATH_BYTES];

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    options = (struct sgeo_options){
        .preset = SGEO_PRESET_SMOKE, .workers = 2, .seeds = 2, .seed = 5, .out = out};
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    scratch_remove();
}

static void write_list(const char *text)
{
    scratch_write(list, "models", text, strlen(text));
    options.archs_file = list;
}

static enum sgeo_status run(void)
{
    char program[] = "bench_sigeo", *argv[] = {program};
    const struct sgeo_ctr_truth truth = {.task = sgeo_ctr_task_find("kdd12"),
                                         .options = &options,
                                         .argc = 1,
                                         .argv = argv,
                                         .sink = collect,
                                         .sink_context = &printed};
    sgeo_text_clear(&printed);
    return sgeo_ctr_truth_run(&truth);
}

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

START_TEST(test_ctr_truth_trains_the_models_of_a_file)
{
    write_list("# two\ndlrm\nkdd-full\n");
    ok(run());
    ck_assert_uint_eq(count_of(printed.bytes, "\nkdd12,dlrm,"), 2);
    ck_assert_uint_eq(count_of(printed.bytes, "nasrec-full "), 2);
    char *first = sgeo_strdup(printed.bytes);
    options.resume = true;
    ok(run());
    ck_assert_str_eq(printed.bytes, first); /* CPU seconds too: nothing ran again */
    sgeo_free(first);
    options.resume = false;
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("holds a run already");
}
END_TEST

START_TEST(test_ctr_truth_dry_run_opens_nothing)
{
    options.dry_run = true;
    ok(run());
    ck_assert_uint_eq(count_of(printed.bytes, "kdd12: 7 models, 2 seeds; 1 epoch"), 1);
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

/* What table 3b takes without a file of its own. */
START_TEST(test_ctr_truth_takes_the_first_of_each_space_s_list)
{
    options.n_archs = 3;
    options.dry_run = true;
    ok(run());
    ck_assert_uint_eq(count_of(printed.bytes, "kdd12: 6 models, 2 seeds"), 1);
    options.n_archs = 1;
    options.seeds = 1;
    options.dry_run = false;
    ok(run());
    for (size_t space = 0; space < 2; space++) {
        struct sgeo_nasrec_arch arch;
        char text[SGEO_NASREC_TEXT_MAX];
        sgeo_ctr_list_arch(&arch, (enum sgeo_nasrec_space)space, 0);
        sgeo_nasrec_encode(text, &arch);
        ck_assert_uint_eq(count_of(printed.bytes, text), 1);
    }
}
END_TEST

START_TEST(test_ctr_truth_refuses_what_it_cannot_train)
{
    write_list("dlrm\n\nnasrec-small F,E|256\n");
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("line 3 of ");
    write_list("# nothing\n");
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("names no model");
    options.archs_file = NULL;
    options.shards = 2;
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("--shard");
    options.shards = 0;
    options.out = NULL;
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("needs a result folder");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_truth");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_ctr_truth_trains_the_models_of_a_file);
    tcase_add_test(tcase, test_ctr_truth_dry_run_opens_nothing);
    tcase_add_test(tcase, test_ctr_truth_takes_the_first_of_each_space_s_list);
    tcase_add_test(tcase, test_ctr_truth_refuses_what_it_cannot_train);
    return run_case("ctr_truth", tcase);
}
