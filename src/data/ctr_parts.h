/* What the readers of click-through files share among themselves: kinds of cells, and the formats.
 */
#ifndef SGEO_DATA_CTR_PARTS_H
#define SGEO_DATA_CTR_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/ctr_fields.h"
#include "data/delimited.h"

/* What a cell holds, and with the column's slot where it goes. */
enum sgeo_ctr_cell {
    SGEO_CTR_LABEL,  /* the label, 0 or 1 */
    SGEO_CTR_CLICKS, /* a count: the label is whether it is above 0 */
    SGEO_CTR_NUMBER, /* dense number `slot`: whole, may be negative; empty: missing */
    SGEO_CTR_COUNT,  /* dense number `slot`: whole, not negative */
    SGEO_CTR_HASH,   /* field `slot`: 8 hexadecimal digits; empty: missing */
    SGEO_CTR_TOKEN,  /* field `slot`: 8 hexadecimal digits, a decimal number when all are 0..9 */
    SGEO_CTR_WHOLE,  /* field `slot`: a decimal number, may be negative */
    SGEO_CTR_ID,     /* field `slot`: a decimal number */
    SGEO_CTR_USER    /* field `slot`: a decimal number; gender and age follow from it */
};

/* Words for the message "... is not WHAT". */
#define SGEO_CTR_WHAT_HASH   "8 hexadecimal digits (0-9, a-f) or empty"
#define SGEO_CTR_WHAT_TOKEN  "8 hexadecimal digits (0-9, a-f)"
#define SGEO_CTR_WHAT_NUMBER "a whole number within +-2147483647 or empty"
#define SGEO_CTR_WHAT_COUNT  "a whole number from 0 to 2147483647"
#define SGEO_CTR_WHAT_WHOLE  "a whole number of at most 64 bits"

extern const struct sgeo_delimited_format sgeo_criteo_format;
extern const struct sgeo_delimited_format sgeo_avazu_format;
extern const struct sgeo_delimited_format sgeo_kdd12_format;

/*
 * Numbers from n bytes; false when they are anything else. *value is untouched then.
 *   decimal: digits alone, up to 64 bits      hash: exactly 8 of 0-9 a-f, *digits whether 0-9 alone
 */
bool sgeo_ctr_parse_decimal(uint64_t *value, const char *bytes, size_t n);
bool sgeo_ctr_parse_hash(uint32_t *value, bool *digits, const char *bytes, size_t n);

/* Gender and age by user, a byte each: users without a profile have 0 and 0. */
struct sgeo_kdd12_users;
enum sgeo_status sgeo_kdd12_users_read(struct sgeo_kdd12_users **users, const char *path);
void sgeo_kdd12_users_destroy(struct sgeo_kdd12_users *users); /* NULL is fine */
void sgeo_kdd12_users_find(const struct sgeo_kdd12_users *users, uint64_t user, uint32_t *gender,
                           uint32_t *age);

#endif
