/*
 * Trainings from scratch on a small generated set: they learn, they repeat themselves bit for bit,
 * their qualities are those of their logits, divergence is a result, journal lines survive.
 */
#include "harness/ctr_final.h"

#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/thread.h"
#include "harness/clicks_rig.h"
#include "stats/auc.h"
#include "stats/log_loss.h"

static const struct sgeo_ctr_final_recipe recipe = {.batch = 64, .steps = 100, .peak = 0.1};
static double logits[CLICK_ROWS];

static void setup(void)
{
    clicks_create("criteo");
}

static void train_by(struct sgeo_ctr_final *record, const char *name,
                     const struct sgeo_ctr_final_recipe *how, uint64_t seed)
{
    struct sgeo_ctr_trainer *trainer = NULL;
    struct sgeo_ctr_named model;
    *record = (struct sgeo_ctr_final){0};
    ok(sgeo_ctr_named_parse(&model, name));
    ok(sgeo_ctr_final_settings(record->settings, &clicks, how));
    ok(sgeo_ctr_trainer_create(&trainer, click_options.executor, NULL));
    ok(sgeo_ctr_final_train(trainer, record, logits, &clicks, &model, how, seed));
    sgeo_ctr_trainer_destroy(trainer);
}

static size_t test_labels(uint8_t *labels)
{
    size_t n = 0;
    for (size_t row = 0; row < clicks.split.n; row++) {
        if (clicks.split.part[row] == SGEO_CTR_TEST) {
            labels[n++] = sgeo_ctr_cache_labels(clicks.data.cache)[row];
        }
    }
    return n;
}

/* --- learning --- */

static const char *const models[] = {"dlrm",  "deepfm",   "xdeepfm",     "autoint_plus",
                                     "dcnv2", "kdd-full", "criteo-small"};

/* Write rows in Criteo's format whose log-odds hang on two categories and a number, the rest being
 * noise. A model gets so near to their loss in a hundred steps that what it has learned shows on
 * few rows; those of the generator spread it over thousands of categories, most of them seen once.
 */
static void plant_rows(void)
{
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    for (size_t row = 0; row < CLICK_ROWS; row++) {
        struct sgeo_rng rng = sgeo_rng_stream(1, "planted", row);
        double logit = -0.5;
        struct sgeo_text columns = {0};
        for (size_t d = 0; d < sgeo_ctr_criteo.n_dense; d++) {
            unsigned number = (unsigned)sgeo_rng_below(&rng, 4);
            logit += d == 3 ? number < 2 ? 1.0 : -1.0 : 0.0;
            sgeo_text_append(&columns, "\t%u", number);
        }
        for (size_t f = 0; f < sgeo_ctr_criteo.n_fields; f++) {
            unsigned category = (unsigned)sgeo_rng_below(&rng, 8);
            logit += f == 2 ? category < 4 ? 1.6 : -1.6 : 0.0;
            logit += f == 6 ? category % 2 == 0 ? 1.0 : -1.0 : 0.0;
            sgeo_text_append(&columns, "\t%08x", category + 1);
        }
        bool click = sgeo_rng_uniform(&rng) < 1.0 / (1.0 + exp(-logit));
        sgeo_text_append(&text, "%d%s\n", click, columns.bytes);
        sgeo_text_clear(&columns);
    }
    tiny_folder("criteo");
    scratch_write(path, "criteo/train.txt", text.bytes, text.length);
    sgeo_text_clear(&text);
}

/* Of predicting the click rate of a part for all of its rows. */
static double base_loss(enum sgeo_ctr_part part)
{
    const uint8_t *labels = sgeo_ctr_cache_labels(clicks.data.cache);
    double clicked = 0.0, n = (double)clicks.split.rows[part];
    for (size_t row = 0; row < clicks.split.n; row++) {
        clicked += clicks.split.part[row] == part ? labels[row] : 0;
    }
    return -(clicked * log(clicked / n) + (n - clicked) * log1p(-clicked / n)) / n;
}

/* The base rate's loss is 0.68, that of the true probabilities 0.42. At twice the rate deep models
 * overshoot at first, and spend most of so few steps on their way back. */
