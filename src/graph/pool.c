#include "graph/pool.h"

#include <assert.h>

#include "base/memory.h"

struct sgeo_pool {
    struct sgeo_buffer *free; /* most recently dropped first */
    struct sgeo_buffer **all; /* every buffer made, for destruction */
    size_t n_all;
    size_t bytes;
};

struct sgeo_pool *sgeo_pool_create(void)
{
    return sgeo_calloc(1, sizeof(struct sgeo_pool));
}

static void release(struct sgeo_buffer *buffer)
{
    sgeo_free(buffer->data);
    sgeo_free(buffer);
}

void sgeo_pool_destroy(struct sgeo_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->n_all; i++) {
        release(pool->all[i]);
    }
    sgeo_free(pool->all);
    sgeo_free(pool);
}

/*
 * Sizes that buffers come in, a sixteenth to an eighth of themselves apart: networks of slightly
 * different widths share them, which spares the system pages that are dear to get. Powers of two,
 * and sums of a few, are sizes themselves.
 */
static size_t capacity_for(size_t bytes)
{
    size_t step = SGEO_ALIGNMENT;
    while (bytes / 16 >= step) {
        step *= 2;
    }
    return sgeo_round_up(bytes, step);
}

static struct sgeo_buffer *make(struct sgeo_pool *pool, size_t capacity)
{
    struct sgeo_buffer **all = sgeo_grow(pool->all, pool->n_all, pool->n_all + 1, sizeof *all);
    if (all == NULL) {
        return NULL;
    }
    pool->all = all;
    struct sgeo_buffer *buffer = sgeo_calloc(1, sizeof *buffer);
    if (buffer == NULL) {
        return NULL;
    }
    buffer->data = sgeo_calloc(capacity, 1);
    if (buffer->data == NULL) {
        sgeo_free(buffer);
        return NULL;
    }
    buffer->capacity = capacity;
    buffer->pool = pool;
    pool->bytes += capacity;
    all[pool->n_all++] = buffer;
    return buffer;
}

struct sgeo_buffer *sgeo_pool_take(struct sgeo_pool *pool, size_t bytes)
{
    struct sgeo_buffer **link = &pool->free;
    size_t capacity = capacity_for(bytes);
    while (*link != NULL && (*link)->capacity != capacity) {
        link = &(*link)->next;
    }
    struct sgeo_buffer *buffer = *link;
    if (buffer != NULL) {
        *link = buffer->next;
        buffer->next = NULL;
    } else {
        buffer = make(pool, capacity);
    }
    if (buffer != NULL) {
        buffer->bytes = bytes;
        buffer->refs = 1;
    }
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
    if (--buffer->refs == 0) {
        buffer->next = buffer->pool->free;
        buffer->pool->free = buffer;
    }
}

size_t sgeo_pool_bytes(const struct sgeo_pool *pool)
{
    return pool->bytes;
}

void sgeo_pool_limit(struct sgeo_pool *pool, size_t bytes)
{
    struct sgeo_buffer **link = &pool->free;
    for (size_t idle = 0; *link != NULL;) {
        struct sgeo_buffer *buffer = *link;
        if (buffer->capacity <= bytes - idle) {
            idle += buffer->capacity;
            link = &buffer->next;
        } else {
            *link = buffer->next;
            buffer->pool = NULL; /* to go */
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < pool->n_all; i++) {
        if (pool->all[i]->pool != NULL) {
            pool->all[kept++] = pool->all[i];
        } else {
            pool->bytes -= pool->all[i]->capacity;
            release(pool->all[i]);
        }
    }
    pool->n_all = kept;
}

void sgeo_pool_trim(struct sgeo_pool *pool)
{
    sgeo_pool_limit(pool, 0);
}
