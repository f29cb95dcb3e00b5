/*
 * The CSV writer. Every field is put down with a comma behind it, and the end of the row turns the
 * last comma into a line feed: so the buffer itself is the only state.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/csv.h"

static void put_quoted(struct sgeo_text *out, const char *field)
{
    sgeo_text_append(out, "\"");
    for (const char *quote; (quote = strchr(field, '"')) != NULL; field = quote + 1) {
        sgeo_text_append(out, "%.*s\"\"", (int)(quote - field), field);
    }
    sgeo_text_append(out, "%s\",", field);
}

void sgeo_csv_put(struct sgeo_text *out, const char *field)
{
    if (strpbrk(field, ",\"\r\n") != NULL) {
        put_quoted(out, field);
    } else {
        sgeo_text_append(out, "%s,", field);
    }
}

void sgeo_csv_put_double(struct sgeo_text *out, double value)
{
    if (isnan(value)) {
        sgeo_csv_put(out, "nan"); /* printf might show its sign */
    } else {
        sgeo_text_append(out, "%.9g,", value);
    }
}

void sgeo_csv_put_optional(struct sgeo_text *out, double value)
{
    if (isnan(value)) {
        sgeo_csv_put(out, "");
    } else {
        sgeo_csv_put_double(out, value);
    }
}

void sgeo_csv_put_size(struct sgeo_text *out, size_t value)
{
    sgeo_text_append(out, "%zu,", value);
}

void sgeo_csv_end_row(struct sgeo_text *out)
{
    if (out->failed) {
        return;
    }
    assert(out->length > 0 && out->bytes[out->length - 1] == ',');
    out->length--;
    /* One empty field alone would be an empty line, which is no row: it needs its quotes. */
    bool blank = out->length == 0 || out->bytes[out->length - 1] == '\n';
    sgeo_text_append(out, "%s\n", blank ? "\"\"" : "");
}
