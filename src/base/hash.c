#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <nettle/sha2.h>
#include <string.h>
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

static uint64_t lane_step(uint64_t lane, const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word ^= lane;
    return ((word << 29) | (word >> 35)) * UINT64_C(0x9E3779B97F4A7C15);
}

uint64_t sgeo_checksum(uint64_t seed, const void *bytes, size_t n_bytes)
{
    enum { LANES = 4, STRIPE = 32 };
    const unsigned char *at = bytes;
    unsigned char last[STRIPE] = {0};
    size_t rest = n_bytes;
    uint64_t a = sgeo_splitmix64(seed), b = sgeo_splitmix64(a);
    uint64_t c = sgeo_splitmix64(b), d = sgeo_splitmix64(c);
    for (; rest >= STRIPE; at += STRIPE, rest -= STRIPE) {
        a = lane_step(a, at);
        b = lane_step(b, at + 8);
        c = lane_step(c, at + 16);
        d = lane_step(d, at + 24);
    }
    if (rest > 0) {
        memcpy(last, at, rest); /* what is missing counts as zeros; the length tells them apart */
        a = lane_step(a, last);
        b = lane_step(b, last + 8);
        c = lane_step(c, last + 16);
        d = lane_step(d, last + 24);
    }
    const uint64_t lanes[LANES] = {a, b, c, d};
    uint64_t sum = n_bytes;
    for (size_t l = 0; l < LANES; l++) {
        sum = sgeo_splitmix64(sum ^ lanes[l]);
    }
    return sum;
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
