/*
 * The activation arena: reference-counted buffers cut from a few large blocks. What is dropped
 * joins the free room on both its sides, and the smallest free room that will do is taken first:
 * so networks of any sizes use the same memory one after the other. Fresh memory is dear, since
 * the system clears it page by page; blocks stay until they are trimmed.
 */
#ifndef SGEO_GRAPH_POOL_H
#define SGEO_GRAPH_POOL_H

#include <stddef.h>

struct sgeo_pool;

struct sgeo_buffer {
    void *data;
    size_t bytes; /* as asked for */
    size_t refs;
    struct sgeo_pool *pool;
    /* The pool's own: */
    size_t room;                         /* bytes up to the next buffer or free room */
    struct sgeo_buffer *before, *after;  /* in memory; NULL at a block's ends */
    struct sgeo_buffer *previous, *next; /* in the list of free room */
};

struct sgeo_pool *sgeo_pool_create(void);       /* NULL without memory */
void sgeo_pool_destroy(struct sgeo_pool *pool); /* with every buffer, also those still referenced */

/* A buffer of `bytes`, aligned to SGEO_ALIGNMENT, with one reference and undefined contents; NULL
 * without memory. */
struct sgeo_buffer *sgeo_pool_take(struct sgeo_pool *pool, size_t bytes);

struct sgeo_buffer *
sgeo_buffer_share(struct sgeo_buffer *buffer);     /* one reference more; returns buffer */
void sgeo_buffer_drop(struct sgeo_buffer *buffer); /* one less; NULL is fine */

size_t sgeo_pool_bytes(const struct sgeo_pool *pool); /* all memory it has, touched or not */
size_t sgeo_pool_peak(const struct sgeo_pool *pool);  /* the most that was held at one time */

/* Return the blocks in which nothing is held to the system. */
void sgeo_pool_trim(struct sgeo_pool *pool);

#endif
