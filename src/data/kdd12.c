/*
 * KDD Cup 2012, track 2 (Tencent, predict the click-through rate of ads): training.txt,
 * tab-separated, no header, 12 columns of decimal numbers; and userid_profile.txt: user, gender
 * (0 unknown, 1, 2), age group (1..6). Source: the cup's data page; spec nasrec, section 2: a row
 * is clicked when it has any click; impression, depth and position are the dense numbers; a user
 * without a profile has gender 0 and age 0.
 *
 * The join holds one byte for each user number up to the highest that has a profile (about 24 MB
 * for the public file), whatever the number of rows. SGEO_KDD12_USERS_MAX bounds it.
 */
#include <string.h>

#include "base/memory.h"
#include "data/ctr_parts.h"

#define SGEO_KDD12_USERS_MAX ((uint64_t)1 << 26)
#define GENDER_BITS          2

#define COUNT(name, slot)                                                                          \
    {                                                                                              \
        name, SGEO_CTR_WHAT_COUNT, SGEO_CTR_COUNT, slot                                            \
    }
#define ID(name, slot)                                                                             \
    {                                                                                              \
        name, SGEO_CTR_WHAT_WHOLE, SGEO_CTR_ID, slot                                               \
    }

static const struct sgeo_delimited_column columns[] = {
    {"click", SGEO_CTR_WHAT_COUNT, SGEO_CTR_CLICKS, 0},
    COUNT("impression", 0),
    ID("display_url", 0),
    ID("ad_id", 1),
    ID("advertiser_id", 2),
    COUNT("depth", 1),
    COUNT("position", 2),
    ID("query_id", 3),
    ID("keyword_id", 4),
    ID("title_id", 5),
    ID("description_id", 6),
    {"user_id", SGEO_CTR_WHAT_WHOLE, SGEO_CTR_USER, 7}};

const struct sgeo_delimited_format sgeo_kdd12_format = {
    .columns = columns, .n_columns = sizeof columns / sizeof *columns, .delimiter = '\t'};

/* --- user profiles --- */

/* `kind` of a profile's column: the largest value that its cells may have. */
enum { USER_SLOT, GENDER_SLOT, AGE_SLOT, N_SLOTS, GENDER_MOST = 2, AGE_MOST = 6 };

static const struct sgeo_delimited_column profile_columns[] = {
    {"user_id", "a number from 0 to 67108863", 0, USER_SLOT},
    {"gender", "0, 1 or 2", GENDER_MOST, GENDER_SLOT},
    {"age", "a number from 0 to 6", AGE_MOST, AGE_SLOT}};

static const struct sgeo_delimited_format profile_format = {
    .columns = profile_columns, .n_columns = N_SLOTS, .delimiter = '\t'};

struct sgeo_kdd12_users {
    uint8_t *profile; /* (n) gender + 4 age by user */
    size_t n;
    uint64_t row[N_SLOTS]; /* while the file is read */
};

static bool read_cell(void *context, const struct sgeo_delimited_column *column, const char *bytes,
                      size_t n)
{
    struct sgeo_kdd12_users *users = context;
    uint64_t *value = &users->row[column->slot];
    uint64_t most = column->slot == USER_SLOT ? SGEO_KDD12_USERS_MAX - 1 : (uint64_t)column->kind;
    return sgeo_ctr_parse_decimal(value, bytes, n) && *value <= most;
}

static enum sgeo_status keep_profile(struct sgeo_kdd12_users *users)
{
    size_t user = (size_t)users->row[USER_SLOT];
    if (user >= users->n) {
        size_t n = sgeo_round_up(user + 1 + user / 2, 1 << 16);
        uint8_t *grown = sgeo_grow(users->profile, users->n, n, 1);
        if (grown == NULL) {
            return sgeo_fail_memory("user profiles");
        }
        users->profile = grown;
        users->n = n;
    }
    /* As in the original, of several profiles of a user the last one counts. */
    users->profile[user] = (uint8_t)(users->row[GENDER_SLOT] | users->row[AGE_SLOT] << GENDER_BITS);
    return SGEO_OK;
}

static enum sgeo_status read_profiles(struct sgeo_kdd12_users *users, struct sgeo_delimited *file)
{
    for (;;) {
        enum sgeo_delimited_row row;
        enum sgeo_status status = sgeo_delimited_next(file, &row);
        if (status == SGEO_OK && row == SGEO_DELIMITED_FLAWED) {
            status = sgeo_delimited_refuse(file, "fetch the file again");
        }
        if (status == SGEO_OK && row == SGEO_DELIMITED_GOOD) {
            status = keep_profile(users);
        }
        if (status != SGEO_OK || row == SGEO_DELIMITED_NONE) {
            return status;
        }
    }
}

enum sgeo_status sgeo_kdd12_users_read(struct sgeo_kdd12_users **users, const char *path)
{
    struct sgeo_delimited *file = NULL;
    struct sgeo_kdd12_users *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory("user profiles");
    }
    enum sgeo_status status = sgeo_delimited_open(&file, path, &profile_format, read_cell, made);
    if (status == SGEO_OK) {
        status = read_profiles(made, file);
    }
    sgeo_delimited_close(file);
    if (status != SGEO_OK) {
        sgeo_kdd12_users_destroy(made);
        return status;
    }
    *users = made;
    return SGEO_OK;
}

void sgeo_kdd12_users_destroy(struct sgeo_kdd12_users *users)
{
    if (users == NULL) {
        return;
    }
    sgeo_free(users->profile);
    sgeo_free(users);
}

void sgeo_kdd12_users_find(const struct sgeo_kdd12_users *users, uint64_t user, uint32_t *gender,
                           uint32_t *age)
{
    uint32_t profile = user < users->n ? users->profile[user] : 0;
    *gender = profile & ((1u << GENDER_BITS) - 1);
    *age = profile >> GENDER_BITS;
}
