#include "graph/pool.h"

#include <assert.h>
#include <stdint.h>

#include "base/memory.h"

#define LEAST_BLOCK_BYTES ((size_t)1 << 20)

struct sgeo_pool {
    struct sgeo_buffer *free;    /* spans that nobody holds, most recently dropped first */
    struct sgeo_buffer **blocks; /* the first span of each */
    size_t n_blocks;
    size_t bytes, held, peak;
};

struct sgeo_pool *sgeo_pool_create(void)
{
    return sgeo_calloc(1, sizeof(struct sgeo_pool));
}

static void release(struct sgeo_buffer *first)
{
    sgeo_free(first->data);
    while (first != NULL) {
        struct sgeo_buffer *after = first->after;
        sgeo_free(first);
        first = after;
    }
}

void sgeo_pool_destroy(struct sgeo_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->n_blocks; i++) {
        release(pool->blocks[i]);
    }
    sgeo_free(pool->blocks);
    sgeo_free(pool);
}

/* --- the list of free spans --- */

static void list(struct sgeo_buffer *span)
{
    struct sgeo_pool *pool = span->pool;
    span->previous = NULL;
    span->next = pool->free;
    if (pool->free != NULL) {
        pool->free->previous = span;
    }
    pool->free = span;
}

static void unlist(struct sgeo_buffer *span)
{
    if (span->previous != NULL) {
        span->previous->next = span->next;
    } else {
        span->pool->free = span->next;
    }
    if (span->next != NULL) {
        span->next->previous = span->previous;
    }
}

/* --- spans --- */

static struct sgeo_buffer *new_span(struct sgeo_pool *pool, void *data, size_t room)
{
    struct sgeo_buffer *span = sgeo_calloc(1, sizeof *span);
    if (span != NULL) {
        span->data = data;
        span->room = room;
        span->pool = pool;
    }
    return span;
}

/* Leave the span `room` bytes and make its rest free; without memory for that it keeps the rest. */
static void split(struct sgeo_buffer *span, size_t room)
{
    if (span->room == room) {
        return;
    }
    struct sgeo_buffer *rest =
        new_span(span->pool, (unsigned char *)span->data + room, span->room - room);
    if (rest == NULL) {
        return;
    }
    rest->before = span;
    rest->after = span->after;
    if (span->after != NULL) {
        span->after->before = rest;
    }
    span->after = rest;
    span->room = room;
    list(rest);
}

/* The span behind this one becomes part of it. */
static void absorb_next(struct sgeo_buffer *span)
{
    struct sgeo_buffer *next = span->after;
    span->room += next->room;
    span->after = next->after;
    if (next->after != NULL) {
        next->after->before = span;
    }
    sgeo_free(next);
}

static bool is_free(const struct sgeo_buffer *span)
{
    return span != NULL && span->refs == 0;
}

/* --- blocks --- */

/* A new block with at least `room` bytes, a free span that is not in the list yet. */
static struct sgeo_buffer *add_block(struct sgeo_pool *pool, size_t room)
{
    size_t bytes = pool->bytes / 4 > LEAST_BLOCK_BYTES ? pool->bytes / 4 : LEAST_BLOCK_BYTES;
    bytes = sgeo_round_up(room > bytes ? room : bytes, SGEO_ALIGNMENT);
    struct sgeo_buffer **blocks =
        sgeo_grow(pool->blocks, pool->n_blocks, pool->n_blocks + 1, sizeof *blocks);
    if (blocks == NULL) {
        return NULL;
    }
    pool->blocks = blocks;
    void *data = sgeo_alloc(bytes);
    struct sgeo_buffer *span = data == NULL ? NULL : new_span(pool, data, bytes);
    if (span == NULL) {
        sgeo_free(data);
        return NULL;
    }
    blocks[pool->n_blocks++] = span;
    pool->bytes += bytes;
    return span;
}

/* The smallest free span that has `room` bytes, no longer in the list; NULL where there is none. */
static struct sgeo_buffer *best_fit(struct sgeo_pool *pool, size_t room)
{
    struct sgeo_buffer *best = NULL;
    for (struct sgeo_buffer *span = pool->free; span != NULL; span = span->next) {
        if (span->room >= room && (best == NULL || span->room < best->room)) {
            best = span;
        }
    }
    if (best != NULL) {
        unlist(best);
    }
    return best;
}

/* --- buffers --- */

struct sgeo_buffer *sgeo_pool_take(struct sgeo_pool *pool, size_t bytes)
{
    if (bytes > PTRDIFF_MAX - SGEO_ALIGNMENT) {
        return NULL;
    }
    size_t room = sgeo_round_up(bytes == 0 ? 1 : bytes, SGEO_ALIGNMENT);
    struct sgeo_buffer *buffer = best_fit(pool, room);
    if (buffer == NULL) {
        buffer = add_block(pool, room);
    }
    if (buffer == NULL) {
        return NULL;
    }
    split(buffer, room);
    buffer->bytes = bytes;
    buffer->refs = 1;
    pool->held += buffer->room;
    pool->peak = pool->held > pool->peak ? pool->held : pool->peak;
    return buffer;
}

struct sgeo_buffer *sgeo_buffer_share(struct sgeo_buffer *buffer)
{
    assert(buffer->refs > 0);
    buffer->refs++;
    return buffer;
}

void sgeo_buffer_drop(struct sgeo_buffer *buffer)
{
    if (buffer == NULL) {
        return;
    }
    assert(buffer->refs > 0);
    if (--buffer->refs > 0) {
        return;
    }
    buffer->pool->held -= buffer->room;
    if (is_free(buffer->after)) {
        unlist(buffer->after);
        absorb_next(buffer);
    }
    if (is_free(buffer->before)) { /* which is in the list */
        absorb_next(buffer->before);
    } else {
        list(buffer);
    }
}

size_t sgeo_pool_bytes(const struct sgeo_pool *pool)
{
    return pool->bytes;
}

size_t sgeo_pool_peak(const struct sgeo_pool *pool)
{
    return pool->peak;
}

void sgeo_pool_trim(struct sgeo_pool *pool)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->n_blocks; i++) {
        struct sgeo_buffer *first = pool->blocks[i];
        if (is_free(first) && first->after == NULL) {
            unlist(first);
            pool->bytes -= first->room;
            release(first);
        } else {
            pool->blocks[kept++] = first;
        }
    }
    pool->n_blocks = kept;
}
