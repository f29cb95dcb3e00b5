/* Aligned memory with overflow-checked sizes. */
#ifndef SGEO_BASE_MEMORY_H
#define SGEO_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define SGEO_ALIGNMENT ((size_t)64) /* a cache line, and the widest vector register */

/*
 * count * size bytes, zeroed, aligned to SGEO_ALIGNMENT; NULL when that overflows or there is no
 * memory. Free with sgeo_free. Large blocks lie in huge pages, where the system gives them to those
 * who ask (madvise): activations and tables have more ordinary pages than a processor remembers.
 */
void *sgeo_calloc(size_t count, size_t size);

/* The same with undefined contents: for what is filled anyway, and may be larger than is used. */
void *sgeo_alloc(size_t bytes);

/*
 * Grow an array of sgeo_calloc to `count` elements, new ones zeroed; NULL (old block intact) on
 * failure.
 */
void *sgeo_grow(void *block, size_t old_count, size_t count, size_t size);

/* Duplicate a string; NULL on failure. Free with sgeo_free. */
char *sgeo_strdup(const char *text);

void sgeo_free(void *block);

/* a * b in *product, false when it overflows. */
bool sgeo_size_mul(size_t a, size_t b, size_t *product);

/* value rounded up to a multiple of `multiple` (> 0). */
size_t sgeo_round_up(size_t value, size_t multiple);

/* Largest resident set of this process so far, in bytes. */
size_t sgeo_peak_rss_bytes(void);

#endif
