/*
 * The streaming reader: cells of a format, split by libcsv (delimited.h), through the transforms of
 * spec nasrec, section 2, into the columns of a batch.
 */
#include "data/ctr_reader.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "data/ctr_parts.h"

#define LOGARITHMS ((size_t)4096) /* of the numbers below it; most numbers are */
#define PRIME_31   UINT64_C(2147483647)
/* kdd12: what follows from the user. */
#define GENDER_FIELD 8
#define AGE_FIELD    9

struct sgeo_ctr_reader {
    struct sgeo_ctr_source source;
    struct sgeo_delimited *file;
    struct sgeo_kdd12_users *users; /* NULL but for kdd12 */
    uint64_t n_rows, skipped;
    uint32_t modulus[SGEO_CTR_FIELDS_MAX]; /* by field: vocabulary - 1 */
    float logarithm[LOGARITHMS];           /* ln(x + 1) */
    struct sgeo_ctr_rows *rows;            /* the batch being filled */
    size_t row;                            /* and the row of it */
};

static void put_label(struct sgeo_ctr_reader *reader, bool clicked)
{
    reader->rows->label[reader->row] = clicked;
}

/* ln(max(0, x) + 1). */
static void put_dense(struct sgeo_ctr_reader *reader, size_t slot, uint64_t x)
{
    float *dense = reader->rows->dense + reader->row * reader->source.schema->n_dense;
    dense[slot] = x < LOGARITHMS ? reader->logarithm[x] : (float)log((double)x + 1.0);
}

static void put_missing(struct sgeo_ctr_reader *reader, size_t field)
{
    reader->rows->index[field * reader->rows->pitch + reader->row] = 0;
}

static void put_category(struct sgeo_ctr_reader *reader, size_t field, uint32_t value)
{
    reader->rows->index[field * reader->rows->pitch + reader->row] =
        (int32_t)(value % reader->modulus[field] + 1);
}

/* Values of Avazu and KDD12 are taken modulo 2^31 - 1 first; -v counts as -v mod p. */
static void put_reduced(struct sgeo_ctr_reader *reader, size_t field, uint64_t value, bool negative)
{
    uint64_t rest = value % PRIME_31;
    put_category(reader, field, (uint32_t)(negative && rest > 0 ? PRIME_31 - rest : rest));
}

static bool read_label(struct sgeo_ctr_reader *reader, const char *bytes, size_t n)
{
    if (n != 1 || (bytes[0] != '0' && bytes[0] != '1')) {
        return false;
    }
    put_label(reader, bytes[0] == '1');
    return true;
}

/* A sign is skipped, and told. */
static bool parse_signed(uint64_t *value, bool *negative, const char *bytes, size_t n)
{
    *negative = n > 0 && bytes[0] == '-';
    size_t sign = *negative ? 1 : 0;
    return sgeo_ctr_parse_decimal(value, bytes + sign, n - sign);
}

static bool read_number(struct sgeo_ctr_reader *reader, size_t slot, const char *bytes, size_t n)
{
    uint64_t value = 0;
    bool negative = false;
    if (n > 0 && (!parse_signed(&value, &negative, bytes, n) || value > INT32_MAX)) {
        return false;
    }
    put_dense(reader, slot, negative ? 0 : value);
    return true;
}

static bool read_count(struct sgeo_ctr_reader *reader, const struct sgeo_delimited_column *column,
                       const char *bytes, size_t n)
{
    uint64_t value;
    if (!sgeo_ctr_parse_decimal(&value, bytes, n) || value > INT32_MAX) {
        return false;
    }
    if (column->kind == SGEO_CTR_CLICKS) {
        put_label(reader, value > 0);
    } else {
        put_dense(reader, column->slot, value);
    }
    return true;
}

static bool read_hash(struct sgeo_ctr_reader *reader, size_t field, const char *bytes, size_t n)
{
    uint32_t value;
    bool digits;
    if (n == 0) {
        put_missing(reader, field);
        return true;
    }
    if (!sgeo_ctr_parse_hash(&value, &digits, bytes, n)) {
        return false;
    }
    put_category(reader, field, value);
    return true;
}

static bool read_token(struct sgeo_ctr_reader *reader, size_t field, const char *bytes, size_t n)
{
    uint32_t value;
    uint64_t decimal;
    bool digits;
    if (!sgeo_ctr_parse_hash(&value, &digits, bytes, n)) {
        return false;
    }
    if (digits && sgeo_ctr_parse_decimal(&decimal, bytes, n)) {
        value = (uint32_t)decimal; /* 8 digits fit */
    }
    put_reduced(reader, field, value, false);
    return true;
}

static bool read_whole(struct sgeo_ctr_reader *reader, size_t field, const char *bytes, size_t n)
{
    uint64_t value;
    bool negative;
    if (!parse_signed(&value, &negative, bytes, n)) {
        return false;
    }
    put_reduced(reader, field, value, negative);
    return true;
}

static bool read_id(struct sgeo_ctr_reader *reader, const struct sgeo_delimited_column *column,
                    const char *bytes, size_t n)
{
    uint64_t value;
    if (!sgeo_ctr_parse_decimal(&value, bytes, n)) {
        return false;
    }
    put_reduced(reader, column->slot, value, false);
    if (column->kind == SGEO_CTR_USER) {
        uint32_t gender, age;
        sgeo_kdd12_users_find(reader->users, value, &gender, &age);
        put_category(reader, GENDER_FIELD, gender);
        put_category(reader, AGE_FIELD, age);
    }
    return true;
}

