/* Click-through texts for the tests of this room: written into the scratch folder, read whole. */
#ifndef TESTS_DATA_CLICKS_H
#define TESTS_DATA_CLICKS_H

#include "data/ctr_reader.h"
#include "fixture.h"

enum { CLICKS_ROOM = 64 };

/* The rows that the last reading gave; n_fields and n_dense are the schema's. */
static struct sgeo_ctr_rows clicks;
static uint64_t clicks_skipped;

static inline void clicks_open(void)
{
    fixture_open();
    ck_assert_int_eq(sgeo_ctr_rows_create(&clicks, &sgeo_ctr_criteo, CLICKS_ROOM), SGEO_OK);
}

static inline void clicks_close(void)
{
    sgeo_ctr_rows_destroy(&clicks);
    fixture_close();
}

/* Read a source of at most CLICKS_ROOM rows in one batch; the end must follow. */
static inline enum sgeo_status clicks_read(const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_reader *reader = NULL;
    struct sgeo_ctr_rows none = clicks;
    clicks.n = 0;
    enum sgeo_status status = sgeo_ctr_reader_open(&reader, source);
    if (status == SGEO_OK) {
        status = sgeo_ctr_reader_next(reader, &clicks);
        clicks_skipped = sgeo_ctr_reader_skipped(reader);
    }
    if (status == SGEO_OK) {
        ck_assert_uint_lt(clicks.n, CLICKS_ROOM);
        none.n = 77;
        ck_assert_int_eq(sgeo_ctr_reader_next(reader, &none), SGEO_OK);
        ck_assert_uint_eq(none.n, 0);
    }
    sgeo_ctr_reader_close(reader);
    return status;
}

/* Read all rows of a source, which must be good and in range: how many, and how many clicked. */
static inline void clicks_scan(const struct sgeo_ctr_source *source, size_t *n, size_t *clicked)
{
    const struct sgeo_ctr_schema *schema = source->schema;
    struct sgeo_ctr_reader *reader = NULL;
    struct sgeo_ctr_rows rows = {0};
    *n = *clicked = 0;
    ck_assert_int_eq(sgeo_ctr_rows_create(&rows, schema, 4096), SGEO_OK);
    ck_assert_msg(sgeo_ctr_reader_open(&reader, source) == SGEO_OK, "%s", sgeo_error_text());
    do {
        bool in_range = true;
        ck_assert_msg(sgeo_ctr_reader_next(reader, &rows) == SGEO_OK, "%s", sgeo_error_text());
        for (size_t r = 0; r < rows.n; r++) {
            *clicked += rows.label[r];
            for (size_t f = 0; f < schema->n_fields; f++) {
                int32_t index = rows.index[f * rows.pitch + r];
                uint32_t vocabulary = sgeo_ctr_vocabulary(schema, f, source->cap);
                in_range = in_range && index >= 0 && (uint32_t)index < vocabulary;
            }
            for (size_t d = 0; d < schema->n_dense; d++) { /* ln 2^31 is below 22 */
                float dense = rows.dense[r * schema->n_dense + d];
                in_range = in_range && dense >= 0.0f && dense < 22.0f;
            }
        }
        ck_assert(in_range);
        *n += rows.n;
    } while (rows.n > 0);
    sgeo_ctr_reader_close(reader);
    sgeo_ctr_rows_destroy(&rows);
}

static inline int32_t clicks_index(size_t row, size_t field)
{
    return clicks.index[field * clicks.pitch + row];
}

/* All fields of a row, expected (n). */
static inline void clicks_expect(size_t row, const int32_t *expected, size_t n)
{
    for (size_t f = 0; f < n; f++) {
        ck_assert_msg(clicks_index(row, f) == expected[f], "row %zu, field %zu: %d, not %d", row, f,
                      (int)clicks_index(row, f), (int)expected[f]);
    }
}

/* A Check main with clicks_open and clicks_close around every test. */
static inline int clicks_run(const char *name, const TTest *const *tests, size_t n_tests)
{
    return fixture_run_around(name, tests, n_tests, clicks_open, clicks_close);
}

#endif
