#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_CAPACITY ((size_t)256)

/* Room for `extra` more bytes and the NUL. */
static bool reserve(struct sgeo_text *text, size_t extra)
{
    if (extra >= SIZE_MAX / 2 - text->length) {
        return false;
    }
    size_t needed = text->length + extra + 1;
    if (needed <= text->capacity) {
        return true;
    }
    size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : text->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    char *grown = sgeo_grow(text->bytes, text->capacity, capacity, 1);
    if (grown == NULL) {
        return false;
    }
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void sgeo_text_append(struct sgeo_text *text, const char *format, ...)
{
    if (text->failed) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n < 0 || !reserve(text, (size_t)n)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(text->bytes + text->length, (size_t)n + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)n;
}

void sgeo_text_append_bytes(struct sgeo_text *text, const void *bytes, size_t n_bytes)
{
    if (text->failed || n_bytes == 0) {
        return;
    }
    if (!reserve(text, n_bytes)) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->length, bytes, n_bytes);
    text->length += n_bytes;
    text->bytes[text->length] = '\0';
}

void sgeo_text_clear(struct sgeo_text *text)
{
    sgeo_free(text->bytes);
    *text = (struct sgeo_text){0};
}

bool sgeo_parse_double(const char *string, double *value)
{
    /* strtod would also take blanks, hexadecimal, "inf" and "nan". */
    if (string[0] == '\0' || string[strspn(string, "0123456789+-.eE")] != '\0') {
        return false;
    }
    char *end;
    double parsed = strtod(string, &end);
    if (end == string || *end != '\0' || !isfinite(parsed)) {
        return false;
    }
    *value = parsed;
    return true;
}

bool sgeo_parse_u64(const char *string, uint64_t *value)
{
    uint64_t parsed = 0;
    if (string[0] == '\0') {
        return false;
    }
    for (; *string != '\0'; string++) {
        if (*string < '0' || *string > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(*string - '0');
        if (parsed > (UINT64_MAX - digit) / 10) {
            return false;
        }
        parsed = 10 * parsed + digit;
    }
    *value = parsed;
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Damerau-Levenshtein with free transpositions (Lowrance and Wagner 1975).
 * cost (n_a+1, n_b+1), row-major: cost[i][j] between the first i bytes of a and the first j of b.
 */
static size_t fill_costs(size_t *cost, const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t width = n_b + 1;
    size_t last_row[256] = {0}; /* the last i whose byte of a was that one; 0 for none */
    for (size_t i = 0; i <= n_a; i++) {
        cost[i * width] = i;
    }
    for (size_t j = 0; j <= n_b; j++) {
        cost[j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        size_t last_column = 0; /* the last j whose byte of b equals a[i-1] */
        for (size_t j = 1; j <= n_b; j++) {
            size_t row = last_row[(unsigned char)b[j - 1]];
            bool equal = a[i - 1] == b[j - 1];
            size_t best = cost[(i - 1) * width + j - 1] + (equal ? 0 : 1);
            best = smaller(best, cost[(i - 1) * width + j] + 1);
            best = smaller(best, cost[i * width + j - 1] + 1);
            if (row > 0 && last_column > 0) {
                size_t between = (i - row - 1) + (j - last_column - 1);
                best = smaller(best, cost[(row - 1) * width + last_column - 1] + between + 1);
            }
            cost[i * width + j] = best;
            last_column = equal ? j : last_column;
        }
        last_row[(unsigned char)a[i - 1]] = i;
    }
    return cost[n_a * width + n_b];
}

size_t sgeo_edit_distance(const char *a, const char *b)
{
    size_t n_a = strlen(a);
    size_t n_b = strlen(b);
    size_t cells;
    size_t *cost = NULL;
    if (sgeo_size_mul(n_a + 1, n_b + 1, &cells)) {
        cost = sgeo_calloc(cells, sizeof *cost);
    }
    if (cost == NULL) {
        return n_a > n_b ? n_a : n_b; /* an upper bound: no suggestion comes of it */
    }
    size_t distance = fill_costs(cost, a, n_a, b, n_b);
    sgeo_free(cost);
    return distance;
}
