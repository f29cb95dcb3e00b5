/* The generator's model: rows and their true probabilities. */
#include "data/ctr_synth.h"

#include <math.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/ctr_synth_parts.h"

#define ZIPF_EXPONENT        1.1
#define IMPRESSIONS          1000000 /* most impressions of a kdd12 row */
#define IMPRESSIONS_EXPONENT 2.0
#define MOST_DEPTH           3
#define PILOT_ROWS           20000 /* that the intercept is set on */
#define NUMBER_MOST          2147483647.0
#define RARE                 200.0 /* a category of this rank has 0.7 of the first one's effect */
#define NO_PROFILE           0.06
#define FIRST_HOUR           14102100u /* 2014-10-21 00:00 */
#define HOURS_OF_A_DAY       24
#define DAYS                 10
/* Standard deviations of the logit's parts before rare categories lose some of theirs. */
#define FIELDS_SPREAD 1.1
#define PAIRS_SPREAD  1.0
#define TRIPLE_SPREAD 0.5
#define DENSE_SPREAD  0.8

static const double root3 = 1.7320508075688772; /* scales uniforms of [-1, 1) to variance 1 */

uint32_t sgeo_synth_hour(const struct sgeo_ctr_synth *synth, uint64_t row)
{
    const uint64_t hours = (uint64_t)DAYS * HOURS_OF_A_DAY;
    /* row * hours / n_rows, without overflow. */
    uint32_t hour = (uint32_t)((double)row / (double)synth->n_rows * (double)hours);
    return FIRST_HOUR + 100 * (hour / HOURS_OF_A_DAY) + hour % HOURS_OF_A_DAY;
}

bool sgeo_synth_profile(uint32_t *gender, uint32_t *age, const struct sgeo_ctr_synth *synth,
                        uint32_t user)
{
    const uint32_t genders = 3, ages = 6;
    *gender = *age = 0;
    if (sgeo_hash_uniform(synth->profile, 2 * (uint64_t)user) < NO_PROFILE) {
        return false;
    }
    uint64_t bits = sgeo_splitmix64(synth->profile + 2 * (uint64_t)user + 1);
    *gender = (uint32_t)(bits % genders);
    *age = 1 + (uint32_t)((bits >> 32) % ages);
    return true;
}

/* The fixed number `k` of a category: mean 0, variance 1, less for the rarer. */
static double number_of(uint64_t key, uint32_t category, uint64_t k)
{
    double uniform =
        2.0 * sgeo_hash_uniform(key, (uint64_t)category * SGEO_SYNTH_PAIR_RANK + k) - 1.0;
    return root3 * uniform / sqrt(1.0 + category / RARE);
}

static double effect_of_fields(const struct sgeo_ctr_synth *synth, const uint32_t *category)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t f = 0; f < synth->schema->n_fields; f++) {
        if ((synth->recipe->silent >> f & 1) == 0) {
            sum += number_of(synth->effect[f], category[f], 0);
            n++;
        }
    }
    return FIELDS_SPREAD * sum / sqrt((double)n);
}

static double effect_of_pairs(const struct sgeo_ctr_synth *synth, const uint32_t *category)
{
    double sum = 0.0;
    for (size_t p = 0; p < SGEO_SYNTH_PAIRS; p++) {
        const unsigned char *fields = synth->recipe->pair[p];
        for (uint64_t k = 0; k < SGEO_SYNTH_PAIR_RANK; k++) {
            sum += number_of(synth->pair[p][0], category[fields[0]], k) *
                   number_of(synth->pair[p][1], category[fields[1]], k);
        }
    }
    return PAIRS_SPREAD * sum / sqrt((double)(SGEO_SYNTH_PAIRS * SGEO_SYNTH_PAIR_RANK));
}

static double effect_of_triple(const struct sgeo_ctr_synth *synth, const uint32_t *category)
{
    double product = TRIPLE_SPREAD;
    for (size_t i = 0; i < SGEO_SYNTH_TRIPLE; i++) {
        product *= number_of(synth->triple[i], category[synth->recipe->triple[i]], 0);
    }
    return product;
}

