/* Generated click-through rows: the formats, the transforms, and what is promised of the truth. */
#include "data/ctr_synth.h"

#include <math.h>

#include "base/file.h"
#include "clicks.h"
#include "data/ctr_synth_parts.h"
#include "stats/auc.h"
#include "stats/log_loss.h"

enum { ROWS = 20000, FIXTURE_ROWS = 40 };

/* A set in the scratch folder. */
static char paths[2][2 * FIXTURE_PATH_MAX];

static struct sgeo_ctr_source source_of(const struct sgeo_ctr_schema *schema)
{
    bool users = schema == &sgeo_ctr_kdd12;
    snprintf(paths[0], sizeof paths[0], "%s", fixture_path("rows"));
    snprintf(paths[1], sizeof paths[1], "%s", fixture_path("users"));
    return (struct sgeo_ctr_source){
        .schema = schema, .path = paths[0], .profiles = users ? paths[1] : NULL};
}

static struct sgeo_ctr_synth *create(const struct sgeo_ctr_schema *schema, uint64_t seed,
                                     uint64_t rows)
{
    struct sgeo_ctr_synth *synth = NULL;
    ck_assert_int_eq(sgeo_ctr_synth_create(&synth, schema, seed, rows), SGEO_OK);
    return synth;
}

static struct sgeo_ctr_synth_truth write_set(const struct sgeo_ctr_synth *synth)
{
    struct sgeo_ctr_synth_truth truth;
    struct sgeo_ctr_source source = source_of(synth->schema);
    ck_assert_msg(sgeo_ctr_synth_write(&truth, synth, source.path, source.profiles) == SGEO_OK,
                  "%s", sgeo_error_text());
    fixture_remember(paths[0]);
    fixture_remember(paths[1]);
    return truth;
}

/* One index a category and one category an index, over all rows of a field. */
struct pairing {
    uint32_t *category_of; /* (vocabulary), 0: not seen */
    int32_t *index_of;     /* (vocabulary + 1) by category */
};

static bool pair_up(struct pairing *pairing, uint32_t category, int32_t index)
{
    uint32_t seen = pairing->category_of[index];
    int32_t given = pairing->index_of[category];
    pairing->category_of[index] = category + 1;
    pairing->index_of[category] = index + 1;
    return (seen == 0 || seen == category + 1) && (given == 0 || given == index + 1);
}

static bool same_row(const struct sgeo_ctr_rows *rows, size_t r, const struct sgeo_ctr_synth *synth,
                     uint64_t number, struct pairing *pairings)
{
    const struct sgeo_ctr_schema *schema = synth->schema;
    struct sgeo_ctr_synth_row drawn;
    sgeo_ctr_synth_draw(&drawn, synth, number);
    bool same = rows->label[r] == drawn.label;
    for (size_t d = 0; d < schema->n_dense; d++) {
        float x = (float)log(fmax(0.0, (double)drawn.number[d]) + 1.0);
        same = same && rows->dense[r * schema->n_dense + d] == x;
    }
    for (size_t f = 0; f < schema->n_fields; f++) {
        if ((synth->recipe->silent >> f & 1) == 0) {
            int32_t index = rows->index[f * rows->pitch + r];
            same = same && (index == 0) == (drawn.category[f] == 0) &&
                   pair_up(&pairings[f], drawn.category[f], index);
        }
    }
    return same;
}

