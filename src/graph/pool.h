/*
 * The activation arena: reference-counted buffers that return to the arena at their last use and
 * are handed out again by size, the most recently used first (it is still in cache). A network's
 * few distinct sizes make reuse exact, so the arena's size is the peak of what is alive, and at
 * most an eighth more: buffers come in sizes that networks of similar widths share.
 */
#ifndef SGEO_GRAPH_POOL_H
#define SGEO_GRAPH_POOL_H

#include <stddef.h>

struct sgeo_pool;

struct sgeo_buffer {
    void *data;
    size_t bytes;    /* as asked for */
    size_t capacity; /* as the pool has it */
    size_t refs;
    struct sgeo_pool *pool;
    struct sgeo_buffer *next; /* in the pool's free list */
};

struct sgeo_pool *sgeo_pool_create(void);       /* NULL without memory */
void sgeo_pool_destroy(struct sgeo_pool *pool); /* with every buffer, also those still referenced */

/* A buffer of `bytes` with one reference and undefined contents; NULL without memory. */
struct sgeo_buffer *sgeo_pool_take(struct sgeo_pool *pool, size_t bytes);

struct sgeo_buffer *
sgeo_buffer_share(struct sgeo_buffer *buffer);     /* one reference more; returns buffer */
void sgeo_buffer_drop(struct sgeo_buffer *buffer); /* one less; NULL is fine */

size_t sgeo_pool_bytes(const struct sgeo_pool *pool); /* all memory it holds */

/* Return free buffers to the system until at most `bytes` are free, those last used longest ago
 * first; buffers that someone holds do not count. */
void sgeo_pool_limit(struct sgeo_pool *pool, size_t bytes);

/* All of them, e.g. between spaces of different shapes. */
void sgeo_pool_trim(struct sgeo_pool *pool);

#endif