START_TEST(test_ctr_final_learns_what_the_rows_hold)
{
    static const struct sgeo_ctr_final_recipe gentle = {.batch = 64, .steps = 100, .peak = 0.05};
    struct sgeo_ctr_final record;
    sgeo_ctr_set_close(&clicks);
    plant_rows();
    clicks_open("criteo", scratch_directory, &click_size);
    train_by(&record, models[_i], &gentle, 1);
    ck_assert(!record.diverged);
    ck_assert_uint_eq(record.steps, gentle.steps);
    ck_assert_double_lt(record.test.log_loss, 0.9 * base_loss(SGEO_CTR_TEST));
    ck_assert_double_lt(record.valid.log_loss, 0.9 * base_loss(SGEO_CTR_VAL));
    ck_assert_double_gt(record.test.auc, 0.75);
    ck_assert_double_gt(record.valid.auc, 0.75);
    ck_assert_double_lt(record.curve[record.n_points - 1].train_loss, record.curve[0].train_loss);
    ck_assert_double_gt(record.seconds, 0.0);
}
END_TEST

START_TEST(test_ctr_final_quality_is_that_of_its_logits)
{
    struct sgeo_ctr_final record;
    uint8_t labels[CLICK_ROWS];
    double loss, auc;
    train_by(&record, "dlrm", &recipe, 1);
    const struct sgeo_clicks predictions = {
        .logit = logits, .label = labels, .n = test_labels(labels)};
    ok(sgeo_log_loss(&loss, predictions));
    ok(sgeo_auc(&auc, predictions));
    ck_assert_double_eq(record.test.log_loss, loss);
    ck_assert_double_eq(record.test.auc, auc);
}
END_TEST

START_TEST(test_ctr_final_curve_has_equal_distances_and_ends_at_the_end)
{
    struct sgeo_ctr_final record;
    train_by(&record, "dlrm", &recipe, 1);
    ck_assert_uint_eq(record.n_points, SGEO_CTR_CURVE_POINTS);
    for (size_t i = 0; i < record.n_points; i++) {
        ck_assert_uint_eq(record.curve[i].steps, (i + 1) * recipe.steps / SGEO_CTR_CURVE_POINTS);
        ck_assert(record.curve[i].train_loss > 0.0 && record.curve[i].train_loss < 2.0);
    }
    ck_assert_double_eq(record.curve[record.n_points - 1].valid_loss, record.valid.log_loss);
    ck_assert_double_lt(record.curve[record.n_points - 1].valid_loss, record.curve[0].valid_loss);
}
END_TEST

/* Journal lines without the CPU seconds are equal. */
START_TEST(test_ctr_final_depends_on_its_seed_alone)
{
    struct sgeo_ctr_final records[3];
    struct sgeo_text lines[3] = {{0}, {0}, {0}};
    for (size_t i = 0; i < 3; i++) {
        train_by(&records[i], "dcnv2", &recipe, i == 2 ? 8 : 7);
        records[i].seconds = 0.0;
        records[i].seed = 0;
        sgeo_ctr_final_write(&lines[i], &records[i]);
    }
    ck_assert_str_eq(lines[0].bytes, lines[1].bytes);
    ck_assert_str_ne(lines[0].bytes, lines[2].bytes);
    for (size_t i = 0; i < 3; i++) {
        sgeo_text_clear(&lines[i]);
    }
}
END_TEST

START_TEST(test_ctr_final_that_diverges_says_so)
{
    static const struct sgeo_ctr_final_recipe wild = {.batch = 64, .steps = 150, .peak = 1e30};
    struct sgeo_ctr_final record;
    train_by(&record, "criteo-small", &wild, 1);
    ck_assert(record.diverged);
    ck_assert_double_eq(record.test.log_loss, 999.99);
    ck_assert_double_eq(record.valid.log_loss, 999.99);
    ck_assert(isnan(record.test.auc));
    ck_assert(isnan(logits[0]));
}
END_TEST