/* Nothing that the label depends on is lost on the way through the reader. */
static void assert_read_back(const struct sgeo_ctr_schema *schema)
{
    struct sgeo_ctr_synth *synth = create(schema, 3, ROWS);
    struct pairing pairings[SGEO_CTR_FIELDS_MAX];
    struct sgeo_ctr_source source = source_of(schema);
    struct sgeo_ctr_reader *reader = NULL;
    struct sgeo_ctr_rows rows = {0};
    uint64_t number = 0;
    bool same = true;
    (void)write_set(synth);
    for (size_t f = 0; f < schema->n_fields; f++) {
        pairings[f].category_of = calloc(schema->vocabulary[f], sizeof *pairings[f].category_of);
        pairings[f].index_of = calloc(schema->vocabulary[f] + 1, sizeof *pairings[f].index_of);
        ck_assert(pairings[f].category_of != NULL && pairings[f].index_of != NULL);
    }
    ck_assert_int_eq(sgeo_ctr_rows_create(&rows, schema, 1000), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_reader_open(&reader, &source), SGEO_OK);
    do {
        ck_assert_msg(sgeo_ctr_reader_next(reader, &rows) == SGEO_OK, "%s", sgeo_error_text());
        for (size_t r = 0; r < rows.n; r++) {
            same = same_row(&rows, r, synth, number++, pairings) && same;
        }
    } while (rows.n > 0);
    ck_assert_uint_eq(number, ROWS);
    ck_assert(same);
    for (size_t f = 0; f < schema->n_fields; f++) {
        free(pairings[f].category_of);
        free(pairings[f].index_of);
    }
    sgeo_ctr_reader_close(reader);
    sgeo_ctr_rows_destroy(&rows);
    sgeo_ctr_synth_destroy(synth);
}

START_TEST(test_ctr_synth_criteo_is_read_back)
{
    assert_read_back(&sgeo_ctr_criteo);
}
END_TEST

START_TEST(test_ctr_synth_avazu_is_read_back)
{
    assert_read_back(&sgeo_ctr_avazu);
}
END_TEST

START_TEST(test_ctr_synth_kdd12_is_read_back)
{
    assert_read_back(&sgeo_ctr_kdd12);
}
END_TEST

/* The reported losses against those of the true logits on the labels, measured apart. */
START_TEST(test_ctr_synth_best_log_loss_is_that_of_the_true_probabilities)
{
    static const double rates[] = {0.256, 0.17, 0.04};
    static double logits[ROWS];
    static uint8_t labels[ROWS];
    for (size_t s = 0; s < 3; s++) {
        struct sgeo_ctr_synth *synth = create(sgeo_ctr_schema_all()[s], 7, ROWS);
        struct sgeo_ctr_synth_truth truth = write_set(synth);
        double loss, auc, entropy = 0.0, variance = 0.0;
        uint64_t clicked = 0;
        for (uint64_t i = 0; i < ROWS; i++) {
            struct sgeo_ctr_synth_row row;
            sgeo_ctr_synth_draw(&row, synth, i);
            double p = 1.0 / (1.0 + exp(-row.logit));
            entropy -= p * log(p) + (1.0 - p) * log(1.0 - p);
            variance += p * (1.0 - p) * row.logit * row.logit;
            logits[i] = row.logit;
            labels[i] = row.label;
            clicked += row.label;
        }
        struct sgeo_clicks predictions = {logits, labels, ROWS};
        ck_assert_int_eq(sgeo_log_loss(&loss, predictions), SGEO_OK);
        ck_assert_int_eq(sgeo_auc(&auc, predictions), SGEO_OK);
        ck_assert_uint_eq(truth.rows, ROWS);
        ck_assert_uint_eq(truth.clicked, clicked);
        ck_assert_double_eq_tol(truth.log_loss, entropy / ROWS, 1e-9);
        ck_assert_double_eq_tol(truth.log_loss_drawn, loss, 1e-12);
        ck_assert_double_eq_tol(loss, truth.log_loss, 4.0 * truth.log_loss_error);
        ck_assert_double_eq_tol(truth.log_loss_error, sqrt(variance) / ROWS, 1e-12);
        ck_assert_double_eq_tol(auc, truth.auc, 0.025); /* 4 standard errors at 800 clicks */
        ck_assert_double_gt(truth.auc, 0.78);           /* there is something to learn */
        ck_assert_double_lt(truth.log_loss, truth.log_loss_rate - 0.02);
        ck_assert_double_eq_tol((double)clicked / ROWS, rates[s],
                                5.0 * sqrt(rates[s] / ROWS) + 0.005);
        sgeo_ctr_synth_destroy(synth);
    }
}
END_TEST

