/* A growing text buffer, and strict number parsing. */
#ifndef SGEO_BASE_TEXT_H
#define SGEO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct sgeo_text {
    char *bytes; /* NUL-terminated once anything was appended; free with sgeo_text_clear */
    size_t length;
    size_t capacity;
    bool failed; /* sticky: an append found no memory */
};

void sgeo_text_append(struct sgeo_text *text, const char *format, ...) SGEO_PRINTF(2, 3);
/* Append n_bytes as they are, NULs too. */
void sgeo_text_append_bytes(struct sgeo_text *text, const void *bytes, size_t n_bytes);
void sgeo_text_clear(struct sgeo_text *text);

/*
 * The whole string as a number, no leading blanks, nothing behind it; false otherwise (result
 * untouched).
 */
bool sgeo_parse_double(const char *string, double *value); /* finite, decimal */
bool sgeo_parse_u64(const char *string, uint64_t *value);

/* Damerau-Levenshtein distance, for "did you mean". */
size_t sgeo_edit_distance(const char *a, const char *b);

#endif
