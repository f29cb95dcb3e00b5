/* Reading a cache: its description when it is opened, its blocks when they are first touched. */
#include "data/ctr_cache.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/posix.h"
#include "data/ctr_cache_parts.h"

/* Rows that are transposed together: their indices in a field fill a cache line. */
#define TILE ((size_t)16)
/* No number is above ln 2^31. */
#define DENSE_LIMIT 22.0f

static const char hint_remove[] = "remove it: it is made again from the text";

struct sgeo_ctr_cache {
    char *path;
    const unsigned char *bytes; /* the file, mapped; NULL: not yet */
    size_t n_bytes;
    struct sgeo_ctr_footer footer;
    struct sgeo_ctr_layout layout;
    atomic_uchar *verified; /* (n_blocks) nonzero: checked since the cache was opened */
};

static enum sgeo_status refuse(const struct sgeo_ctr_cache *cache, const char *why)
{
    return sgeo_fail(SGEO_IO, hint_remove, "cache %s %s", cache->path, why);
}

static enum sgeo_status map_open(struct sgeo_ctr_cache *cache, int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return sgeo_fail_errno(errno, "examine", cache->path);
    }
    cache->n_bytes = (size_t)about.st_size;
    if (!S_ISREG(about.st_mode) ||
        cache->n_bytes < sizeof(struct sgeo_ctr_head) + sizeof(struct sgeo_ctr_footer)) {
        return refuse(cache, "is damaged: too short");
    }
    void *bytes = mmap(NULL, cache->n_bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        return sgeo_fail_errno(errno, "map", cache->path);
    }
    cache->bytes = bytes;
    return SGEO_OK;
}

static enum sgeo_status map(struct sgeo_ctr_cache *cache)
{
    int fd = sgeo_fd_open(cache->path, O_RDONLY);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "open", cache->path);
    }
    enum sgeo_status status = map_open(cache, fd);
    (void)close(fd); /* opened for reading: nothing can be lost; the mapping stays */
    return status;
}

/* Magic, version and checksum: then the footer can be believed. */
static enum sgeo_status check_frame(struct sgeo_ctr_cache *cache)
{
    static const struct sgeo_ctr_head expected = {
        SGEO_CTR_CACHE_MAGIC, SGEO_CTR_CACHE_VERSION, {0}};
    struct sgeo_ctr_head head;
    memcpy(&head, cache->bytes, sizeof head);
    memcpy(&cache->footer, cache->bytes + cache->n_bytes - sizeof cache->footer,
           sizeof cache->footer);
    if (memcmp(head.magic, expected.magic, sizeof head.magic) != 0) {
        return refuse(cache, "is none: wrong magic");
    }
    if (head.version != expected.version) {
        return refuse(cache, "is of another version");
    }
    if (memcmp(&head, &expected, sizeof head) != 0) {
        return refuse(cache, "is damaged: its head");
    }
    if (cache->footer.checksum != sgeo_ctr_footer_checksum(&cache->footer)) {
        return refuse(cache, "is damaged: its footer");
    }
    return SGEO_OK;
}

/* Whether it is the cache of this source. */
static enum sgeo_status check_source(struct sgeo_ctr_cache *cache,
                                     const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_fingerprint fingerprint;
    enum sgeo_status status = sgeo_ctr_source_fingerprint(&fingerprint, source);
    if (status != SGEO_OK) {
        return status;
    }
    const struct sgeo_ctr_footer *has = &cache->footer;
    struct sgeo_ctr_footer due = sgeo_ctr_footer_of(source, &fingerprint);
    if (memcmp(has->schema, due.schema, sizeof due.schema) != 0) {
        return refuse(cache, "holds another data set");
    }
    if (has->multi_hot != due.multi_hot) {
        return refuse(cache, "has fields with several categories a row, which are not read yet");
    }
    if (has->cap != due.cap) {
        return refuse(cache, "was made with another cap");
    }
    if (has->n_dense != due.n_dense || has->n_fields != due.n_fields ||
        memcmp(has->vocabulary, due.vocabulary, sizeof due.vocabulary) != 0) {
        return refuse(cache, "has other fields or vocabularies");
    }
    if (memcmp(has->source_bytes, due.source_bytes, sizeof due.source_bytes) != 0 ||
        memcmp(has->source_digest, due.source_digest, sizeof due.source_digest) != 0) {
        return refuse(cache, "was made from other files");
    }
    if (has->skipped > source->skip_bad) {
        return sgeo_fail(SGEO_IO, "remove it, or give --skip-bad",
                         "cache %s was made passing over %llu bad rows, more than allowed",
                         cache->path, (unsigned long long)has->skipped);
    }
    return SGEO_OK;
}

