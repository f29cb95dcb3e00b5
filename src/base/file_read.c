/* Reading a file whole; gzip is unpacked on the way, so only the unpacked bytes are ever held. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/posix.h"

#define CHUNK_BYTES  ((size_t)1 << 16)
#define GZIP_WINDOW  (15 + 16) /* zlib: the largest window, gzip framing only */
#define DAMAGED_HINT "fetch the file again"

/* The file being read, one chunk at a time. */
struct source {
    const char *path;
    int fd;
    unsigned char chunk[CHUNK_BYTES];
    size_t n; /* bytes in the chunk; 0 at the end of the file */
};

/* What was read so far; capacity does not count the byte kept for the final NUL. */
struct block {
    unsigned char *bytes;
    size_t n;
    size_t capacity;
    size_t limit;
};

static enum sgeo_status fill(struct source *source)
{
    ssize_t n = sgeo_fd_read(source->fd, source->chunk, sizeof source->chunk);
    if (n < 0) {
        return sgeo_fail_errno(errno, "read", source->path);
    }
    source->n = (size_t)n;
    return SGEO_OK;
}

/* Make room for `extra` more bytes. */
static enum sgeo_status reserve(struct block *block, size_t extra, const char *path)
{
    if (extra > block->limit - block->n) {
        return sgeo_fail(SGEO_IO, "check that it is the right file",
                         "%s holds more than the %zu bytes that fit its purpose", path,
                         block->limit);
    }
    size_t needed = block->n + extra;
    if (block->bytes != NULL && needed <= block->capacity) {
        return SGEO_OK;
    }
    size_t twice = block->capacity <= block->limit / 2 ? 2 * block->capacity : block->limit;
    size_t capacity = needed > twice ? needed : twice;
    unsigned char *grown = sgeo_grow(block->bytes, block->n, capacity + 1, 1);
    if (grown == NULL) {
        return sgeo_fail_memory(path);
    }
    block->bytes = grown;
    block->capacity = capacity;
    return SGEO_OK;
}

static enum sgeo_status append(struct block *block, const unsigned char *bytes, size_t n,
                               const char *path)
{
    enum sgeo_status status = reserve(block, n, path);
    if (status == SGEO_OK && n > 0) {
        memcpy(block->bytes + block->n, bytes, n);
        block->n += n;
    }
    return status;
}

/* Bytes of a regular file, so that its block need not grow; 0 where only reading tells. */
static size_t expected_bytes(const struct source *source)
{
    struct stat info;
    return fstat(source->fd, &info) == 0 && S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
}

static enum sgeo_status read_plain(struct source *source, struct block *block)
{
    enum sgeo_status status = reserve(block, expected_bytes(source), source->path);
    while (status == SGEO_OK && source->n > 0) {
        status = append(block, source->chunk, source->n, source->path);
        if (status == SGEO_OK) {
            status = fill(source);
        }
    }
    return status;
}

static enum sgeo_status fail_gzip(int code, const z_stream *stream, const char *path)
{
    if (code == Z_MEM_ERROR) {
        return sgeo_fail_memory(path);
    }
    return sgeo_fail(SGEO_IO, DAMAGED_HINT, "%s is damaged: %s", path,
                     stream->msg != NULL ? stream->msg : "not a gzip stream");
}

/* Unpack what is left of the chunk; *between tells whether a member has just ended. */
static enum sgeo_status inflate_chunk(z_stream *stream, struct source *source, struct block *block,
                                      bool *between)
{
    unsigned char unpacked[CHUNK_BYTES];
    stream->next_in = source->chunk;
    stream->avail_in = (uInt)source->n;
    do {
        stream->next_out = unpacked;
        stream->avail_out = (uInt)sizeof unpacked;
        int code = inflate(stream, Z_NO_FLUSH);
        *between = code == Z_STREAM_END;
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
            return fail_gzip(code, stream, source->path);
        }
        size_t n = sizeof unpacked - stream->avail_out;
        enum sgeo_status status = append(block, unpacked, n, source->path);
        if (status != SGEO_OK) {
            return status;
        }
        if (*between) {
            (void)inflateReset(stream); /* gzip files may be joined: another member may follow */
        }
        /* A full output buffer may hide more output even when all input is taken. */
    } while (stream->avail_in > 0 || (stream->avail_out == 0 && !*between));
    return SGEO_OK;
}

static enum sgeo_status read_gzip(struct source *source, struct block *block)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) {
        return sgeo_fail_memory(source->path);
    }
    bool between = false;
    enum sgeo_status status = SGEO_OK;
    while (status == SGEO_OK && source->n > 0) {
        status = inflate_chunk(&stream, source, block, &between);
        if (status == SGEO_OK) {
            status = fill(source);
        }
    }
    (void)inflateEnd(&stream);
    if (status == SGEO_OK && !between) {
        status = sgeo_fail(SGEO_IO, DAMAGED_HINT, "%s is damaged: its gzip stream ends early",
                           source->path);
    }
    /* A gzip file of nothing still owes its caller a block. */
    return status == SGEO_OK ? reserve(block, 0, source->path) : status;
}

static enum sgeo_status read_open(struct source *source, struct block *block)
{
    enum sgeo_status status = fill(source);
    if (status != SGEO_OK) {
        return status;
    }
    bool gzip = source->n >= 2 && source->chunk[0] == 0x1f && source->chunk[1] == 0x8b;
    return gzip ? read_gzip(source, block) : read_plain(source, block);
}

enum sgeo_status sgeo_file_read(const char *path, size_t limit, unsigned char **bytes,
                                size_t *n_bytes)
{
    struct source source = {.path = path, .fd = sgeo_fd_open(path, O_RDONLY)};
    if (source.fd < 0) {
        return sgeo_fail_errno(errno, "open", path);
    }
    struct block block = {.limit = limit < PTRDIFF_MAX ? limit : PTRDIFF_MAX};
    enum sgeo_status status = read_open(&source, &block);
    (void)close(source.fd); /* opened for reading: nothing can be lost */
    if (status != SGEO_OK) {
        sgeo_free(block.bytes);
        return status;
    }
    block.bytes[block.n] = '\0';
    *bytes = block.bytes;
    *n_bytes = block.n;
    return SGEO_OK;
}
