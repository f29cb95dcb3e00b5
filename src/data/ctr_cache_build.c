/* Writing a cache: a block of rows after the other, then what was learnt of them. */
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/ctr_cache.h"
#include "data/ctr_cache_parts.h"
#include "data/ctr_reader.h"

struct sgeo_ctr_layout sgeo_ctr_layout_of(const struct sgeo_ctr_schema *schema, uint64_t rows)
{
    struct sgeo_ctr_layout layout = {
        .record_bytes = (schema->n_dense + schema->n_fields) * sizeof(float),
        .n_blocks = (size_t)((rows + SGEO_CTR_BLOCK_ROWS - 1) / SGEO_CTR_BLOCK_ROWS)};
    layout.labels = sizeof(struct sgeo_ctr_head) + rows * layout.record_bytes;
    layout.checksums = (layout.labels + rows + 7) / 8 * 8;
    layout.footer = layout.checksums + layout.n_blocks * sizeof(uint64_t);
    layout.size = layout.footer + sizeof(struct sgeo_ctr_footer);
    return layout;
}

struct sgeo_ctr_footer sgeo_ctr_footer_of(const struct sgeo_ctr_source *source,
                                          const struct sgeo_ctr_fingerprint *fingerprint)
{
    const struct sgeo_ctr_schema *schema = source->schema;
    struct sgeo_ctr_footer footer;
    memset(&footer, 0, sizeof footer);
    strncpy(footer.schema, schema->name, sizeof footer.schema - 1);
    footer.n_dense = schema->n_dense;
    footer.n_fields = schema->n_fields;
    footer.multi_hot = schema->multi_hot;
    footer.cap = source->cap;
    footer.block_rows = SGEO_CTR_BLOCK_ROWS;
    for (size_t f = 0; f < schema->n_fields; f++) {
        footer.vocabulary[f] = sgeo_ctr_vocabulary(schema, f, source->cap);
    }
    memcpy(footer.source_bytes, fingerprint->bytes, sizeof footer.source_bytes);
    memcpy(footer.source_digest, fingerprint->digest, SGEO_SHA256_HEX);
    return footer;
}

uint64_t sgeo_ctr_footer_checksum(const struct sgeo_ctr_footer *footer)
{
    return sgeo_checksum(SGEO_CTR_CACHE_VERSION, footer,
                         offsetof(struct sgeo_ctr_footer, checksum));
}

/* A growing array of fixed-size elements. */
struct list {
    unsigned char *at;
    size_t n, capacity, size;
};

static bool append(struct list *list, const void *elements, size_t n)
{
    if (list->n + n > list->capacity) {
        size_t capacity = 2 * list->capacity + n;
        unsigned char *grown = sgeo_grow(list->at, list->capacity, capacity, list->size);
        if (grown == NULL) {
            return false;
        }
        list->at = grown;
        list->capacity = capacity;
    }
    memcpy(list->at + list->n * list->size, elements, n * list->size);
    list->n += n;
    return true;
}

enum stage { HEAD, RECORDS, TAIL };

struct build {
    enum stage stage;
    struct sgeo_ctr_reader *reader;
    struct sgeo_ctr_rows rows; /* a block */
    unsigned char *records;    /* (block rows, record bytes) the same by row */
    uint8_t block_labels[SGEO_CTR_BLOCK_ROWS];
    size_t record_bytes;
    struct list labels, checksums;
    struct sgeo_ctr_footer footer;
    enum sgeo_status status;
};

/* The block's rows as records. */
static void lay_records(const struct build *build)
{
    const struct sgeo_ctr_rows *rows = &build->rows;
    const size_t n_dense = (size_t)build->footer.n_dense;
    const size_t n_fields = (size_t)build->footer.n_fields;
    for (size_t r = 0; r < rows->n; r++) {
        unsigned char *record = build->records + r * build->record_bytes;
        memcpy(record, rows->dense + r * n_dense, n_dense * sizeof(float));
        for (size_t f = 0; f < n_fields; f++) {
            memcpy(record + (n_dense + f) * sizeof(float), &rows->index[f * rows->pitch + r],
                   sizeof(int32_t));
        }
    }
}

static enum sgeo_status put_block(struct sgeo_text *piece, struct build *build)
{
    enum sgeo_status status = sgeo_ctr_reader_next(build->reader, &build->rows);
    if (status != SGEO_OK || build->rows.n == 0) {
        build->stage = TAIL;
        return status;
    }
    size_t n_bytes = build->rows.n * build->record_bytes;
    lay_records(build);
    uint64_t checksum = sgeo_checksum(build->checksums.n, build->records, n_bytes);
    sgeo_text_append_bytes(piece, build->records, n_bytes);
    for (size_t r = 0; r < build->rows.n; r++) {
        build->block_labels[r] = (uint8_t)build->rows.label[r];
        build->footer.clicked += build->rows.label[r];
    }
    if (!append(&build->labels, build->block_labels, build->rows.n) ||
        !append(&build->checksums, &checksum, 1)) {
        return sgeo_fail_memory("the labels of a cache");
    }
    return SGEO_OK;
}

