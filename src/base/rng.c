#include "base/rng.h"

#include <assert.h>
#include <math.h>

#include "base/hash.h"

#define TWO_PI 6.283185307179586

uint64_t sgeo_stream_key(uint64_t seed, const char *purpose, uint64_t index)
{
    /* Finalised between the parts, so that seed and index cannot trade places or cancel out. */
    uint64_t key = sgeo_splitmix64(sgeo_fnv1a(purpose));
    key = sgeo_splitmix64(key + seed);
    return sgeo_splitmix64(key + index);
}

struct sgeo_rng sgeo_rng_stream(uint64_t seed, const char *purpose, uint64_t index)
{
    return (struct sgeo_rng){.key = sgeo_stream_key(seed, purpose, index), .counter = 0};
}

uint64_t sgeo_rng_u64(struct sgeo_rng *rng)
{
    return sgeo_splitmix64(rng->key + rng->counter++);
}

double sgeo_rng_uniform(struct sgeo_rng *rng)
{
    return sgeo_hash_uniform(rng->key, rng->counter++);
}

double sgeo_rng_normal(struct sgeo_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - sgeo_rng_uniform(rng))); /* 1 - u > 0: log is finite */
    return radius * cos(TWO_PI * sgeo_rng_uniform(rng));
}

uint64_t sgeo_rng_below(struct sgeo_rng *rng, uint64_t bound)
{
    assert(bound > 0);
    /* 2^64 mod bound draws are refused: what stays is a whole number of rounds of 0..bound-1. */
    uint64_t refused = (0 - bound) % bound;
    uint64_t draw;
    do {
        draw = sgeo_rng_u64(rng);
    } while (draw < refused);
    return draw % bound;
}

void sgeo_rng_shuffle(struct sgeo_rng *rng, uint32_t *values, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)sgeo_rng_below(rng, i);
        uint32_t swapped = values[i - 1];
        values[i - 1] = values[j];
        values[j] = swapped;
    }
}
