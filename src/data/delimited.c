/*
 * Rows of delimited text. The file is read in blocks; a line that a block cuts is moved to the
 * front before the next one. Each line is handed to libcsv apart, so that a bad one cannot swallow
 * those behind it.
 */
#include "data/delimited.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/posix.h"
#include "base/text.h"

#define BLOCK_BYTES ((size_t)1 << 17) /* twice the longest line, that any fits */
#define CELL_SHOWN  ((size_t)24)      /* bytes of a bad cell that a message quotes */

static const char hint_cr[] = "lines end with a line feed alone: sed -i 's/\\r$//' takes the rest";

struct sgeo_delimited {
    const char *path;
    const struct sgeo_delimited_format *format;
    sgeo_delimited_cell cell;
    void *context;
    int fd;
    bool at_end;
    char *bytes; /* (BLOCK_BYTES) */
    size_t first, last;
    uint64_t line; /* number of the line at hand, from 1 */
    struct csv_parser csv;
    /* the row at hand */
    size_t n_cells;
    bool ended, after_cr, no_memory;
    const char *flaw;                           /* NULL: none, or that of a cell */
    const struct sgeo_delimited_column *flawed; /* first cell that was refused; NULL: none */
    char shown[CELL_SHOWN + 1];                 /* its first bytes */
};

static void keep_shown(struct sgeo_delimited *file, const char *bytes, size_t n)
{
    size_t kept = n < CELL_SHOWN ? n : CELL_SHOWN;
    memcpy(file->shown, bytes, kept);
    file->shown[kept] = '\0';
}

static void on_cell(void *bytes, size_t n, void *context)
{
    struct sgeo_delimited *file = context;
    size_t column = file->n_cells++;
    if (column >= file->format->n_columns || file->flawed != NULL) {
        return;
    }
    const char *cell = n > 0 ? bytes : ""; /* libcsv may have no buffer yet */
    const struct sgeo_delimited_column *is = &file->format->columns[column];
    if (!file->cell(file->context, is, cell, n)) {
        file->flawed = is;
        keep_shown(file, cell, n);
    }
}

static void on_terminator(int terminator, void *context)
{
    struct sgeo_delimited *file = context;
    file->after_cr = file->after_cr || terminator == '\r';
    file->ended = true;
}

/* Blanks belong to their cell; libcsv would strip them. */
static int no_blank(unsigned char byte)
{
    (void)byte;
    return 0;
}

static void start_parser(struct sgeo_delimited *file)
{
    (void)csv_init(&file->csv, CSV_STRICT | CSV_REPALL_NL); /* fails for NULL only */
    csv_set_delim(&file->csv, (unsigned char)file->format->delimiter);
    csv_set_space_func(&file->csv, no_blank);
    if (!file->format->quotes) {
        csv_set_quote(&file->csv, '\0'); /* which no line has that comes this far */
    }
}

/* Read on, keeping the bytes from `first` on; at_end when there are no more. */
static enum sgeo_status fill(struct sgeo_delimited *file)
{
    memmove(file->bytes, file->bytes + file->first, file->last - file->first);
    file->last -= file->first;
    file->first = 0;
    ssize_t n = sgeo_fd_read(file->fd, file->bytes + file->last, BLOCK_BYTES - file->last);
    if (n < 0) {
        return sgeo_fail_errno(errno, "read", file->path);
    }
    file->last += (size_t)n;
    file->at_end = n == 0;
    return SGEO_OK;
}

/* The next line with its LF; the last one may lack it. *n is 0 behind the last. */
static enum sgeo_status next_line(struct sgeo_delimited *file, const char **line, size_t *n)
{
    size_t searched = 0;
    const char *lf = NULL;
    for (;;) {
        const char *from = file->bytes + file->first + searched;
        searched = file->last - file->first;
        lf = memchr(from, '\n', (size_t)(file->bytes + file->last - from));
        if (lf != NULL || file->at_end || searched >= SGEO_DELIMITED_LINE_MAX) {
            break;
        }
        enum sgeo_status status = fill(file);
        if (status != SGEO_OK) {
            return status;
        }
    }
    *line = file->bytes + file->first;
    *n = lf != NULL ? (size_t)(lf + 1 - *line) : searched;
    file->line++;
    if (*n > SGEO_DELIMITED_LINE_MAX) {
        return sgeo_fail(SGEO_IO, "check that it is the right file",
                         "%s:%llu: a line of more than %zu bytes", file->path,
                         (unsigned long long)file->line, SGEO_DELIMITED_LINE_MAX);
    }
    file->first += *n;
    return SGEO_OK;
}

/* Let libcsv split the line; what is wrong with its form, or NULL. */
static const char *split_line(struct sgeo_delimited *file, const char *line, size_t n)
{
    if (memchr(line, '\0', n) != NULL) {
        return "NUL byte";
    }
    if (line[n - 1] != '\n') {
        return "the file ends within this line";
    }
    if (n == 1) {
        return "empty line";
    }
    size_t done = csv_parse(&file->csv, line, n, on_cell, on_terminator, file);
    if (done == n && file->ended) {
        return file->after_cr ? "carriage return" : NULL;
    }
    file->no_memory = done != n && csv_error(&file->csv) != CSV_EPARSE;
    csv_free(&file->csv);
    start_parser(file);
    return "misplaced quote";
}

