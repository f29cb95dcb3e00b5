/* Caches of click-through rows for the tests of this room: a small and a large one. */
#ifndef TESTS_DATA_CACHE_H
#define TESTS_DATA_CACHE_H

#include "clicks.h"
#include "data/ctr_cache.h"
#include "data/ctr_synth.h"

enum { CACHE_ROWS = 9000 }; /* two whole blocks and a part of one */

static char cache_path[2 * FIXTURE_PATH_MAX];
static struct sgeo_ctr_source source;

/* The committed fixture of Criteo, 40 rows, as source, and its cache. */
static inline void build_small(void)
{
    source =
        (struct sgeo_ctr_source){.schema = &sgeo_ctr_criteo, .path = "datasets/criteo/fixture.txt"};
    snprintf(cache_path, sizeof cache_path, "%s", fixture_path("small.ctr"));
    ck_assert_msg(sgeo_ctr_cache_build(cache_path, &source) == SGEO_OK, "%s", sgeo_error_text());
    fixture_remember(cache_path);
}

/* Generated rows of a set and their cache. */
static inline void build_large(const struct sgeo_ctr_schema *schema)
{
    static char paths[2][2 * FIXTURE_PATH_MAX];
    struct sgeo_ctr_synth *synth = NULL;
    bool users = schema == &sgeo_ctr_kdd12;
    snprintf(paths[0], sizeof paths[0], "%s", fixture_path("rows"));
    snprintf(paths[1], sizeof paths[1], "%s", fixture_path("users"));
    source = (struct sgeo_ctr_source){
        .schema = schema, .path = paths[0], .profiles = users ? paths[1] : NULL};
    ck_assert_int_eq(sgeo_ctr_synth_create(&synth, schema, 1, CACHE_ROWS), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_synth_write(NULL, synth, paths[0], source.profiles), SGEO_OK);
    sgeo_ctr_synth_destroy(synth);
    snprintf(cache_path, sizeof cache_path, "%s", fixture_path("large.ctr"));
    ck_assert_msg(sgeo_ctr_cache_build(cache_path, &source) == SGEO_OK, "%s", sgeo_error_text());
    fixture_remember(paths[0]);
    fixture_remember(paths[1]);
    fixture_remember(cache_path);
}

static inline struct sgeo_ctr_cache *open_cache(void)
{
    struct sgeo_ctr_cache *cache = NULL;
    ck_assert_msg(sgeo_ctr_cache_open(&cache, cache_path, &source) == SGEO_OK, "%s",
                  sgeo_error_text());
    return cache;
}

static inline struct sgeo_ctr_rows rows_of(const struct sgeo_ctr_schema *schema, size_t pitch)
{
    struct sgeo_ctr_rows rows = {0};
    ck_assert_int_eq(sgeo_ctr_rows_create(&rows, schema, pitch), SGEO_OK);
    return rows;
}

#endif
