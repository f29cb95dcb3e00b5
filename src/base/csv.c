#include "base/csv.h"

#include <assert.h>
#include <csv.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

#define CSV_BYTES_MAX                                                                              \
    ((size_t)1 << 30) /* far above any table here; a wrong file is refused early */
#define FIRST_FIELDS ((size_t)256)

/* What the callbacks of libcsv build. */
struct reader {
    const char *path;
    char *strings; /* all fields, each with its NUL, in file order */
    size_t n_bytes;
    char **fields; /* pointers into strings, the header's first */
    size_t n_fields;
    size_t capacity;
    size_t n_columns;  /* 0 until the header has ended */
    size_t row_fields; /* fields of the current row so far */
    size_t row_line;   /* the line on which the current row began, from 1 */
    size_t line;
    bool after_cr; /* the row ended with CR: LF must follow */
    enum sgeo_status status;
};

static enum sgeo_status refuse(const char *path, size_t line, const char *why)
{
    return sgeo_fail(SGEO_IO,
                     "correct that line: fields with commas or quotes need quotes (RFC 4180)",
                     "%s:%zu: %s", path, line, why);
}

static size_t count_newlines(const char *bytes, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += bytes[i] == '\n' ? 1 : 0;
    }
    return count;
}

static bool make_room(struct reader *reader)
{
    if (reader->n_fields < reader->capacity) {
        return true;
    }
    size_t capacity = reader->capacity == 0 ? FIRST_FIELDS : 2 * reader->capacity;
    char **grown = sgeo_grow(reader->fields, reader->capacity, capacity, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    reader->fields = grown;
    reader->capacity = capacity;
    return true;
}

static void on_field(void *field, size_t n, void *context)
{
    struct reader *reader = context;
    if (reader->status != SGEO_OK) {
        return;
    }
    if (reader->after_cr) {
        reader->status = refuse(reader->path, reader->line, "carriage return without line feed");
        return;
    }
    if (!make_room(reader)) {
        reader->status = sgeo_fail_memory(reader->path);
        return;
    }
    char *string = reader->strings + reader->n_bytes;
    if (n > 0) {
        memcpy(string, field, n);
    }
    string[n] = '\0';
    reader->fields[reader->n_fields++] = string;
    reader->n_bytes += n + 1;
    reader->row_fields++;
    reader->line += count_newlines(string, n);
}

static void check_row(struct reader *reader)
{
    if (reader->row_fields == 0) {
        reader->status = refuse(reader->path, reader->row_line, "empty line");
    } else if (reader->n_columns == 0) {
        reader->n_columns = reader->row_fields;
    } else if (reader->row_fields != reader->n_columns) {
        reader->status = sgeo_fail(SGEO_IO, "correct that line, or fetch the file again",
                                   "%s:%zu: %zu fields where the header has %zu", reader->path,
                                   reader->row_line, reader->row_fields, reader->n_columns);
    }
    reader->row_fields = 0;
}

/*
 * libcsv calls this for every CR and every LF outside quotes, and with -1 for a last row without
 * any.
 */
static void on_terminator(int terminator, void *context)
{
    struct reader *reader = context;
    if (reader->status != SGEO_OK) {
        return;
    }
    if (!reader->after_cr) {
        check_row(reader);
    } else if (terminator != '\n') {
        reader->status = refuse(reader->path, reader->line, "carriage return without line feed");
    }
    reader->after_cr = terminator == '\r';
    if (terminator == '\n') {
        reader->line++;
        reader->row_line = reader->line;
    }
}

/* Blanks belong to their field (RFC 4180); libcsv would strip them. */
static int no_blank(unsigned char byte)
{
    (void)byte;
    return 0;
}

static enum sgeo_status parse_with(struct csv_parser *parser, struct reader *reader,
                                   const char *bytes, size_t n)
{
    size_t done = csv_parse(parser, bytes, n, on_field, on_terminator, reader);
    if (reader->status != SGEO_OK) {
        return reader->status;
    }
    if (done != n) {
        return csv_error(parser) == CSV_EPARSE
                   ? refuse(reader->path, 1 + count_newlines(bytes, done), "misplaced quote")
                   : sgeo_fail_memory(reader->path);
    }
    if (csv_fini(parser, on_field, on_terminator, reader) != 0) {
        return csv_error(parser) == CSV_EPARSE
                   ? refuse(reader->path, reader->line, "a quoted field never ends")
                   : sgeo_fail_memory(reader->path);
    }
    if (reader->status == SGEO_OK && reader->after_cr) {
        return refuse(reader->path, reader->line, "carriage return without line feed");
    }
    return reader->status;
}

static enum sgeo_status parse(struct reader *reader, const char *bytes, size_t n)
{
    const char *nul = memchr(bytes, '\0', n);
    if (nul != NULL) {
        size_t before = (size_t)(nul - bytes);
        return refuse(reader->path, 1 + count_newlines(bytes, before), "NUL byte");
    }
    /* A field is followed by a comma or a line end, the last one perhaps not: NULs fit in n + 1. */
    reader->strings = sgeo_calloc(n + 1, 1);
    if (reader->strings == NULL) {
        return sgeo_fail_memory(reader->path);
    }
    struct csv_parser parser;
    (void)csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL); /* fails for NULL only */
    csv_set_space_func(&parser, no_blank);
    enum sgeo_status status = parse_with(&parser, reader, bytes, n);
    csv_free(&parser);
    if (status == SGEO_OK && reader->n_columns == 0) {
        status = refuse(reader->path, 1, "no header");
    }
    return status;
}

