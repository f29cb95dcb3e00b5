/*
 * Large delimited text files (TSV, CSV), row by row in bounded memory: libcsv splits the rows, the
 * caller reads the cells. A row is one line that ends with LF; everything else is a flaw of that
 * row, and the next row is read as if nothing had been.
 */
#ifndef SGEO_DATA_DELIMITED_H
#define SGEO_DATA_DELIMITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Longest line, its LF included. */
#define SGEO_DELIMITED_LINE_MAX ((size_t)1 << 16)

struct sgeo_delimited_column {
    const char *name;
    const char *what; /* its cells must be, for messages: "0 or 1" */
    int kind;         /* kind and slot are the caller's own */
    size_t slot;
};

struct sgeo_delimited_format {
    const struct sgeo_delimited_column *columns;
    size_t n_columns;
    char delimiter;
    bool header; /* the first line must be the columns' names */
    bool quotes; /* cells may be quoted (RFC 4180); else a quote is a byte like any other */
};

/* A cell of the row at hand (n bytes, not NUL-terminated); false when it is not what it must be.
 * After the first flaw of a row its other cells may or may not be shown. */
typedef bool (*sgeo_delimited_cell)(void *context, const struct sgeo_delimited_column *column,
                                    const char *bytes, size_t n);

struct sgeo_delimited;

/*
 * Open a file; format and path are borrowed until sgeo_delimited_close. SGEO_IO when it cannot be
 * read, is empty, is gzip, or lacks its header.
 */
enum sgeo_status sgeo_delimited_open(struct sgeo_delimited **file, const char *path,
                                     const struct sgeo_delimited_format *format,
                                     sgeo_delimited_cell cell, void *context);
void sgeo_delimited_close(struct sgeo_delimited *file); /* NULL is fine */

enum sgeo_delimited_row { SGEO_DELIMITED_NONE, SGEO_DELIMITED_GOOD, SGEO_DELIMITED_FLAWED };

/*
 * Read the next row through the cell function; *row is SGEO_DELIMITED_NONE behind the last one.
 * SGEO_IO when the file cannot be read further: no flawed row is that.
 */
enum sgeo_status sgeo_delimited_next(struct sgeo_delimited *file, enum sgeo_delimited_row *row);

/*
 * After a flawed row: its flaw as the error of the calling thread, "PATH:LINE: COLUMN 'CELL' is not
 * WHAT" or what else is wrong with it. Returns SGEO_IO.
 */
enum sgeo_status sgeo_delimited_refuse(const struct sgeo_delimited *file, const char *hint);

#endif