enum sgeo_status sgeo_delimited_next(struct sgeo_delimited *file, enum sgeo_delimited_row *row)
{
    const char *line;
    size_t n;
    enum sgeo_status status = next_line(file, &line, &n);
    if (status != SGEO_OK) {
        return status;
    }
    if (n == 0) {
        *row = SGEO_DELIMITED_NONE;
        return SGEO_OK;
    }
    file->n_cells = 0;
    file->ended = false;
    file->after_cr = false;
    file->flawed = NULL;
    file->flaw = split_line(file, line, n);
    if (file->no_memory) {
        return sgeo_fail_memory(file->path);
    }
    bool good =
        file->flaw == NULL && file->flawed == NULL && file->n_cells == file->format->n_columns;
    *row = good ? SGEO_DELIMITED_GOOD : SGEO_DELIMITED_FLAWED;
    return SGEO_OK;
}

enum sgeo_status sgeo_delimited_refuse(const struct sgeo_delimited *file, const char *hint)
{
    unsigned long long line = file->line;
    if (file->flaw != NULL) {
        return sgeo_fail(SGEO_IO, file->after_cr ? hint_cr : hint, "%s:%llu: %s", file->path, line,
                         file->flaw);
    }
    if (file->n_cells != file->format->n_columns) {
        return sgeo_fail(SGEO_IO, hint, "%s:%llu: %zu fields instead of %zu", file->path, line,
                         file->n_cells, file->format->n_columns);
    }
    return sgeo_fail(SGEO_IO, hint, "%s:%llu: %s '%s' is not %s", file->path, line,
                     file->flawed->name, file->shown, file->flawed->what);
}

/* The first line must be the names of the columns. */
static enum sgeo_status check_header(struct sgeo_delimited *file)
{
    const struct sgeo_delimited_format *format = file->format;
    struct sgeo_text names = {0};
    const char *line;
    size_t n;
    enum sgeo_status status = next_line(file, &line, &n);
    for (size_t c = 0; c < format->n_columns; c++) {
        sgeo_text_append(&names, "%s%c", format->columns[c].name,
                         c + 1 < format->n_columns ? format->delimiter : '\n');
    }
    if (status == SGEO_OK && names.failed) {
        status = sgeo_fail_memory(file->path);
    }
    if (status == SGEO_OK && (n != names.length || memcmp(line, names.bytes, n) != 0)) {
        bool cr = n >= 2 && line[n - 2] == '\r';
        names.bytes[names.length - 1] = '\0';
        status = sgeo_fail(SGEO_IO, cr ? hint_cr : "the file must be as it is distributed",
                           "%s:1: the header is not %s", file->path, names.bytes);
    }
    sgeo_text_clear(&names);
    return status;
}

static enum sgeo_status check_start(struct sgeo_delimited *file)
{
    enum sgeo_status status = fill(file);
    if (status != SGEO_OK) {
        return status;
    }
    if (file->last == 0) {
        return sgeo_fail(SGEO_IO, "fetch the file again", "%s is empty", file->path);
    }
    if (file->last >= 2 && memcmp(file->bytes, "\x1f\x8b", 2) == 0) {
        return sgeo_fail(SGEO_IO, "unpack it with gunzip", "%s is compressed", file->path);
    }
    return file->format->header ? check_header(file) : SGEO_OK;
}

enum sgeo_status sgeo_delimited_open(struct sgeo_delimited **file, const char *path,
                                     const struct sgeo_delimited_format *format,
                                     sgeo_delimited_cell cell, void *context)
{
    struct sgeo_delimited *made = sgeo_calloc(1, sizeof *made);
    char *bytes = sgeo_calloc(BLOCK_BYTES, 1);
    if (made == NULL || bytes == NULL) {
        sgeo_free(made);
        sgeo_free(bytes);
        return sgeo_fail_memory(path);
    }
    *made = (struct sgeo_delimited){.path = path,
                                    .format = format,
                                    .cell = cell,
                                    .context = context,
                                    .bytes = bytes,
                                    .fd = sgeo_fd_open(path, O_RDONLY)};
    start_parser(made);
    enum sgeo_status status =
        made->fd < 0 ? sgeo_fail_errno(errno, "open", path) : check_start(made);
    if (status != SGEO_OK) {
        sgeo_delimited_close(made);
        return status;
    }
    *file = made;
    return SGEO_OK;
}

void sgeo_delimited_close(struct sgeo_delimited *file)
{
    if (file == NULL) {
        return;
    }
    csv_free(&file->csv);
    if (file->fd >= 0) {
        (void)close(file->fd); /* opened for reading: nothing can be lost */
    }
    sgeo_free(file->bytes);
    sgeo_free(file);
}
