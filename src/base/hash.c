#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <nettle/sha2.h>
#include <unistd.h>

#include "base/posix.h"

#define CHUNK_BYTES ((size_t)1 << 16)

uint64_t sgeo_fnv1a(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++) {
        hash ^= (unsigned char)*text;
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

uint64_t sgeo_splitmix64(uint64_t x)
{
    uint64_t z = x + UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double sgeo_hash_uniform(uint64_t key, uint64_t i)
{
    return (double)(sgeo_splitmix64(key + i) >> 11) * 0x1p-53;
}

double sgeo_hash_normal(uint64_t key, uint64_t i)
{
    const double turn = 6.283185307179586477;
    double radius = sqrt(-2.0 * log(1.0 - sgeo_hash_uniform(key, 2 * i)));
    return radius * cos(turn * sgeo_hash_uniform(key, 2 * i + 1));
}

static void finish_hex(char hex[SGEO_SHA256_HEX], struct sha256_ctx *context)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * sizeof digest] = '\0';
}

void sgeo_sha256(char hex[SGEO_SHA256_HEX], const void *bytes, size_t n_bytes)
{
    struct sha256_ctx context;
    sha256_init(&context);
    if (n_bytes > 0) {
        sha256_update(&context, n_bytes, bytes);
    }
    finish_hex(hex, &context);
}

enum sgeo_status sgeo_sha256_file(char hex[SGEO_SHA256_HEX], const char *path)
{
    int fd = sgeo_fd_open(path, O_RDONLY);
    if (fd < 0) {
        return sgeo_fail_errno(errno, "open", path);
    }
    struct sha256_ctx context;
    sha256_init(&context);
    uint8_t chunk[CHUNK_BYTES];
    ssize_t n;
    while ((n = sgeo_fd_read(fd, chunk, sizeof chunk)) > 0) {
        sha256_update(&context, (size_t)n, chunk);
    }
    enum sgeo_status status = n < 0 ? sgeo_fail_errno(errno, "read", path) : SGEO_OK;
    (void)close(fd); /* opened for reading: nothing can be lost */
    if (status == SGEO_OK) {
        finish_hex(hex, &context);
    }
    return status;
}
