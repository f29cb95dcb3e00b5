/*
 * Click-through rows from the raw files as they are distributed: one strict streaming reader for
 * Criteo (criteo.c), Avazu (avazu.c) and KDD Cup 2012 track 2 (kdd12.c). Memory does not grow with
 * the file, but for a byte a user of KDD12.
 *
 * Strict: lines end with LF alone, every row has all its fields, every cell is what its column
 * says; an empty file is an error. Up to skip_bad bad rows are passed over and counted instead.
 */
#ifndef SGEO_DATA_CTR_READER_H
#define SGEO_DATA_CTR_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/ctr_rows.h"
#include "data/ctr_source.h"

struct sgeo_ctr_reader;

/*
 * Open the files of a source, which must outlive the reader; kdd12's user profiles are read now.
 * SGEO_USAGE for a cap of 1; SGEO_IO for missing or damaged files, or no memory.
 */
enum sgeo_status sgeo_ctr_reader_open(struct sgeo_ctr_reader **reader,
                                      const struct sgeo_ctr_source *source);
void sgeo_ctr_reader_close(struct sgeo_ctr_reader *reader); /* NULL is fine */

/*
 * Fill rows with the next rows->pitch rows of the file, fewer at its end; rows->n is 0 behind the
 * last. SGEO_IO with file, line, column and cell at a bad row when skip_bad are passed over
 * already, and at the end of a file without any good row; rows->n is then 0.
 */
enum sgeo_status sgeo_ctr_reader_next(struct sgeo_ctr_reader *reader, struct sgeo_ctr_rows *rows);

/* Bad rows that were passed over so far. */
uint64_t sgeo_ctr_reader_skipped(const struct sgeo_ctr_reader *reader);

#endif
