#include "base/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static const char *hint_for(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "free some disk space, or choose another directory with --out";
    case EACCES:
    case EPERM:
    case EROFS:
        return "check the permissions of the file and of its directory";
    default:
        return "check the path";
    }
}

void sgeo_reason(char reason[SGEO_REASON_BYTES], int error)
{
    if (strerror_r(error, reason, SGEO_REASON_BYTES) != 0) {
        (void)snprintf(reason, SGEO_REASON_BYTES, "error %d", error);
    }
}

enum sgeo_status sgeo_fail_errno(int error, const char *verb, const char *path)
{
    char reason[SGEO_REASON_BYTES];
    sgeo_reason(reason, error);
    return sgeo_fail(SGEO_IO, hint_for(error), "cannot %s %s: %s", verb, path, reason);
}

int sgeo_fd_open(const char *path, int flags)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, (mode_t)0666);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

ssize_t sgeo_fd_read(int fd, void *bytes, size_t n_bytes)
{
    ssize_t n;
    do {
        n = read(fd, bytes, n_bytes);
    } while (n < 0 && errno == EINTR);
    return n;
}

ssize_t sgeo_fd_read_at(int fd, void *bytes, size_t n_bytes, off_t offset)
{
    ssize_t n;
    do {
        n = pread(fd, bytes, n_bytes, offset);
    } while (n < 0 && errno == EINTR);
    return n;
}

bool sgeo_fd_write_at(int fd, const void *bytes, size_t n_bytes, off_t offset)
{
    const unsigned char *rest = bytes;
    while (n_bytes > 0) {
        ssize_t n = pwrite(fd, rest, n_bytes, offset);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        rest += n;
        offset += n;
        n_bytes -= (size_t)n;
    }
    return true;
}

/* The directory part of a path, for the caller to free; NULL without memory. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return sgeo_strdup(".");
    }
    char *parent = sgeo_strdup(path);
    if (parent != NULL) {
        size_t length = (size_t)(slash - path);
        parent[length > 0 ? length : 1] = '\0'; /* "/name" lies in "/" */
    }
    return parent;
}

enum sgeo_status sgeo_parent_sync(const char *path)
{
    char *parent = parent_of(path);
    if (parent == NULL) {
        return sgeo_fail_memory(path);
    }
    enum sgeo_status status = SGEO_OK;
    int fd = sgeo_fd_open(parent, O_RDONLY | O_DIRECTORY);
    /* EINVAL: a file system that cannot sync directories, which is all that can be done there. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)) {
        status = sgeo_fail_errno(errno, "sync the directory", parent);
    }
    if (fd >= 0) {
        (void)close(fd); /* opened for reading: nothing can be lost */
    }
    sgeo_free(parent);
    return status;
}
