/* CSV (RFC 4180): libcsv reads, a small writer of our own. Line 1 is the header. */
#ifndef SGEO_BASE_CSV_H
#define SGEO_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

/* A table read whole; cells[row * n_columns + column], the header apart. */
struct sgeo_csv {
    char *path;
    char **header;
    char **cells;
    size_t n_columns;
    size_t n_rows;
};

/*
 * Read a CSV file (plain or .gz). Rows with another number of fields than the header: SGEO_IO with
 * the line number.
 */
enum sgeo_status sgeo_csv_read(struct sgeo_csv *csv, const char *path);
void sgeo_csv_clear(struct sgeo_csv *csv);

/* Index of a column by name, or SGEO_CSV_NONE. */
#define SGEO_CSV_NONE ((size_t)-1)
size_t sgeo_csv_column(const struct sgeo_csv *csv, const char *name);
const char *sgeo_csv_cell(const struct sgeo_csv *csv, size_t row, size_t column);

/*
 * By column names, for files of a few rows. require: SGEO_IO unless the file has all columns
 * (NULL-terminated); the others need it first. number: NaN for a field that is none.
 */
enum sgeo_status sgeo_csv_require(const struct sgeo_csv *csv, const char *const *columns);
const char *sgeo_csv_field(const struct sgeo_csv *csv, size_t row, const char *column);
double sgeo_csv_number(const struct sgeo_csv *csv, size_t row, const char *column);
bool sgeo_csv_is(const struct sgeo_csv *csv, size_t row, const char *column, const char *text);

/*
 * Writer: fields of a row one after the other, then the end of the row; quoted only where needed.
 * Doubles as %.9g, NaN as nan, infinities as inf/-inf.
 */
void sgeo_csv_put(struct sgeo_text *out, const char *field);
void sgeo_csv_put_double(struct sgeo_text *out, double value);
void sgeo_csv_put_optional(struct sgeo_text *out, double value); /* NaN: an empty field */
void sgeo_csv_put_size(struct sgeo_text *out, size_t value);
void sgeo_csv_end_row(struct sgeo_text *out);

#endif
