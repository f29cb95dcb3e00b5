#include "data/ctr_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/posix.h"
#include "base/text.h"

enum { PIECES = 64, PIECE_BYTES = 1 << 16 };

void sgeo_ctr_source_files(const char *files[SGEO_CTR_FILES], const struct sgeo_ctr_schema *schema)
{
    files[0] = schema == &sgeo_ctr_criteo  ? "criteo/train.txt"
               : schema == &sgeo_ctr_avazu ? "avazu/train.csv"
                                           : "kdd12/training.txt";
    files[1] = schema == &sgeo_ctr_kdd12 ? "kdd12/userid_profile.txt" : NULL;
}

/* A piece whole, but for the file's end. */
static enum sgeo_status read_piece(unsigned char *bytes, size_t *n, int fd, uint64_t offset,
                                   const char *path)
{
    ssize_t got = 1;
    for (*n = 0; *n < PIECE_BYTES && got > 0; *n += (size_t)(got > 0 ? got : 0)) {
        got = sgeo_fd_read_at(fd, bytes + *n, PIECE_BYTES - *n, (off_t)(offset + *n));
    }
    return got < 0 ? sgeo_fail_errno(errno, "read", path) : SGEO_OK;
}

/* Append the file's size and the digests of its pieces. */
static enum sgeo_status describe(struct sgeo_text *text, uint64_t *size, int fd, const char *path)
{
    struct stat about;
    unsigned char *bytes = sgeo_calloc(PIECE_BYTES, 1);
    if (bytes == NULL) {
        return sgeo_fail_memory(path);
    }
    enum sgeo_status status =
        fstat(fd, &about) == 0 ? SGEO_OK : sgeo_fail_errno(errno, "examine", path);
    *size = status == SGEO_OK ? (uint64_t)about.st_size : 0;
    sgeo_text_append(text, "%llu\n", (unsigned long long)*size);
    /* One after the other in a small file; in a large one the last piece ends with the file. */
    uint64_t stride = *size / PIECES > PIECE_BYTES ? *size / PIECES : PIECE_BYTES;
    for (uint64_t p = 0; p < PIECES && p * stride < *size && status == SGEO_OK; p++) {
        char hex[SGEO_SHA256_HEX];
        size_t n;
        bool last = p == PIECES - 1 && stride > PIECE_BYTES;
        status = read_piece(bytes, &n, fd, last ? *size - PIECE_BYTES : p * stride, path);
        if (status == SGEO_OK) {
            sgeo_sha256(hex, bytes, n);
            sgeo_text_append(text, "%s\n", hex);
        }
    }
    sgeo_free(bytes);
    return status;
}

static enum sgeo_status describe_file(struct sgeo_text *text, uint64_t *size, const char *path)
{
    int fd = sgeo_fd_open(path, O_RDONLY);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "open", path);
    }
    enum sgeo_status status = describe(text, size, fd, path);
    (void)close(fd); /* opened for reading: nothing can be lost */
    return status;
}

enum sgeo_status sgeo_ctr_source_fingerprint(struct sgeo_ctr_fingerprint *fingerprint,
                                             const struct sgeo_ctr_source *source)
{
    const char *const paths[SGEO_CTR_FILES] = {source->path, source->profiles};
    struct sgeo_ctr_fingerprint made = {{0}, ""};
    struct sgeo_text text = {0};
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; i < SGEO_CTR_FILES && status == SGEO_OK; i++) {
        if (paths[i] != NULL) {
            status = describe_file(&text, &made.bytes[i], paths[i]);
        }
    }
    if (status == SGEO_OK && text.failed) {
        status = sgeo_fail_memory(source->path);
    }
    if (status == SGEO_OK) {
        sgeo_sha256(made.digest, text.bytes, text.length);
        *fingerprint = made;
    }
    sgeo_text_clear(&text);
    return status;
}

/* --- how much there is --- */

static enum sgeo_status estimate_lines(uint64_t *lines, int fd, const char *path)
{
    struct stat about;
    uint64_t found = 0;
    size_t n = 0, counted = 0; /* bytes: read, up to the last line's end */
    unsigned char *bytes = sgeo_calloc(PIECE_BYTES, 1);
    if (bytes == NULL) {
        return sgeo_fail_memory(path);
    }
    enum sgeo_status status =
        fstat(fd, &about) == 0 ? SGEO_OK : sgeo_fail_errno(errno, "examine", path);
    if (status == SGEO_OK) {
        status = read_piece(bytes, &n, fd, 0, path);
    }
    for (size_t i = 0; status == SGEO_OK && i < n; i++) {
        bool ends = bytes[i] == '\n';
        found += ends;
        counted = ends ? i + 1 : counted;
    }
    if (status == SGEO_OK) {
        *lines = counted == 0
                     ? 0
                     : (uint64_t)((double)about.st_size * (double)found / (double)counted + 0.5);
    }
    sgeo_free(bytes);
    return status;
}

enum sgeo_status sgeo_ctr_source_lines(uint64_t *lines, const char *path)
{
    int fd = sgeo_fd_open(path, O_RDONLY);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "open", path);
    }
    enum sgeo_status status = estimate_lines(lines, fd, path);
    (void)close(fd);
    return status;
}
