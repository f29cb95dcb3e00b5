#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/posix.h"
#include "base/text.h"

bool sgeo_file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Write and fsync the temporary file of `path`. */
static enum sgeo_status write_temporary(const char *temporary, const char *path, const void *bytes,
                                        size_t n_bytes)
{
    int fd = sgeo_fd_open(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "create", temporary);
    }
    bool written = sgeo_fd_write_at(fd, bytes, n_bytes, 0) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && written) {
        written = false;
        why = errno;
    }
    return written ? SGEO_OK : sgeo_fail_errno(why, "write", path);
}

static enum sgeo_status publish_through(const char *temporary, const char *path, const void *bytes,
                                        size_t n_bytes)
{
    enum sgeo_status status = write_temporary(temporary, path, bytes, n_bytes);
    if (status == SGEO_OK && rename(temporary, path) != 0) {
        status = sgeo_fail_errno(errno, "replace", path);
    }
    if (status != SGEO_OK) {
        (void)unlink(temporary); /* the failure above is the one to report */
        return status;
    }
    return sgeo_parent_sync(path);
}

enum sgeo_status sgeo_file_publish(const char *path, const void *bytes, size_t n_bytes)
{
    struct stat about;
    /* rename would silently replace a device such as /dev/stdout by a file. */
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        return sgeo_fail(SGEO_IO, "name a file", "cannot write %s: not a regular file", path);
    }
    struct sgeo_text temporary = {0};
    sgeo_text_append(&temporary, "%s.tmp", path);
    enum sgeo_status status = temporary.failed
                                  ? sgeo_fail_memory(path)
                                  : publish_through(temporary.bytes, path, bytes, n_bytes);
    sgeo_text_clear(&temporary);
    return status;
}

/* One level; an existing directory is fine, whatever mkdir says of it. */
static enum sgeo_status make_level(const char *path)
{
    if (mkdir(path, 0777) == 0) {
        return SGEO_OK;
    }
    int why = errno;
    if (is_directory(path)) {
        return SGEO_OK;
    }
    return sgeo_fail_errno(why == EEXIST ? ENOTDIR : why, "create the directory", path);
}

/* Create every level of `path`, which is cut and restored at its slashes. */
static enum sgeo_status make_levels(char *path)
{
    for (char *end = path + 1; path[0] != '\0' && *end != '\0'; end++) {
        if (*end != '/') {
            continue;
        }
        *end = '\0';
        enum sgeo_status status = make_level(path);
        *end = '/';
        if (status != SGEO_OK) {
            return status;
        }
    }
    return make_level(path);
}

enum sgeo_status sgeo_directory_create(const char *path)
{
    char *levels = sgeo_strdup(path);
    if (levels == NULL) {
        return sgeo_fail_memory(path);
    }
    enum sgeo_status status = make_levels(levels);
    sgeo_free(levels);
    if (status == SGEO_OK && access(path, W_OK | X_OK) != 0) {
        status = sgeo_fail_errno(errno, "write to the directory", path);
    }
    return status;
}
