/*
 * Counter-based random numbers with named streams: a draw depends on (seed, purpose, index,
 * position) alone, so results do not depend on who draws first.
 */
#ifndef SGEO_BASE_RNG_H
#define SGEO_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct sgeo_rng {
    uint64_t key;
    uint64_t counter;
};

/* Key of the stream (seed, purpose, index), e.g. (7, "batch", 3). */
uint64_t sgeo_stream_key(uint64_t seed, const char *purpose, uint64_t index);

/* A generator at the start of the stream (seed, purpose, index). */
struct sgeo_rng sgeo_rng_stream(uint64_t seed, const char *purpose, uint64_t index);

uint64_t sgeo_rng_u64(struct sgeo_rng *rng);
double sgeo_rng_uniform(struct sgeo_rng *rng); /* [0, 1) */
double sgeo_rng_normal(struct sgeo_rng *rng);  /* N(0, 1), Box-Muller, two draws */
uint64_t sgeo_rng_below(struct sgeo_rng *rng,
                        uint64_t bound); /* 0..bound-1 without bias; bound > 0 */

/* Fisher-Yates over n values in place. */
void sgeo_rng_shuffle(struct sgeo_rng *rng, uint32_t *values, size_t n);

#endif
