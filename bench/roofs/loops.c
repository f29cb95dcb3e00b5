#include "bench/roofs/loops.h"

#include "bench/roofs/vector.h"

/* Chains in flight: enough to hide a latency of 4 to 6 cycles at two a cycle, and with two
 * constants still in 16 registers. */
#define CHAINS ((size_t)12)

/* Sums in flight of the reading loop. */
#define SUMS ((size_t)8)

/* Rows ahead: far enough to cover a memory latency of 100 to 200 ns at a few ns a row. */
#define AHEAD ((size_t)32)

#define LINE_FLOATS ((size_t)16)

static double fma_chains(size_t turns, float a, float b)
{
    vector x[CHAINS], factor = vector_of(a), summand = vector_of(b);
    double sum = 0.0;
    for (size_t c = 0; c < CHAINS; c++)
        x[c] = vector_of(1.0f);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t c = 0; c < CHAINS; c++)
            x[c] = vector_multiply_add(x[c], factor, summand);
    for (size_t c = 0; c < CHAINS; c++)
        sum += vector_sum(x[c]);
    return sum;
}

static double read_all(const float *src, size_t n)
{
    vector sums[SUMS];
    double sum = 0.0;
    for (size_t s = 0; s < SUMS; s++)
        sums[s] = vector_of(0.0f);
    for (size_t i = 0; i < n; i += SUMS * LANES)
        for (size_t s = 0; s < SUMS; s++)
            sums[s] = vector_add(sums[s], vector_load(src + i + s * LANES));
    for (size_t s = 0; s < SUMS; s++)
        sum += vector_sum(sums[s]);
    return sum;
}

static void copy(float *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i += LANES)
        vector_store(dst + i, vector_load(src + i));
}

static void triad(float *dst, const float *a, const float *b, float scale, size_t n)
{
    vector factor = vector_of(scale);
    for (size_t i = 0; i < n; i += LANES)
        vector_store(dst + i, vector_multiply_add(vector_load(b + i), factor, vector_load(a + i)));
}

SGEO_INLINE void prefetch_row(const float *row, size_t dim)
{
    for (size_t d = 0; d < dim; d += LINE_FLOATS)
        vector_prefetch(row + d);
}

SGEO_INLINE void add_row(vector *sums, const float *row, size_t dim)
{
    for (size_t d = 0; d < dim; d += LANES)
        sums[d / LANES] = vector_add(sums[d / LANES], vector_load(row + d));
}

/* dim is a constant where this is called, so that the sums stay in registers. */
SGEO_INLINE void gather_rows(float *sum, const float *table, const uint32_t *rows, size_t n,
                             size_t dim)
{
    vector sums[SGEO_ROOF_MAX_DIM / LANES];
    size_t ahead = n > AHEAD ? n - AHEAD : 0;
    for (size_t d = 0; d < dim; d += LANES)
        sums[d / LANES] = vector_of(0.0f);
    for (size_t i = 0; i < ahead; i++) {
        prefetch_row(table + (size_t)rows[i + AHEAD] * dim, dim);
        add_row(sums, table + (size_t)rows[i] * dim, dim);
    }
    for (size_t i = ahead; i < n; i++)
        add_row(sums, table + (size_t)rows[i] * dim, dim);
    for (size_t d = 0; d < dim; d += LANES)
        vector_store(sum + d, sums[d / LANES]);
}

static void gather(float *sum, const float *table, const uint32_t *rows, size_t n, size_t dim)
{
    switch (dim) {
    case 16:
        gather_rows(sum, table, rows, n, 16);
        break;
    case 32:
        gather_rows(sum, table, rows, n, 32);
        break;
    case 64:
        gather_rows(sum, table, rows, n, 64);
        break;
    default:
        gather_rows(sum, table, rows, n, SGEO_ROOF_MAX_DIM);
        break;
    }
}

#define LOOPS_EXPANDED(tier) sgeo_roof_loops__##tier
#define LOOPS_OF(tier)       LOOPS_EXPANDED(tier)

const struct sgeo_roof_loops LOOPS_OF(SGEO_TIER) = {
    .fma_flops = 2.0 * CHAINS * LANES,
    .fma_sum = 1.0 * CHAINS * LANES,
    .fma = fma_chains,
    .read = read_all,
    .copy = copy,
    .triad = triad,
    .gather = gather,
};
