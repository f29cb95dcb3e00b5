/* Buffers between unmapped pages: any access beyond the page is a fault, one within it is found. */
#ifndef SGEO_KERNELS_PROVE_GUARD_H
#define SGEO_KERNELS_PROVE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#define SGEO_GUARD_BYTES ((size_t)1 << 17) /* capacity of a buffer, at most */

/* Where a buffer lies in its pages, in the order of the proofs. */
enum sgeo_placement {
    SGEO_AT_END,   /* its last byte is the last before the unmapped page */
    SGEO_AT_START, /* its first byte is the first behind the unmapped page */
    SGEO_ASKEW,    /* 4 bytes (8 for doubles) past a cache line */
    SGEO_PLACEMENTS
};

struct sgeo_guard {
    unsigned char *pages; /* SGEO_GUARD_BYTES readable and writable bytes */
    unsigned char *data;  /* the buffer of this case */
    size_t n_bytes;
};

/* Map the pages; false (errno) on failure. They live as long as the process. */
bool sgeo_guard_map(struct sgeo_guard *guard);

/* A fresh buffer of n_bytes inside, its surroundings marked. `skew` is the element's size. */
void *sgeo_guard_place(struct sgeo_guard *guard, enum sgeo_placement placement, size_t n_bytes,
                       size_t skew);

/* Whether the marks next to the buffer are as they were. */
bool sgeo_guard_intact(const struct sgeo_guard *guard);

#endif