/* The loss on drawn labels scatters around the best one by the standard error, block by block. */
START_TEST(test_ctr_synth_standard_error_is_the_scatter)
{
    enum { BLOCKS = 100, SMALL = 500 };
    double squares = 0.0;
    struct sgeo_ctr_synth *synth = create(&sgeo_ctr_avazu, 9, BLOCKS * SMALL);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        double excess = 0.0, variance = 0.0;
        for (uint64_t i = 0; i < SMALL; i++) {
            struct sgeo_ctr_synth_row row;
            sgeo_ctr_synth_draw(&row, synth, block * SMALL + i);
            double p = sgeo_click_probability(row.logit);
            excess += sgeo_click_loss(row.logit, row.label);
            excess += p * log(p) + (1.0 - p) * log(1.0 - p);
            variance += p * (1.0 - p) * row.logit * row.logit;
        }
        squares += excess * excess / variance / BLOCKS;
    }
    ck_assert_double_eq_tol(squares, 1.0, 4.0 * sqrt(2.0 / BLOCKS));
    sgeo_ctr_synth_destroy(synth);
}
END_TEST

/* Second differences of the logit: nonzero in a planted pair, zero elsewhere; third in the triple.
 */
static double interaction(const struct sgeo_ctr_synth *synth, const unsigned char *fields, size_t n)
{
    double sum = 0.0;
    for (unsigned corner = 0; corner < 1u << n; corner++) {
        struct sgeo_ctr_synth_row row = {0};
        double sign = 1.0;
        for (size_t i = 0; i < n; i++) {
            row.category[fields[i]] = corner >> i & 1 ? 2 : 1;
            sign = corner >> i & 1 ? -sign : sign;
        }
        sum += sign * sgeo_synth_logit(synth, &row);
    }
    return sum;
}

START_TEST(test_ctr_synth_interactions_are_where_the_recipe_says)
{
    for (size_t s = 0; s < 3; s++) {
        struct sgeo_ctr_synth *synth = create(sgeo_ctr_schema_all()[s], 1, 100);
        const unsigned char none[2] = {synth->recipe->pair[0][0], synth->recipe->pair[5][1]};
        for (size_t p = 0; p < SGEO_SYNTH_PAIRS; p++) {
            ck_assert_double_gt(fabs(interaction(synth, synth->recipe->pair[p], 2)), 1e-3);
        }
        ck_assert_double_gt(fabs(interaction(synth, synth->recipe->triple, 3)), 1e-3);
        if (s < 2) { /* in kdd12 these two do interact, through another pair */
            ck_assert_double_eq_tol(interaction(synth, none, 2), 0.0, 1e-12);
        }
        sgeo_ctr_synth_destroy(synth);
    }
}
END_TEST

START_TEST(test_ctr_synth_categories_and_gaps_come_as_often_as_in_ctr_data)
{
    struct sgeo_ctr_synth *synth = create(&sgeo_ctr_criteo, 5, ROWS);
    double first = 0.0, missing = 0.0, missing_number = 0.0, largest = 0.0, negative = 0.0;
    for (uint64_t i = 0; i < ROWS; i++) {
        struct sgeo_ctr_synth_row row;
        sgeo_ctr_synth_draw(&row, synth, i);
        first += row.category[2] == 1;
        missing += row.category[21] == 0;
        missing_number += row.missing[11];
        negative += row.number[1] < 0;
        largest = fmax(largest, row.number[4]);
    }
    double total = 0.0; /* of r^-1.1 over the ten million categories of C3 */
    for (uint32_t r = 1; r < sgeo_ctr_criteo.vocabulary[2]; r++) {
        total += pow(r, -1.1);
    }
    ck_assert_double_eq_tol(first / ROWS, (1.0 - 0.0345) / total, 5.0 * sqrt(0.1 / ROWS));
    ck_assert_double_eq_tol(missing / ROWS, 0.761, 5.0 * sqrt(0.18 / ROWS));
    ck_assert_double_eq_tol(missing_number / ROWS, 0.765, 5.0 * sqrt(0.18 / ROWS));
    ck_assert_double_gt(negative, 0.0);
    ck_assert_double_gt(largest, 1e6); /* the median is exp(7.5) = 1,800 */
    sgeo_ctr_synth_destroy(synth);
}
END_TEST

