#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* On x86-64, and on arm64 with small pages of 4 KiB. */
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

bool sgeo_size_mul(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b) {
        return false;
    }
    *product = a * b;
    return true;
}

size_t sgeo_round_up(size_t value, size_t multiple)
{
    assert(multiple > 0);
    size_t rest = value % multiple;
    return rest == 0 ? value : value + (multiple - rest);
}

/* count * size bytes, at least one, rounded up to SGEO_ALIGNMENT; false when that overflows. */
static bool block_bytes(size_t *rounded, size_t count, size_t size)
{
    size_t bytes;
    /* No object may be larger than PTRDIFF_MAX; the bound also keeps the rounding from overflowing.
     */
    if (!sgeo_size_mul(count, size, &bytes) || bytes > PTRDIFF_MAX - SGEO_ALIGNMENT) {
        return false;
    }
    *rounded = bytes == 0 ? SGEO_ALIGNMENT : sgeo_round_up(bytes, SGEO_ALIGNMENT);
    return true;
}

/* Of a size that block_bytes has rounded. */
static void *allocate(size_t bytes)
{
    bool huge = bytes >= HUGE_PAGE_BYTES;
    void *block;
    if (posix_memalign(&block, huge ? HUGE_PAGE_BYTES : SGEO_ALIGNMENT, bytes) != 0) {
        return NULL;
    }
    if (huge) { /* advice: ordinary pages do as well */
        (void)madvise(block, bytes - bytes % HUGE_PAGE_BYTES, MADV_HUGEPAGE);
    }
    return block;
}

void *sgeo_alloc(size_t bytes)
{
    size_t rounded;
    return block_bytes(&rounded, bytes, 1) ? allocate(rounded) : NULL;
}

void *sgeo_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (!block_bytes(&bytes, count, size)) {
        return NULL;
    }
    void *block = allocate(bytes);
    return block == NULL ? NULL : memset(block, 0, bytes);
}

void *sgeo_grow(void *block, size_t old_count, size_t count, size_t size)
{
    assert(count >= old_count);
    void *grown = sgeo_calloc(count, size);
    if (grown == NULL) {
        return NULL;
    }
    if (block != NULL) {
        memcpy(grown, block, old_count * size); /* the old block's size: it cannot overflow */
        sgeo_free(block);
    }
    return grown;
}

char *sgeo_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = sgeo_calloc(bytes, 1);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

void sgeo_free(void *block)
{
    free(block);
}

size_t sgeo_peak_rss_bytes(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
    return (size_t)usage.ru_maxrss * 1024; /* Linux counts in KiB */
}
