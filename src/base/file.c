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

enum sgeo_status sgeo_file_remove(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT ? SGEO_OK : sgeo_fail_errno(errno, "remove", path);
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* What a file is to hold: bytes, or pieces where `next` is not NULL. */
struct contents {
    const void *bytes;
    size_t n_bytes;
    sgeo_file_piece next;
    void *context;
    const enum sgeo_status *failure; /* of next; may be NULL */
};

static bool has_failed(const struct contents *contents)
{
    return contents->failure != NULL && *contents->failure != SGEO_OK;
}

static bool write_pieces(int fd, const struct contents *contents)
{
    struct sgeo_text piece = {0};
    bool more = true, written = true;
    off_t offset = 0;
    while (more && written) {
        piece.length = 0;
        more = contents->next(&piece, contents->context);
        if (has_failed(contents) || piece.length == 0) {
            continue;
        }
        written = !piece.failed && sgeo_fd_write_at(fd, piece.bytes, piece.length, offset);
        errno = piece.failed ? ENOMEM : errno;
        offset += (off_t)piece.length;
    }
    int why = errno;
    sgeo_text_clear(&piece);
    errno = why;
    return written;
}

static bool write_contents(int fd, const struct contents *contents)
{
    return contents->next == NULL ? sgeo_fd_write_at(fd, contents->bytes, contents->n_bytes, 0)
                                  : write_pieces(fd, contents);
}

/* Write and fsync the temporary file of `path`. */
static enum sgeo_status write_temporary(const char *temporary, const char *path,
                                        const struct contents *contents)
{
    int fd = sgeo_fd_open(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "create", temporary);
    }
    bool written = write_contents(fd, contents) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && written) {
        written = false;
        why = errno;
    }
    if (has_failed(contents)) {
        return *contents->failure;
    }
    return written ? SGEO_OK : sgeo_fail_errno(why, "write", path);
}

static enum sgeo_status publish_through(const char *temporary, const char *path,
                                        const struct contents *contents)
{
    enum sgeo_status status = write_temporary(temporary, path, contents);
    if (status == SGEO_OK && rename(temporary, path) != 0) {
        status = sgeo_fail_errno(errno, "replace", path);
    }
    if (status != SGEO_OK) {
        (void)unlink(temporary); /* the failure above is the one to report */
        return status;
    }
    return sgeo_parent_sync(path);
}

static enum sgeo_status publish(const char *path, const struct contents *contents)
{
    struct stat about;
    /* rename would silently replace a device such as /dev/stdout by a file. */
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        return sgeo_fail(SGEO_IO, "name a file", "cannot write %s: not a regular file", path);
    }
    struct sgeo_text temporary = {0};
    sgeo_text_append(&temporary, "%s.tmp", path);
    enum sgeo_status status = temporary.failed ? sgeo_fail_memory(path)
                                               : publish_through(temporary.bytes, path, contents);
    sgeo_text_clear(&temporary);
    return status;
}

enum sgeo_status sgeo_file_publish(const char *path, const void *bytes, size_t n_bytes)
{
    return publish(path, &(struct contents){.bytes = bytes, .n_bytes = n_bytes});
}

enum sgeo_status sgeo_file_publish_pieces(const char *path, sgeo_file_piece next, void *context,
                                          const enum sgeo_status *failure)
{
    return publish(path, &(struct contents){.next = next, .context = context, .failure = failure});
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