static void assert_same_bytes(const char *path, const char *other)
{
    unsigned char *bytes[2] = {NULL, NULL};
    size_t n[2] = {0};
    ck_assert_int_eq(sgeo_file_read(path, 1 << 24, &bytes[0], &n[0]), SGEO_OK);
    ck_assert_int_eq(sgeo_file_read(other, 1 << 24, &bytes[1], &n[1]), SGEO_OK);
    ck_assert_uint_eq(n[0], n[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

START_TEST(test_ctr_synth_bytes_are_those_of_the_committed_fixtures)
{
    static const char *const fixtures[3][2] = {
        {"datasets/criteo/fixture.txt", NULL},
        {"datasets/avazu/fixture.csv", NULL},
        {"datasets/kdd12/fixture_training.txt", "datasets/kdd12/fixture_userid_profile.txt"}};
    for (size_t s = 0; s < 3; s++) {
        struct sgeo_ctr_synth *synth = create(sgeo_ctr_schema_all()[s], 1, FIXTURE_ROWS);
        (void)write_set(synth);
        assert_same_bytes(paths[0], fixtures[s][0]);
        if (fixtures[s][1] != NULL) {
            assert_same_bytes(paths[1], fixtures[s][1]);
        }
        sgeo_ctr_synth_destroy(synth);
    }
}
END_TEST

START_TEST(test_ctr_synth_another_seed_is_another_set)
{
    struct sgeo_ctr_synth *a = create(&sgeo_ctr_criteo, 1, 100);
    struct sgeo_ctr_synth *b = create(&sgeo_ctr_criteo, 2, 100);
    size_t equal = 0;
    for (uint64_t i = 0; i < 100; i++) {
        struct sgeo_ctr_synth_row x, y;
        sgeo_ctr_synth_draw(&x, a, i);
        sgeo_ctr_synth_draw(&y, b, i);
        equal += x.logit == y.logit;
    }
    ck_assert_uint_eq(equal, 0);
    sgeo_ctr_synth_destroy(a);
    sgeo_ctr_synth_destroy(b);
    sgeo_ctr_synth_destroy(NULL);
}
END_TEST

START_TEST(test_ctr_synth_file_that_cannot_be_written_is_an_error)
{
    struct sgeo_ctr_synth *synth = create(&sgeo_ctr_criteo, 1, 10);
    struct sgeo_ctr_synth_truth truth = {.rows = 77};
    ck_assert_int_eq(sgeo_ctr_synth_write(&truth, synth, fixture_path("none/rows"), NULL), SGEO_IO);
    ck_assert(fixture_error_says("none/rows"));
    ck_assert_uint_eq(truth.rows, 77);
    sgeo_ctr_synth_destroy(synth);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_synth_criteo_is_read_back,
        test_ctr_synth_avazu_is_read_back,
        test_ctr_synth_kdd12_is_read_back,
        test_ctr_synth_best_log_loss_is_that_of_the_true_probabilities,
        test_ctr_synth_standard_error_is_the_scatter,
        test_ctr_synth_interactions_are_where_the_recipe_says,
        test_ctr_synth_categories_and_gaps_come_as_often_as_in_ctr_data,
        test_ctr_synth_bytes_are_those_of_the_committed_fixtures,
        test_ctr_synth_another_seed_is_another_set,
        test_ctr_synth_file_that_cannot_be_written_is_an_error,
    };
    return fixture_run("data/ctr_synth", tests, sizeof tests / sizeof *tests);
}