START_TEST(test_ctr_final_ends_early_when_stopped)
{
    struct sgeo_ctr_trainer *trainer = NULL;
    struct sgeo_ctr_named model;
    struct sgeo_ctr_final record = {.steps = 77};
    atomic_bool stop = true;
    ok(sgeo_ctr_named_parse(&model, "dlrm"));
    ok(sgeo_ctr_trainer_create(&trainer, click_options.executor, &stop));
    ck_assert_int_eq(sgeo_ctr_final_train(trainer, &record, logits, &clicks, &model, &recipe, 1),
                     SGEO_INTERRUPTED);
    ck_assert_uint_eq(record.steps, 77);
    sgeo_ctr_trainer_destroy(trainer);
}
END_TEST

/* Stop the training whose first checkpoint is there. */
static atomic_bool killed;

static void kill_at_checkpoint(size_t worker, void *context)
{
    char path[2 * SCRATCH_PATH_BYTES];
    bool *found = context;
    (void)worker;
    snprintf(path, sizeof path, "%s/checkpoints", click_out);
    for (size_t i = 0; i < 3000 && !*found; i++) {
        DIR *folder = opendir(path);
        for (struct dirent *entry = folder == NULL ? NULL : readdir(folder); entry != NULL;
             entry = readdir(folder)) {
            size_t length = strlen(entry->d_name);
            *found = *found || (length > 5 && strcmp(entry->d_name + length - 5, ".ckpt") == 0);
        }
        if (folder != NULL) {
            closedir(folder);
        }
        sgeo_sleep(0.01);
    }
    atomic_store(&killed, true);
}

static enum sgeo_status train_kept(struct sgeo_ctr_final *record, const atomic_bool *stop,
                                   double seconds)
{
    struct sgeo_ctr_trainer *trainer = NULL;
    struct sgeo_ctr_named model;
    *record = (struct sgeo_ctr_final){0};
    ok(sgeo_ctr_named_parse(&model, "deepfm"));
    ok(sgeo_ctr_final_settings(record->settings, &clicks, &recipe));
    ok(sgeo_ctr_trainer_create(&trainer, click_options.executor, stop));
    sgeo_ctr_trainer_keep(trainer, click_out, seconds);
    enum sgeo_status status =
        sgeo_ctr_final_train(trainer, record, logits, &clicks, &model, &recipe, 1);
    sgeo_ctr_trainer_destroy(trainer);
    return status;
}

START_TEST(test_ctr_final_goes_on_with_its_checkpoint_to_the_same_numbers)
{
    struct sgeo_ctr_final whole, resumed;
    struct sgeo_text lines[2] = {{0}, {0}};
    struct sgeo_crew *crew = NULL;
    char path[2 * SCRATCH_PATH_BYTES];
    bool found = false;
    train_by(&whole, "deepfm", &recipe, 1);
    atomic_store(&killed, false);
    ok(sgeo_crew_start(&crew, 1, kill_at_checkpoint, &found));
    enum sgeo_status status = train_kept(&resumed, &killed, 0.0);
    sgeo_crew_join(crew);
    ck_assert(found);
    ck_assert_int_eq(status, SGEO_INTERRUPTED);
    ok(train_kept(&resumed, NULL, 1000.0));
    whole.seconds = resumed.seconds = 0.0;
    sgeo_ctr_final_write(&lines[0], &whole);
    sgeo_ctr_final_write(&lines[1], &resumed);
    ck_assert_str_eq(lines[0].bytes, lines[1].bytes);
    snprintf(path, sizeof path, "%s/checkpoints", click_out);
    ck_assert_int_eq(rmdir(path), 0); /* empty: a training that is over needs none */
    sgeo_text_clear(&lines[0]);
    sgeo_text_clear(&lines[1]);
}
END_TEST

START_TEST(test_ctr_final_settings_tell_recipes_apart)
{
    char settings[2][SGEO_DATA_ID];
    const struct sgeo_ctr_final_recipe longer = {.batch = 64, .steps = 151, .peak = 0.1};
    ok(sgeo_ctr_final_settings(settings[0], &clicks, &recipe));
    ok(sgeo_ctr_final_settings(settings[1], &clicks, &longer));
    ck_assert_str_ne(settings[0], settings[1]);
    ck_assert_uint_eq(strlen(settings[0]), SGEO_DATA_ID - 1);
}
END_TEST