static bool read_cell(void *context, const struct sgeo_delimited_column *column, const char *bytes,
                      size_t n)
{
    struct sgeo_ctr_reader *reader = context;
    switch ((enum sgeo_ctr_cell)column->kind) {
    case SGEO_CTR_LABEL:
        return read_label(reader, bytes, n);
    case SGEO_CTR_NUMBER:
        return read_number(reader, column->slot, bytes, n);
    case SGEO_CTR_CLICKS:
    case SGEO_CTR_COUNT:
        return read_count(reader, column, bytes, n);
    case SGEO_CTR_HASH:
        return read_hash(reader, column->slot, bytes, n);
    case SGEO_CTR_TOKEN:
        return read_token(reader, column->slot, bytes, n);
    case SGEO_CTR_WHOLE:
        return read_whole(reader, column->slot, bytes, n);
    case SGEO_CTR_ID:
    case SGEO_CTR_USER:
        break;
    }
    return read_id(reader, column, bytes, n);
}

static const struct sgeo_delimited_format *format_of(const struct sgeo_ctr_schema *schema)
{
    return schema == &sgeo_ctr_criteo  ? &sgeo_criteo_format
           : schema == &sgeo_ctr_avazu ? &sgeo_avazu_format
                                       : &sgeo_kdd12_format;
}

static void prepare(struct sgeo_ctr_reader *reader)
{
    const struct sgeo_ctr_schema *schema = reader->source.schema;
    for (size_t f = 0; f < schema->n_fields; f++) {
        reader->modulus[f] = sgeo_ctr_vocabulary(schema, f, reader->source.cap) - 1;
    }
    for (size_t x = 0; x < LOGARITHMS; x++) {
        reader->logarithm[x] = (float)log((double)x + 1.0);
    }
}

enum sgeo_status sgeo_ctr_reader_open(struct sgeo_ctr_reader **reader,
                                      const struct sgeo_ctr_source *source)
{
    if (source->cap == 1) {
        return sgeo_fail(SGEO_USAGE, "give a cap of 2 at least, e.g. 500000",
                         "%s: a cap of 1 leaves no index for categories", source->schema->name);
    }
    struct sgeo_ctr_reader *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory(source->path);
    }
    made->source = *source;
    prepare(made);
    enum sgeo_status status =
        sgeo_delimited_open(&made->file, source->path, format_of(source->schema), read_cell, made);
    if (status == SGEO_OK && source->schema == &sgeo_ctr_kdd12) {
        status = sgeo_kdd12_users_read(&made->users, source->profiles);
    }
    if (status != SGEO_OK) {
        sgeo_ctr_reader_close(made);
        return status;
    }
    *reader = made;
    return SGEO_OK;
}

void sgeo_ctr_reader_close(struct sgeo_ctr_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    sgeo_delimited_close(reader->file);
    sgeo_kdd12_users_destroy(reader->users);
    sgeo_free(reader);
}

/* A bad row: pass over it while that is allowed. */
static enum sgeo_status judge_flawed(struct sgeo_ctr_reader *reader)
{
    enum sgeo_status status = sgeo_delimited_refuse(
        reader->file, "fetch the file again, or pass over such rows with --skip-bad N");
    if (reader->skipped >= reader->source.skip_bad) {
        return status;
    }
    if (reader->skipped++ == 0) {
        sgeo_log(SGEO_LOG_WARNING, "passed over a bad row: %s", sgeo_error_text());
    }
    return SGEO_OK;
}

static enum sgeo_status judge_end(const struct sgeo_ctr_reader *reader)
{
    if (reader->n_rows == 0) {
        return sgeo_fail(SGEO_IO, "fetch the file again", "%s has no rows", reader->source.path);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_reader_next(struct sgeo_ctr_reader *reader, struct sgeo_ctr_rows *rows)
{
    enum sgeo_delimited_row row = SGEO_DELIMITED_GOOD;
    enum sgeo_status status = SGEO_OK;
    const size_t dense_bytes = reader->source.schema->n_dense * sizeof *rows->dense;
    reader->rows = rows;
    reader->row = 0;
    rows->n = 0;
    if (reader->source.schema == &sgeo_ctr_avazu) {
        memset(rows->dense, 0, rows->pitch * dense_bytes); /* its dummy is in no column */
    }
    while (reader->row < rows->pitch && row != SGEO_DELIMITED_NONE) {
        status = sgeo_delimited_next(reader->file, &row);
        if (status == SGEO_OK && row == SGEO_DELIMITED_FLAWED) {
            status = judge_flawed(reader);
        }
        if (status != SGEO_OK) {
            return status;
        }
        reader->row += row == SGEO_DELIMITED_GOOD ? 1 : 0;
    }
    reader->n_rows += reader->row;
    rows->n = reader->row;
    return row == SGEO_DELIMITED_NONE ? judge_end(reader) : SGEO_OK;
}

uint64_t sgeo_ctr_reader_skipped(const struct sgeo_ctr_reader *reader)
{
    return reader->skipped;
}
