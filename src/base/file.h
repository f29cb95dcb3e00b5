/*
 * Files: read whole (plain or gzip), publish atomically. Every failure is SGEO_IO with path and
 * reason.
 */
#ifndef SGEO_BASE_FILE_H
#define SGEO_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

/*
 * Read a file whole; gzip is recognised by its magic and unpacked. *bytes gets a block with a NUL
 * behind the last byte (free with sgeo_free), *n_bytes its length without the NUL. Files over
 * `limit` bytes (unpacked) are refused.
 */
enum sgeo_status sgeo_file_read(const char *path, size_t limit, unsigned char **bytes,
                                size_t *n_bytes);

/*
 * Publish a file atomically: write PATH.tmp, fsync, rename over PATH, fsync the directory. On
 * failure the old PATH is intact and the temporary file is removed.
 */
enum sgeo_status sgeo_file_publish(const char *path, const void *bytes, size_t n_bytes);

/* Append the next piece of a file to an empty text; false with the last one. */
typedef bool (*sgeo_file_piece)(struct sgeo_text *piece, void *context);

/*
 * The same of a file too large to hold: pieces are asked for and written one after the other. When
 * *failure, which may be NULL, is not SGEO_OK behind a piece, the file is given up and that is
 * returned.
 */
enum sgeo_status sgeo_file_publish_pieces(const char *path, sgeo_file_piece next, void *context,
                                          const enum sgeo_status *failure);

/* Create a directory and its parents; fine when it exists. Fails when it cannot be written to. */
enum sgeo_status sgeo_directory_create(const char *path);

bool sgeo_file_exists(const char *path);

/* Remove a file; fine when there is none. */
enum sgeo_status sgeo_file_remove(const char *path);

#endif
