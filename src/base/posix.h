/*
 * System calls with interrupted calls repeated and failures worded alike: what file, journal and
 * hash share.
 */
#ifndef SGEO_BASE_POSIX_H
#define SGEO_BASE_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

#define SGEO_REASON_BYTES 128

/* The system's words for an errno value. */
void sgeo_reason(char reason[SGEO_REASON_BYTES], int error);

/* SGEO_IO "cannot VERB PATH: REASON" for an errno value, with a hint that fits the reason. */
enum sgeo_status sgeo_fail_errno(int error, const char *verb, const char *path);

/* open(2), closed on exec, new files with mode 0666 and the umask; -1 and errno on failure. */
int sgeo_fd_open(const char *path, int flags);

/* read(2): up to n_bytes into `bytes`; 0 at the end, -1 and errno on failure. */
ssize_t sgeo_fd_read(int fd, void *bytes, size_t n_bytes);

/* pread(2): up to n_bytes from `offset` on; 0 at the end, -1 and errno on failure. */
ssize_t sgeo_fd_read_at(int fd, void *bytes, size_t n_bytes, off_t offset);

/* Write all n_bytes at `offset`; false and errno on failure, a part may then be written. */
bool sgeo_fd_write_at(int fd, const void *bytes, size_t n_bytes, off_t offset);

/* fsync the directory that holds `path`, which makes its new name durable. SGEO_IO on failure. */
enum sgeo_status sgeo_parent_sync(const char *path);

#endif
