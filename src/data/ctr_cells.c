/* Numbers in the cells of click-through files. */
#include "data/ctr_parts.h"

/* Value of a hexadecimal digit; 16 for what is none. A table, for digits come at random and a
 * branch on them would be guessed wrong every other time. */
#define X8  16, 16, 16, 16, 16, 16, 16, 16
#define X32 X8, X8, X8, X8
static const unsigned char hex_value[256] = {
    X32, X8,  X8,                                                      /* up to '/' */
    0,   1,   2,   3,  4,  5,  6,  7,  8,  9,  16, 16, 16, 16, 16, 16, /* '0'..'?' */
    X32,                                                               /* '@'..'_' */
    16,  10,  11,  12, 13, 14, 15, 16, X8, X8, X8,                     /* '`'..DEL */
    X32, X32, X32, X32};

bool sgeo_ctr_parse_decimal(uint64_t *value, const char *bytes, size_t n)
{
    const size_t safe = 19; /* digits that fit 64 bits whatever they are */
    uint64_t parsed = 0;
    if (n == 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)bytes[i] - '0';
        if (digit > 9 || (i >= safe && parsed > (UINT64_MAX - digit) / 10)) {
            return false;
        }
        parsed = 10 * parsed + digit;
    }
    *value = parsed;
    return true;
}

bool sgeo_ctr_parse_hash(uint32_t *value, bool *digits, const char *bytes, size_t n)
{
    enum { DIGITS = 8 };
    uint32_t parsed = 0;
    unsigned highest = 0;
    if (n != DIGITS) {
        return false;
    }
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned digit = hex_value[(unsigned char)bytes[i]];
        highest = digit > highest ? digit : highest;
        parsed = parsed << 4 | (digit & 15);
    }
    if (highest > 15) {
        return false;
    }
    *value = parsed;
    *digits = highest <= 9;
    return true;
}