/* Sizes, and the parts outside the blocks. */
static enum sgeo_status check_parts(struct sgeo_ctr_cache *cache,
                                    const struct sgeo_ctr_schema *schema)
{
    const struct sgeo_ctr_footer *footer = &cache->footer;
    if (footer->rows == 0 || footer->rows > UINT32_MAX ||
        footer->block_rows != SGEO_CTR_BLOCK_ROWS) {
        return refuse(cache, "is damaged: its row count");
    }
    cache->layout = sgeo_ctr_layout_of(schema, footer->rows);
    if (cache->layout.size != cache->n_bytes) {
        return refuse(cache, "is damaged: its size");
    }
    const uint8_t *labels = cache->bytes + cache->layout.labels;
    uint64_t clicked = 0;
    bool in_range = true;
    for (uint64_t r = 0; r < footer->rows; r++) {
        clicked += labels[r];
        in_range = in_range && labels[r] <= 1;
    }
    if (!in_range || clicked != footer->clicked ||
        sgeo_checksum(0, labels, (size_t)(cache->layout.checksums - cache->layout.labels)) !=
            footer->labels_checksum) {
        return refuse(cache, "is damaged: its labels");
    }
    if (sgeo_checksum(0, cache->bytes + cache->layout.checksums,
                      cache->layout.n_blocks * sizeof(uint64_t)) != footer->checksums_checksum) {
        return refuse(cache, "is damaged: its checksums");
    }
    return SGEO_OK;
}

static enum sgeo_status open_mapped(struct sgeo_ctr_cache *cache,
                                    const struct sgeo_ctr_source *source)
{
    enum sgeo_status status = map(cache);
    if (status == SGEO_OK) {
        status = check_frame(cache);
    }
    if (status == SGEO_OK) {
        status = check_source(cache, source);
    }
    if (status == SGEO_OK) {
        status = check_parts(cache, source->schema);
    }
    if (status == SGEO_OK) {
        cache->verified = sgeo_calloc(cache->layout.n_blocks, sizeof *cache->verified);
        status = cache->verified != NULL ? SGEO_OK : sgeo_fail_memory(cache->path);
    }
    return status;
}

enum sgeo_status sgeo_ctr_cache_open(struct sgeo_ctr_cache **cache, const char *path,
                                     const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_cache *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory(path);
    }
    made->path = sgeo_strdup(path);
    enum sgeo_status status =
        made->path != NULL ? open_mapped(made, source) : sgeo_fail_memory(path);
    if (status != SGEO_OK) {
        sgeo_ctr_cache_close(made);
        return status;
    }
    *cache = made;
    return SGEO_OK;
}

void sgeo_ctr_cache_close(struct sgeo_ctr_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    if (cache->bytes != NULL) {
        (void)munmap((void *)cache->bytes, cache->n_bytes); /* fails for wrong addresses only */
    }
    sgeo_free(cache->path);
    sgeo_free((void *)cache->verified);
    sgeo_free(cache);
}

enum sgeo_status sgeo_ctr_cache_path(struct sgeo_text *path, const char *directory,
                                     const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_fingerprint fingerprint;
    enum sgeo_status status = sgeo_ctr_source_fingerprint(&fingerprint, source);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_text_append(path, "%s/%s-cap%lu-%.16s.ctr", directory, source->schema->name,
                     (unsigned long)source->cap, fingerprint.digest);
    return path->failed ? sgeo_fail_memory(directory) : SGEO_OK;
}

enum sgeo_status sgeo_ctr_cache_obtain(struct sgeo_ctr_cache **cache, const char *directory,
                                       const struct sgeo_ctr_source *source)
{
    struct sgeo_text path = {0};
    enum sgeo_status status = sgeo_ctr_cache_path(&path, directory, source);
    if (status == SGEO_OK && !sgeo_file_exists(path.bytes)) {
        status = sgeo_directory_create(directory);
        if (status == SGEO_OK) {
            status = sgeo_ctr_cache_build(path.bytes, source);
        }
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_cache_open(cache, path.bytes, source);
    }
    sgeo_text_clear(&path);
    return status;
}

size_t sgeo_ctr_cache_rows(const struct sgeo_ctr_cache *cache)
{
    return (size_t)cache->footer.rows;
}

size_t sgeo_ctr_cache_skipped(const struct sgeo_ctr_cache *cache)
{
    return (size_t)cache->footer.skipped;
}

const uint8_t *sgeo_ctr_cache_labels(const struct sgeo_ctr_cache *cache)
{
    return cache->bytes + cache->layout.labels;
}

const char *sgeo_ctr_cache_sha256(const struct sgeo_ctr_cache *cache, size_t file)
{
    return cache->footer.source_sha256[file];
}

/* --- rows --- */

/* n_dense floats, then n_fields int32. */
static const unsigned char *record_of(const struct sgeo_ctr_cache *cache, size_t row)
{
    return cache->bytes + sizeof(struct sgeo_ctr_head) + row * cache->layout.record_bytes;
}