static enum sgeo_status put_tail(struct sgeo_text *piece, struct build *build,
                                 const struct sgeo_ctr_schema *schema)
{
    static const unsigned char zeros[8];
    struct sgeo_ctr_footer *footer = &build->footer;
    footer->rows = build->labels.n;
    footer->skipped = sgeo_ctr_reader_skipped(build->reader);
    if (footer->rows > UINT32_MAX) {
        return sgeo_fail(SGEO_IO, "split the file", "%zu rows are more than a cache can number",
                         build->labels.n);
    }
    struct sgeo_ctr_layout layout = sgeo_ctr_layout_of(schema, footer->rows);
    if (!append(&build->labels, zeros,
                (size_t)(layout.checksums - layout.labels) - build->labels.n)) {
        return sgeo_fail_memory("the labels of a cache");
    }
    footer->labels_checksum = sgeo_checksum(0, build->labels.at, build->labels.n);
    footer->checksums_checksum =
        sgeo_checksum(0, build->checksums.at, build->checksums.n * sizeof(uint64_t));
    footer->checksum = sgeo_ctr_footer_checksum(footer);
    sgeo_text_append_bytes(piece, build->labels.at, build->labels.n);
    sgeo_text_append_bytes(piece, build->checksums.at, build->checksums.n * sizeof(uint64_t));
    sgeo_text_append_bytes(piece, footer, sizeof *footer);
    return SGEO_OK;
}

static bool next_piece(struct sgeo_text *piece, void *context)
{
    struct build *build = context;
    struct sgeo_ctr_head head = {SGEO_CTR_CACHE_MAGIC, SGEO_CTR_CACHE_VERSION, {0}};
    switch (build->stage) {
    case HEAD:
        sgeo_text_append_bytes(piece, &head, sizeof head);
        build->stage = RECORDS;
        break;
    case RECORDS:
        build->status = put_block(piece, build);
        break;
    case TAIL:
        build->status = put_tail(piece, build, sgeo_ctr_schema_find(build->footer.schema));
        return false;
    }
    return build->status == SGEO_OK;
}

static enum sgeo_status sign_files(struct sgeo_ctr_footer *footer,
                                   const struct sgeo_ctr_source *source)
{
    enum sgeo_status status = sgeo_sha256_file(footer->source_sha256[0], source->path);
    if (status == SGEO_OK && source->profiles != NULL) {
        status = sgeo_sha256_file(footer->source_sha256[1], source->profiles);
    }
    return status;
}

static enum sgeo_status prepare(struct build *build, const struct sgeo_ctr_source *source)
{
    struct sgeo_ctr_fingerprint fingerprint;
    enum sgeo_status status = sgeo_ctr_source_fingerprint(&fingerprint, source);
    if (status == SGEO_OK) {
        build->footer = sgeo_ctr_footer_of(source, &fingerprint);
        build->record_bytes = sgeo_ctr_layout_of(source->schema, 0).record_bytes;
        build->records = sgeo_calloc(SGEO_CTR_BLOCK_ROWS, build->record_bytes);
        status = build->records != NULL ? SGEO_OK : sgeo_fail_memory("a block of rows");
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_rows_create(&build->rows, source->schema, SGEO_CTR_BLOCK_ROWS);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_reader_open(&build->reader, source);
    }
    return status == SGEO_OK ? sign_files(&build->footer, source) : status;
}

enum sgeo_status sgeo_ctr_cache_build(const char *path, const struct sgeo_ctr_source *source)
{
    struct build build = {.stage = HEAD, .status = SGEO_OK};
    build.labels.size = 1;
    build.checksums.size = sizeof(uint64_t);
    enum sgeo_status status = prepare(&build, source);
    if (status == SGEO_OK) {
        status = sgeo_file_publish_pieces(path, next_piece, &build, &build.status);
    }
    if (status == SGEO_OK) {
        sgeo_log(SGEO_LOG_INFO, "%s: %llu rows in %s, %llu bad ones passed over", source->path,
                 (unsigned long long)build.footer.rows, path,
                 (unsigned long long)build.footer.skipped);
    }
    sgeo_ctr_reader_close(build.reader);
    sgeo_ctr_rows_destroy(&build.rows);
    sgeo_free(build.records);
    sgeo_free(build.labels.at);
    sgeo_free(build.checksums.at);
    return status;
}