/* --- journal lines --- */

START_TEST(test_ctr_final_line_survives_exactly)
{
    struct sgeo_ctr_final record = {.task = sgeo_ctr_task_find("kdd12"),
                                    .model = "nasrec-small F,E|256,48|i|0;0;0,0",
                                    .seed = 12345678901,
                                    .settings = "0123456789abcdef",
                                    .steps = 343,
                                    .params = 475985,
                                    .diverged = true,
                                    .valid = {999.99, (double)NAN, 0.1, -0.0},
                                    .test = {0.1 + 0.2, 0.5, 1e-300, 3.0},
                                    .n_points = 2,
                                    .curve = {{42, 0.6, 0.5}, {84, (double)INFINITY, 0.4}},
                                    .seconds = 3.25};
    struct sgeo_ctr_final again;
    struct sgeo_text line = {0}, line_again = {0};
    sgeo_ctr_final_write(&line, &record);
    ok(sgeo_ctr_final_parse(&again, line.bytes));
    sgeo_ctr_final_write(&line_again, &again);
    ck_assert_str_eq(line.bytes, line_again.bytes);
    ck_assert_double_eq(again.test.log_loss, 0.1 + 0.2);
    ck_assert_uint_eq(again.seed, 12345678901);
    sgeo_text_clear(&line);
    sgeo_text_clear(&line_again);
}
END_TEST

START_TEST(test_ctr_final_line_of_something_else_is_io)
{
    static const char *const lines[] = {
        "",
        "{}",
        "{\"job\":\"final\"}",
        "{\"job\":\"final\",\"task\":\"nb201\",\"model\":\"dlrm\",\"seed\":0}",
        "{\"job\":\"final\",\"task\":\"criteo\",\"model\":\"dlrm\",\"seed\":0,\"settings\":\"0\","
        "\"steps\":1,\"params\":1,\"diverged\":false,\"valid\":[1,2,3],\"test\":[1,2,3,4],"
        "\"seconds\":1,\"curve\":[]}",
        "{\"job\":\"final\",\"task\":\"criteo\",\"model\":\"dlrm\",\"seed\":-1,\"settings\":\"0\","
        "\"steps\":1,\"params\":1,\"diverged\":false,\"valid\":[1,2,3,4],\"test\":[1,2,3,4],"
        "\"seconds\":1,\"curve\":[]}",
        "{\"job\":\"final\",\"task\":\"criteo\",\"model\":\"dlrm\",\"seed\":0,\"settings\":\"0\","
        "\"steps\":1,\"params\":1,\"diverged\":false,\"valid\":[1,2,3,4],\"test\":[1,2,3,4],"
        "\"seconds\":1,\"curve\":[[1,2]]}"};
    struct sgeo_ctr_final record = {.steps = 5};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_int_eq(sgeo_ctr_final_parse(&record, lines[i]), SGEO_IO);
        ck_assert_uint_eq(record.steps, 5);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_final");
    tcase_add_checked_fixture(tcase, setup, clicks_destroy);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_ctr_final_learns_what_the_rows_hold, 0,
                        sizeof models / sizeof *models);
    tcase_add_test(tcase, test_ctr_final_quality_is_that_of_its_logits);
    tcase_add_test(tcase, test_ctr_final_curve_has_equal_distances_and_ends_at_the_end);
    tcase_add_test(tcase, test_ctr_final_depends_on_its_seed_alone);
    tcase_add_test(tcase, test_ctr_final_that_diverges_says_so);
    tcase_add_test(tcase, test_ctr_final_ends_early_when_stopped);
    tcase_add_test(tcase, test_ctr_final_goes_on_with_its_checkpoint_to_the_same_numbers);
    tcase_add_test(tcase, test_ctr_final_settings_tell_recipes_apart);
    tcase_add_test(tcase, test_ctr_final_line_survives_exactly);
    tcase_add_test(tcase, test_ctr_final_line_of_something_else_is_io);
    return run_case("ctr_final", tcase);
}