/* What a sound reader would have written, whatever the checksum says: kernels check no index. */
static bool is_in_range(const struct sgeo_ctr_cache *cache, const unsigned char *record)
{
    const struct sgeo_ctr_footer *footer = &cache->footer;
    bool good = true;
    for (size_t d = 0; d < footer->n_dense; d++, record += sizeof(float)) {
        float dense;
        memcpy(&dense, record, sizeof dense);
        good = good && dense >= 0.0f && dense < DENSE_LIMIT; /* false for NaN */
    }
    for (size_t f = 0; f < footer->n_fields; f++, record += sizeof(uint32_t)) {
        uint32_t index;
        memcpy(&index, record, sizeof index);
        good = good && index < footer->vocabulary[f];
    }
    return good;
}

static enum sgeo_status verify(const struct sgeo_ctr_cache *cache, size_t block)
{
    size_t first = block * SGEO_CTR_BLOCK_ROWS, rest = (size_t)cache->footer.rows - first;
    size_t n = rest < SGEO_CTR_BLOCK_ROWS ? rest : SGEO_CTR_BLOCK_ROWS;
    uint64_t due;
    memcpy(&due, cache->bytes + cache->layout.checksums + block * sizeof due, sizeof due);
    bool good =
        sgeo_checksum(block, record_of(cache, first), n * cache->layout.record_bytes) == due;
    for (size_t r = 0; r < n && good; r++) {
        good = is_in_range(cache, record_of(cache, first + r));
    }
    if (!good) {
        return sgeo_fail(SGEO_IO, hint_remove, "cache %s is damaged: rows %zu to %zu", cache->path,
                         first, first + n - 1);
    }
    atomic_store_explicit(&cache->verified[block], 1, memory_order_relaxed);
    return SGEO_OK;
}

SGEO_INLINE bool is_verified(const struct sgeo_ctr_cache *cache, size_t row)
{
    return atomic_load_explicit(&cache->verified[row / SGEO_CTR_BLOCK_ROWS],
                                memory_order_relaxed) != 0;
}

/* Copy n (<= TILE) records to rows at..at+n-1 of a batch: indices by field, a line at a time. */
static void put_tile(struct sgeo_ctr_rows *rows, size_t at, const unsigned char *const *records,
                     size_t n, const struct sgeo_ctr_footer *footer)
{
    const size_t n_dense = (size_t)footer->n_dense, n_fields = (size_t)footer->n_fields;
    const size_t dense_bytes = n_dense * sizeof(float);
    for (size_t r = 0; r < n; r++) {
        memcpy(rows->dense + (at + r) * n_dense, records[r], dense_bytes);
    }
    for (size_t f = 0; f < n_fields; f++) {
        int32_t *index = rows->index + f * rows->pitch + at;
        for (size_t r = 0; r < n; r++) {
            memcpy(&index[r], records[r] + dense_bytes + f * sizeof *index, sizeof *index);
        }
    }
}

/* Row i of what is asked for: of the list, or from `first` on. */
SGEO_INLINE size_t row_at(const uint32_t *list, size_t first, size_t i)
{
    return list != NULL ? list[i] : first + i;
}

static enum sgeo_status copy(struct sgeo_ctr_rows *rows, const struct sgeo_ctr_cache *cache,
                             const uint32_t *list, size_t first, size_t n)
{
    const uint8_t *labels = sgeo_ctr_cache_labels(cache);
    const unsigned char *records[TILE];
    assert(n <= rows->pitch);
    rows->n = 0;
    for (size_t at = 0; at < n; at += TILE) {
        size_t tile = n - at < TILE ? n - at : TILE;
        for (size_t r = 0; r < tile; r++) {
            size_t row = row_at(list, first, at + r);
            assert(row < cache->footer.rows);
            if (!is_verified(cache, row)) {
                enum sgeo_status status = verify(cache, row / SGEO_CTR_BLOCK_ROWS);
                if (status != SGEO_OK) {
                    return status;
                }
            }
            rows->label[at + r] = labels[row];
            records[r] = record_of(cache, row);
        }
        for (size_t r = 0; r < TILE && list != NULL && at + tile + r < n; r++) {
            const unsigned char *next = record_of(cache, list[at + tile + r]);
            SGEO_PREFETCH_READ(next);
            SGEO_PREFETCH_READ(next + SGEO_ALIGNMENT);
            SGEO_PREFETCH_READ(next + 2 * SGEO_ALIGNMENT);
        }
        put_tile(rows, at, records, tile, &cache->footer);
    }
    rows->n = n;
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_cache_read(struct sgeo_ctr_rows *rows, const struct sgeo_ctr_cache *cache,
                                     size_t first, size_t n)
{
    return copy(rows, cache, NULL, first, n);
}

enum sgeo_status sgeo_ctr_cache_gather(struct sgeo_ctr_rows *rows,
                                       const struct sgeo_ctr_cache *cache, const uint32_t *list,
                                       size_t n)
{
    return copy(rows, cache, list, 0, n);
}