/* Avazu's only number is a dummy. */
static double effect_of_numbers(const struct sgeo_ctr_synth *synth, const int32_t *number)
{
    const double root2 = 1.4142135623730951; /* scales a sine to variance 1 */
    size_t n = synth->schema == &sgeo_ctr_avazu ? 0 : synth->schema->n_dense;
    double sum = 0.0;
    for (size_t d = 0; d < n; d++) {
        double t = log(fmax(0.0, (double)number[d]) + 1.0);
        sum += sin(t + synth->phase[d]);
    }
    return n == 0 ? 0.0 : DENSE_SPREAD * root2 * sum / sqrt((double)n);
}

double sgeo_synth_logit(const struct sgeo_ctr_synth *synth, const struct sgeo_ctr_synth_row *row)
{
    return synth->intercept + effect_of_fields(synth, row->category) +
           effect_of_pairs(synth, row->category) + effect_of_triple(synth, row->category) +
           effect_of_numbers(synth, row->number);
}

static void draw_numbers(struct sgeo_ctr_synth_row *row, const struct sgeo_ctr_synth *synth,
                         struct sgeo_rng *rng)
{
    for (size_t d = 0; d < synth->schema->n_dense; d++) {
        double mean = synth->recipe->number[d].mean, spread = synth->recipe->number[d].spread;
        double x = floor(exp(mean + spread * sgeo_rng_normal(rng)));
        row->missing[d] = sgeo_rng_uniform(rng) < synth->recipe->number[d].missing;
        row->number[d] = (int32_t)fmin(x, NUMBER_MOST) - synth->recipe->number[d].less;
        row->number[d] = row->missing[d] ? 0 : row->number[d];
    }
}

/* Impressions, depth and position. */
static void draw_kdd12_numbers(struct sgeo_ctr_synth_row *row, const struct sgeo_ctr_synth *synth,
                               struct sgeo_rng *rng)
{
    row->number[0] = (int32_t)sgeo_zipf_draw(&synth->impressions, rng);
    row->number[1] = 1 + (int32_t)sgeo_rng_below(rng, MOST_DEPTH);
    row->number[2] = 1 + (int32_t)sgeo_rng_below(rng, (uint64_t)row->number[1]);
}

static void draw_categories(struct sgeo_ctr_synth_row *row, const struct sgeo_ctr_synth *synth,
                            struct sgeo_rng *rng)
{
    for (size_t f = 0; f < synth->schema->n_fields; f++) {
        double missing = synth->recipe->missing[f];
        row->category[f] = 0;
        if (missing == 0.0 || sgeo_rng_uniform(rng) >= missing) { /* 0.0: the field never is */
            row->category[f] = (uint32_t)sgeo_zipf_draw(&synth->zipf[f], rng);
        }
    }
}

/* What follows from other columns. */
static void complete_categories(struct sgeo_ctr_synth_row *row, const struct sgeo_ctr_synth *synth,
                                uint64_t number)
{
    if (synth->schema == &sgeo_ctr_avazu) {
        /* The index that its reader gives: some hours share one. */
        row->category[1] = sgeo_synth_hour(synth, number) % (sgeo_ctr_avazu.vocabulary[1] - 1) + 1;
    } else if (synth->schema == &sgeo_ctr_kdd12) {
        uint32_t gender, age;
        (void)sgeo_synth_profile(&gender, &age, synth, row->category[SGEO_SYNTH_USER]);
        row->category[SGEO_SYNTH_GENDER] = gender + 1;
        row->category[SGEO_SYNTH_AGE] = age + 1;
    }
}

static void draw(struct sgeo_ctr_synth_row *drawn, const struct sgeo_ctr_synth *synth,
                 const char *purpose, uint64_t row)
{
    struct sgeo_rng rng = sgeo_rng_stream(synth->seed, purpose, row);
    *drawn = (struct sgeo_ctr_synth_row){0};
    if (synth->schema == &sgeo_ctr_kdd12) {
        draw_kdd12_numbers(drawn, synth, &rng);
    } else if (synth->schema == &sgeo_ctr_criteo) {
        draw_numbers(drawn, synth, &rng);
    }
    draw_categories(drawn, synth, &rng);
    complete_categories(drawn, synth, row);
    drawn->logit = sgeo_synth_logit(synth, drawn);
    drawn->label = sgeo_rng_uniform(&rng) < 1.0 / (1.0 + exp(-drawn->logit));
}

void sgeo_ctr_synth_draw(struct sgeo_ctr_synth_row *drawn, const struct sgeo_ctr_synth *synth,
                         uint64_t row)
{
    draw(drawn, synth, "ctr-row", row);
}

