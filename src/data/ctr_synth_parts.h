/* What the files of the generator share: the recipe of a set, and the generator itself. */
#ifndef SGEO_DATA_CTR_SYNTH_PARTS_H
#define SGEO_DATA_CTR_SYNTH_PARTS_H

#include "base/zipf.h"
#include "data/ctr_synth.h"

enum {
    SGEO_SYNTH_PAIRS = 6,
    SGEO_SYNTH_PAIR_RANK = 2, /* numbers of a category in each pair */
    SGEO_SYNTH_TRIPLE = 3,
    SGEO_SYNTH_GENDER = 8, /* kdd12's fields that follow from the user */
    SGEO_SYNTH_AGE = 9,
    SGEO_SYNTH_USER = 7
};

/* How a set is drawn. */
struct sgeo_synth_recipe {
    double rate; /* share of clicked rows */
    struct {
        double mean, spread; /* of ln x; spread 0: not log-normal (kdd12) */
        double missing;
        int32_t less; /* taken off: negative numbers */
    } number[SGEO_CTR_DENSE_MAX];
    double missing[SGEO_CTR_FIELDS_MAX]; /* share of rows without the category */
    uint32_t silent;                     /* bit f: field f says nothing about the label */
    unsigned char pair[SGEO_SYNTH_PAIRS][2];
    unsigned char triple[SGEO_SYNTH_TRIPLE];
};

const struct sgeo_synth_recipe *sgeo_synth_recipe_of(const struct sgeo_ctr_schema *schema);

struct sgeo_ctr_synth {
    const struct sgeo_ctr_schema *schema;
    const struct sgeo_synth_recipe *recipe;
    uint64_t seed, n_rows;
    uint32_t n_users; /* kdd12 */
    double intercept;
    struct sgeo_zipf zipf[SGEO_CTR_FIELDS_MAX];
    struct sgeo_zipf impressions;         /* kdd12 */
    uint64_t stride[SGEO_CTR_FIELDS_MAX]; /* of the categories' permutation (ctr_synth_write.c) */
    double phase[SGEO_CTR_DENSE_MAX];
    uint64_t effect[SGEO_CTR_FIELDS_MAX]; /* keys of the categories' numbers */
    uint64_t pair[SGEO_SYNTH_PAIRS][2];
    uint64_t triple[SGEO_SYNTH_TRIPLE];
    uint64_t profile, token; /* keys: gender and age by user; multiples in tokens */
};

/* True logit of a row's numbers and categories. */
double sgeo_synth_logit(const struct sgeo_ctr_synth *synth, const struct sgeo_ctr_synth_row *row);

/* Profile of kdd12's user (1..n_users); false when the user has none, both are then 0. */
bool sgeo_synth_profile(uint32_t *gender, uint32_t *age, const struct sgeo_ctr_synth *synth,
                        uint32_t user);

/* A stride that visits all of 0..modulus-1 (modulus >= 1) once, scattered. */
uint64_t sgeo_synth_stride(uint64_t modulus);

/* Avazu's hour of a row, YYMMDDHH: ten days from 21 October 2014, evenly. */
uint32_t sgeo_synth_hour(const struct sgeo_ctr_synth *synth, uint64_t row);

#endif