enum sgeo_status sgeo_csv_read(struct sgeo_csv *csv, const char *path)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    enum sgeo_status status = sgeo_file_read(path, CSV_BYTES_MAX, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    struct reader reader = {.path = path, .line = 1, .row_line = 1};
    char *name = NULL;
    status = parse(&reader, (const char *)bytes, n_bytes);
    sgeo_free(bytes);
    if (status != SGEO_OK) {
        goto fail;
    }
    name = sgeo_strdup(path);
    if (name == NULL) {
        status = sgeo_fail_memory(path);
        goto fail;
    }
    *csv = (struct sgeo_csv){
        .path = name,
        .header = reader.fields,
        .cells = reader.fields + reader.n_columns,
        .n_columns = reader.n_columns,
        .n_rows = reader.n_fields / reader.n_columns - 1,
    };
    return SGEO_OK;
fail:
    sgeo_free(reader.fields);
    sgeo_free(reader.strings);
    return status;
}

void sgeo_csv_clear(struct sgeo_csv *csv)
{
    if (csv->header != NULL) {
        sgeo_free(csv->header[0]); /* the first field starts the one block that holds all */
    }
    sgeo_free(csv->header); /* the cells lie behind the header in the same array */
    sgeo_free(csv->path);
    *csv = (struct sgeo_csv){0};
}

size_t sgeo_csv_column(const struct sgeo_csv *csv, const char *name)
{
    for (size_t column = 0; column < csv->n_columns; column++) {
        if (strcmp(csv->header[column], name) == 0) {
            return column;
        }
    }
    return SGEO_CSV_NONE;
}

const char *sgeo_csv_cell(const struct sgeo_csv *csv, size_t row, size_t column)
{
    assert(row < csv->n_rows && column < csv->n_columns);
    return csv->cells[row * csv->n_columns + column];
}

enum sgeo_status sgeo_csv_require(const struct sgeo_csv *csv, const char *const *columns)
{
    for (size_t c = 0; columns[c] != NULL; c++) {
        if (sgeo_csv_column(csv, columns[c]) == SGEO_CSV_NONE) {
            return sgeo_fail(SGEO_IO, "is it a file of this program?", "%s has no column %s",
                             csv->path, columns[c]);
        }
    }
    return SGEO_OK;
}

const char *sgeo_csv_field(const struct sgeo_csv *csv, size_t row, const char *column)
{
    return sgeo_csv_cell(csv, row, sgeo_csv_column(csv, column));
}

double sgeo_csv_number(const struct sgeo_csv *csv, size_t row, const char *column)
{
    double value;
    return sgeo_parse_double(sgeo_csv_field(csv, row, column), &value) ? value : (double)NAN;
}

bool sgeo_csv_is(const struct sgeo_csv *csv, size_t row, const char *column, const char *text)
{
    return strcmp(sgeo_csv_field(csv, row, column), text) == 0;
}