/* Mean probability of logits that are moved by `shift`. */
static double mean_rate(const double *logit, size_t n, double shift)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += 1.0 / (1.0 + exp(-(logit[i] + shift)));
    }
    return sum / (double)n;
}

/* Set the intercept so that pilot rows have the recipe's click rate. */
static enum sgeo_status set_intercept(struct sgeo_ctr_synth *synth)
{
    const int halvings = 60;
    double low = -20.0, high = 20.0;
    double *logit = sgeo_calloc(PILOT_ROWS, sizeof *logit);
    if (logit == NULL) {
        return sgeo_fail_memory("pilot rows");
    }
    for (size_t i = 0; i < PILOT_ROWS; i++) {
        struct sgeo_ctr_synth_row row;
        /* Spread over the set, for Avazu's hours. */
        draw(&row, synth, "ctr-pilot", (uint64_t)((double)i / PILOT_ROWS * (double)synth->n_rows));
        logit[i] = row.logit;
    }
    for (int i = 0; i < halvings; i++) {
        double middle = 0.5 * (low + high);
        if (mean_rate(logit, PILOT_ROWS, middle) < synth->recipe->rate) {
            low = middle;
        } else {
            high = middle;
        }
    }
    synth->intercept = 0.5 * (low + high);
    sgeo_free(logit);
    return SGEO_OK;
}

/* Keys of all fixed random numbers. */
static void set_keys(struct sgeo_ctr_synth *synth)
{
    const double turn = 6.283185307179586;
    for (size_t f = 0; f < synth->schema->n_fields; f++) {
        uint32_t categories = f == SGEO_SYNTH_USER && synth->schema == &sgeo_ctr_kdd12
                                  ? synth->n_users
                                  : synth->schema->vocabulary[f] - 1;
        synth->zipf[f] = sgeo_zipf_of(ZIPF_EXPONENT, categories);
        synth->stride[f] = sgeo_synth_stride(synth->schema->vocabulary[f] - 1);
        synth->effect[f] = sgeo_stream_key(synth->seed, "ctr-effect", f);
    }
    synth->impressions = sgeo_zipf_of(IMPRESSIONS_EXPONENT, IMPRESSIONS);
    for (size_t d = 0; d < synth->schema->n_dense; d++) {
        synth->phase[d] = turn * sgeo_hash_uniform(sgeo_stream_key(synth->seed, "ctr-phase", 0), d);
    }
    for (size_t p = 0; p < SGEO_SYNTH_PAIRS; p++) {
        synth->pair[p][0] = sgeo_stream_key(synth->seed, "ctr-pair", 2 * p);
        synth->pair[p][1] = sgeo_stream_key(synth->seed, "ctr-pair", 2 * p + 1);
    }
    for (size_t i = 0; i < SGEO_SYNTH_TRIPLE; i++) {
        synth->triple[i] = sgeo_stream_key(synth->seed, "ctr-triple", i);
    }
    synth->profile = sgeo_stream_key(synth->seed, "ctr-profile", 0);
    synth->token = sgeo_stream_key(synth->seed, "ctr-token", 0);
}

/* A user for every fourth row, so that the profiles grow with the set. */
static uint32_t count_users(uint64_t n_rows)
{
    const uint64_t most = sgeo_ctr_kdd12.vocabulary[SGEO_SYNTH_USER] - 2, least = 1000;
    uint64_t users = least + n_rows / 4;
    return (uint32_t)(users < most ? users : most);
}

enum sgeo_status sgeo_ctr_synth_create(struct sgeo_ctr_synth **synth,
                                       const struct sgeo_ctr_schema *schema, uint64_t seed,
                                       uint64_t n_rows)
{
    struct sgeo_ctr_synth *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory("generated rows");
    }
    *made = (struct sgeo_ctr_synth){.schema = schema,
                                    .recipe = sgeo_synth_recipe_of(schema),
                                    .seed = seed,
                                    .n_rows = n_rows,
                                    .n_users = count_users(n_rows)};
    set_keys(made);
    enum sgeo_status status = set_intercept(made);
    if (status != SGEO_OK) {
        sgeo_ctr_synth_destroy(made);
        return status;
    }
    *synth = made;
    return SGEO_OK;
}

void sgeo_ctr_synth_destroy(struct sgeo_ctr_synth *synth)
{
    sgeo_free(synth);
}
