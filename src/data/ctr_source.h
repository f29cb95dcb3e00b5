/* What click-through rows are read from: which files, and how they are told apart. */
#ifndef SGEO_DATA_CTR_SOURCE_H
#define SGEO_DATA_CTR_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"
#include "data/ctr_fields.h"

#define SGEO_CTR_FILES ((size_t)2)

/* Borrows its paths. */
struct sgeo_ctr_source {
    const struct sgeo_ctr_schema *schema;
    const char *path;     /* train.txt, train.csv, training.txt */
    const char *profiles; /* kdd12's userid_profile.txt; NULL for the others */
    uint32_t cap;         /* most indices a field may have; 0: its whole vocabulary */
    uint64_t skip_bad;    /* rows that may be bad */
};

/* Files of a data folder that hold a set, e.g. "kdd12/training.txt"; files[1] may be NULL. */
void sgeo_ctr_source_files(const char *files[SGEO_CTR_FILES], const struct sgeo_ctr_schema *schema);

/* Size and content of a source's files without reading them whole. */
struct sgeo_ctr_fingerprint {
    uint64_t bytes[SGEO_CTR_FILES]; /* 0 where there is no file */
    char digest[SGEO_SHA256_HEX];   /* SHA-256 over the sizes and 64 pieces of 64 KiB of each file,
                                       evenly spread: all of a file of up to 4 MiB */
};

/* SGEO_IO when a file cannot be read. */
enum sgeo_status sgeo_ctr_source_fingerprint(struct sgeo_ctr_fingerprint *fingerprint,
                                             const struct sgeo_ctr_source *source);

/* Lines of a file, roughly, from its size and the lines of its first 64 KiB; 0 without a whole one
 * in them. SGEO_IO when it cannot be read. */
enum sgeo_status sgeo_ctr_source_lines(uint64_t *lines, const char *path);

#endif
