#include "bench/inputs.h"

#include <malloc.h>

#include "base/memory.h"

#define MIB              ((size_t)1 << 20)
#define BELIEVED_BYTES   (128 * MIB)
#define ASSUMED_BYTES    (32 * MIB)
#define CACHES_TOUCHED   ((size_t)4)
#define POOL_LIMIT_BYTES (1024 * MIB)
#define MAX_SETS         ((size_t)1 << 16)

struct sgeo_bench_pool sgeo_bench_pool_of(size_t last_level_bytes)
{
    bool believed = last_level_bytes > 0 && last_level_bytes <= BELIEVED_BYTES;
    size_t cache = believed ? last_level_bytes : ASSUMED_BYTES;
    return (struct sgeo_bench_pool){CACHES_TOUCHED * cache, POOL_LIMIT_BYTES};
}

/* What the process has allocated. */
static size_t heap_bytes(void)
{
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

static size_t at_least_one(size_t value)
{
    return value == 0 ? 1 : value;
}

/* Sets of which each call touches `touched` bytes and each holds `held`. */
static size_t count_sets(const struct sgeo_bench_pool *pool, size_t touched, size_t held)
{
    if (!pool)
        return 1;
    size_t wanted = pool->touched_bytes / at_least_one(touched) + 1;
    size_t allowed = at_least_one(pool->limit_bytes / at_least_one(held));
    size_t n = wanted < allowed ? wanted : allowed;
    return n < MAX_SETS ? n : MAX_SETS;
}

/* The first set, and what it says about all. */
static enum sgeo_status create_first(struct sgeo_bench_inputs *inputs, void **set,
                                     const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t before = heap_bytes();
    enum sgeo_status status = inputs->load->create(set, &inputs->work, args, seed);
    if (status != SGEO_OK)
        return status;
    size_t grown = heap_bytes() - before, touched = (size_t)inputs->work.line_bytes;
    inputs->set_bytes = grown > touched ? grown : touched;
    status = sgeo_bench_args_check_asked(args);
    if (status != SGEO_OK)
        inputs->load->destroy(*set);
    return status;
}

static enum sgeo_status create_others(struct sgeo_bench_inputs *inputs, size_t n,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_work same;
    enum sgeo_status status = SGEO_OK;
    while (inputs->n < n && status == SGEO_OK) {
        status = inputs->load->create(&inputs->sets[inputs->n], &same, args, seed + inputs->n);
        inputs->n += status == SGEO_OK;
    }
    return status;
}

enum sgeo_status sgeo_bench_inputs_create(struct sgeo_bench_inputs *inputs,
                                          const struct sgeo_bench_shape *shape,
                                          const struct sgeo_bench_pool *pool, uint64_t seed)
{
    struct sgeo_bench_inputs own = {.load = shape->kernel->load};
    void *first;
    enum sgeo_status status = create_first(&own, &first, shape->args, seed);
    if (status != SGEO_OK)
        return status;
    size_t n = count_sets(pool, (size_t)own.work.line_bytes, own.set_bytes);
    own.sets = sgeo_calloc(n, sizeof *own.sets);
    if (!own.sets) {
        own.load->destroy(first);
        return sgeo_fail_memory("the inputs of a bench case");
    }
    own.sets[own.n++] = first;
    status = create_others(&own, n, shape->args, seed);
    if (status != SGEO_OK) {
        sgeo_bench_inputs_clear(&own);
        return status;
    }
    *inputs = own;
    return SGEO_OK;
}

void sgeo_bench_inputs_clear(struct sgeo_bench_inputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++)
        inputs->load->destroy(inputs->sets[i]);
    sgeo_free(inputs->sets);
    *inputs = (struct sgeo_bench_inputs){0};
}
