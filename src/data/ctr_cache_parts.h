/*
 * The file of a cache, little-endian as every machine this runs on:
 *   head       magic, version, zeros up to 64 bytes
 *   records    (rows): n_dense floats, n_fields int32
 *   labels     (rows) bytes, zeros up to a multiple of 8
 *   checksums  one of 64 bits for each block of SGEO_CTR_BLOCK_ROWS records, seeded with its number
 *   footer     everything else, and a checksum of itself
 * Fields with several categories a row (multi_hot) would have offsets behind their records (CSR);
 * there are none yet, and a cache that says otherwise is refused.
 */
#ifndef SGEO_DATA_CTR_CACHE_PARTS_H
#define SGEO_DATA_CTR_CACHE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/ctr_cache.h"

#define SGEO_CTR_CACHE_MAGIC   "SGEOCTRC"
#define SGEO_CTR_CACHE_VERSION UINT64_C(1)
#define SGEO_CTR_BLOCK_ROWS    ((size_t)4096)

struct sgeo_ctr_head {
    char magic[8];
    uint64_t version;
    unsigned char zeros[48];
};

struct sgeo_ctr_footer {
    char schema[16];
    uint64_t n_dense, n_fields, multi_hot, cap;
    uint64_t vocabulary[SGEO_CTR_FIELDS_MAX]; /* after the cap */
    uint64_t rows, clicked, skipped, block_rows;
    uint64_t labels_checksum, checksums_checksum; /* seeded with 0; the labels' with their zeros */
    uint64_t source_bytes[SGEO_CTR_FILES];
    char source_sha256[SGEO_CTR_FILES][SGEO_SHA256_HEX + 7]; /* NUL-padded */
    char source_digest[SGEO_SHA256_HEX + 7];                 /* of the fingerprint */
    uint64_t checksum;                                       /* of all before it */
};

/* Where the parts of a file of so many rows lie, in bytes from its start. */
struct sgeo_ctr_layout {
    size_t record_bytes;
    size_t n_blocks;
    uint64_t labels, checksums, footer, size;
};
struct sgeo_ctr_layout sgeo_ctr_layout_of(const struct sgeo_ctr_schema *schema, uint64_t rows);

/* The footer that the cache of a source has, but for what comes from reading it whole. */
struct sgeo_ctr_footer sgeo_ctr_footer_of(const struct sgeo_ctr_source *source,
                                          const struct sgeo_ctr_fingerprint *fingerprint);

uint64_t sgeo_ctr_footer_checksum(const struct sgeo_ctr_footer *footer);

#endif
