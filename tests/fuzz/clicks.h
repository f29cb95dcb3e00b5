/*
 * What the click-through readers promise of any bytes: rows that are accepted are in range; where
 * all rows are good, allowing bad ones changes nothing; where some are bad, passing over them
 * leaves the good ones.
 */
#ifndef SGEO_FUZZ_CLICKS_H
#define SGEO_FUZZ_CLICKS_H

#include <stdbool.h>
#include <string.h>

#include "data/ctr_reader.h"
#include "file.h"

enum { FUZZ_BATCH = 4 };

static struct sgeo_ctr_rows fuzz_rows;

static void fuzz_require(bool promise)
{
    if (!promise) {
        abort();
    }
}

static void fuzz_rows_destroy(void)
{
    sgeo_ctr_rows_destroy(&fuzz_rows);
}

/* Once, from LLVMFuzzerInitialize. */
static inline void fuzz_clicks_create(const struct sgeo_ctr_schema *schema)
{
    fuzz_file_create();
    fuzz_require(sgeo_ctr_rows_create(&fuzz_rows, schema, FUZZ_BATCH) == SGEO_OK);
    fuzz_require(atexit(fuzz_rows_destroy) == 0);
}

static void fuzz_rows_check(const struct sgeo_ctr_schema *schema, uint32_t cap)
{
    for (size_t r = 0; r < fuzz_rows.n; r++) {
        fuzz_require(fuzz_rows.label[r] <= 1);
        for (size_t d = 0; d < schema->n_dense; d++) {
            float dense = fuzz_rows.dense[r * schema->n_dense + d];
            fuzz_require(dense >= 0.0f && dense < 22.0f);
        }
        for (size_t f = 0; f < schema->n_fields; f++) {
            int32_t index = fuzz_rows.index[f * fuzz_rows.pitch + r];
            fuzz_require(index >= 0 && (uint32_t)index < sgeo_ctr_vocabulary(schema, f, cap));
        }
    }
}

/* Rows of a source; *status is how it ended. */
static uint64_t fuzz_clicks_count(enum sgeo_status *status, uint64_t *skipped,
                                  const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_reader *reader = NULL;
    uint64_t n = 0;
    *skipped = 0;
    *status = sgeo_ctr_reader_open(&reader, source);
    while (*status == SGEO_OK) {
        *status = sgeo_ctr_reader_next(reader, &fuzz_rows);
        fuzz_rows_check(source->schema, source->cap);
        *skipped = sgeo_ctr_reader_skipped(reader);
        n += fuzz_rows.n;
        if (fuzz_rows.n == 0) {
            break;
        }
    }
    sgeo_ctr_reader_close(reader);
    return n;
}

/* The files are written; one byte of the input chose the cap. */
static inline void fuzz_clicks(const struct sgeo_ctr_schema *schema, const char *profiles,
                               uint8_t choice)
{
    struct sgeo_ctr_source source = {
        .schema = schema, .path = fuzz_path, .profiles = profiles, .cap = choice < 2 ? 0 : choice};
    enum sgeo_status strict, tolerant;
    uint64_t skipped, n_strict = fuzz_clicks_count(&strict, &skipped, &source);
    fuzz_require(skipped == 0);
    source.skip_bad = UINT64_MAX;
    uint64_t n = fuzz_clicks_count(&tolerant, &skipped, &source);
    if (strict == SGEO_OK) {
        fuzz_require(tolerant == SGEO_OK && n == n_strict && skipped == 0);
    } else if (tolerant == SGEO_OK) {
        fuzz_require(n > 0 && n >= n_strict && skipped > 0);
    }
}

#endif
