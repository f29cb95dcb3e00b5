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

static struct sgeo_buffer *make(struct sgeo_pool *pool, size_t bytes)
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
    buffer->data = sgeo_calloc(bytes, 1);
    if (buffer->data == NULL) {
        sgeo_free(buffer);
        return NULL;
    }
    buffer->bytes = bytes;
    buffer->pool = pool;
    pool->bytes += bytes;
    all[pool->n_all++] = buffer;
    return buffer;
}

struct sgeo_buffer *sgeo_pool_take(struct sgeo_pool *pool, size_t bytes)
{
    struct sgeo_buffer **link = &pool->free;
    while (*link != NULL && (*link)->bytes != bytes) {
        link = &(*link)->next;
    }
    struct sgeo_buffer *buffer = *link;
    if (buffer != NULL) {
        *link = buffer->next;
        buffer->next = NULL;
    } else {
        buffer = make(pool, bytes);
    }
    if (buffer != NULL) {
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

void sgeo_pool_trim(struct sgeo_pool *pool)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->n_all; i++) {
        if (pool->all[i]->refs > 0) {
            pool->all[kept++] = pool->all[i];
        } else {
            pool->bytes -= pool->all[i]->bytes;
            release(pool->all[i]);
        }
    }
    pool->n_all = kept;
    pool->free = NULL;
}

void sgeo_pool_limit(struct sgeo_pool *pool, size_t bytes)
{
    size_t idle = 0;
    for (const struct sgeo_buffer *buffer = pool->free; buffer != NULL; buffer = buffer->next) {
        idle += buffer->bytes;
    }
    if (idle > bytes) {
        sgeo_pool_trim(pool);
    }
}
