/*
 * Click-through rows in binary: read once from their text, then at memory speed. The file is
 * mapped, so that memory holds no more of it than the system sees fit, and several threads may
 * share one open cache.
 *
 * Everything in it is checksummed: what describes it when it is opened, its rows in blocks, each
 * when it is first touched. A cache of another set, other files, another cap or another version,
 * and a damaged one, are refused with one line; the hint is to remove it, for it is made again
 * from the text. Layout: ctr_cache_parts.h.
 */
#ifndef SGEO_DATA_CTR_CACHE_H
#define SGEO_DATA_CTR_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/ctr_rows.h"
#include "data/ctr_source.h"

struct sgeo_ctr_cache;

/*
 * Read a source and publish its rows at `path`. Memory: a block of rows, and a byte a row.
 * Errors of the reader, or SGEO_IO when the cache cannot be written; no cache is left then.
 */
enum sgeo_status sgeo_ctr_cache_build(const char *path, const struct sgeo_ctr_source *source);

/* Open the cache of a source, whose files must still be there: sizes and fingerprint are compared.
 * SGEO_IO when it is not that cache, or damaged. */
enum sgeo_status sgeo_ctr_cache_open(struct sgeo_ctr_cache **cache, const char *path,
                                     const struct sgeo_ctr_source *source);
void sgeo_ctr_cache_close(struct sgeo_ctr_cache *cache); /* NULL is fine */

/* Open the cache of a source in a directory, after building it when there is none. Of several
 * processes one must do so before the others. */
enum sgeo_status sgeo_ctr_cache_obtain(struct sgeo_ctr_cache **cache, const char *directory,
                                       const struct sgeo_ctr_source *source);

/* Append the path of a source's cache in a directory; its name has the set, the cap and the
 * fingerprint, so that caches of other files lie beside it. SGEO_IO when a file cannot be read. */
enum sgeo_status sgeo_ctr_cache_path(struct sgeo_text *path, const char *directory,
                                     const struct sgeo_ctr_source *source);

size_t sgeo_ctr_cache_rows(const struct sgeo_ctr_cache *cache);
size_t sgeo_ctr_cache_skipped(const struct sgeo_ctr_cache *cache);        /* bad rows passed over */
const uint8_t *sgeo_ctr_cache_labels(const struct sgeo_ctr_cache *cache); /* (rows), a view */

/* SHA-256 of a source file as it was when the cache was made; "" where there is none. */
const char *sgeo_ctr_cache_sha256(const struct sgeo_ctr_cache *cache, size_t file);

/*
 * Fill rows with rows first..first+n-1, or with those of a list in its order (any order, repeats
 * too). n <= rows->pitch, all rows exist. SGEO_IO when a block is damaged; rows->n is then 0.
 */
enum sgeo_status sgeo_ctr_cache_read(struct sgeo_ctr_rows *rows, const struct sgeo_ctr_cache *cache,
                                     size_t first, size_t n);
enum sgeo_status sgeo_ctr_cache_gather(struct sgeo_ctr_rows *rows,
                                       const struct sgeo_ctr_cache *cache, const uint32_t *list,
                                       size_t n);

#endif
