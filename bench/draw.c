/* The contents of a load's inputs: numbers and indices, each a pure function of its stream. */
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/zipf.h"
#include "bench/args.h"

#define MAX_ROWS ((size_t)UINT32_MAX) /* so that a rank times the stride fits 64 bits */
#define MAX_ZIPF 10.0

void sgeo_bench_fill(float *values, size_t n, uint64_t seed, uint64_t stream)
{
    uint64_t key = sgeo_stream_key(seed, "load", stream);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(2.0 * sgeo_hash_uniform(key, i) - 1.0);
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b > 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Steps of about the golden section of the rows: neighbouring ranks land far apart, all on rows of
 * their own. */
static size_t scatter_stride(size_t rows)
{
    size_t stride = (size_t)(0.6180339887498949 * (double)rows);
    stride = stride == 0 ? 1 : stride;
    while (common_divisor(stride, rows) != 1)
        stride++;
    return stride;
}

static void draw_uniform(int64_t *indices, size_t n, size_t rows, struct sgeo_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        indices[i] = (int64_t)sgeo_rng_below(rng, rows);
}

static void draw_zipf(int64_t *indices, size_t n, size_t rows, double s, struct sgeo_rng *rng)
{
    struct sgeo_zipf zipf = sgeo_zipf_of(s, rows);
    uint64_t stride = scatter_stride(rows);
    for (size_t i = 0; i < n; i++)
        indices[i] = (int64_t)(sgeo_zipf_draw(&zipf, rng) * stride % rows);
}

enum sgeo_status sgeo_bench_indices(int64_t *indices, size_t n, size_t rows,
                                    const struct sgeo_bench_args *args, uint64_t seed)
{
    const char *word = sgeo_bench_word(args, "idx");
    struct sgeo_rng rng = sgeo_rng_stream(seed, "indices", 0);
    double s;
    if (rows == 0 || rows > MAX_ROWS)
        return sgeo_fail(SGEO_USAGE, NULL, "%s: no indices below %zu rows",
                         sgeo_bench_args_place(args), rows);
    if (!word || strcmp(word, "uniform") == 0) {
        draw_uniform(indices, n, rows, &rng);
        return SGEO_OK;
    }
    if (strncmp(word, "zipf:", 5) != 0 || !sgeo_parse_double(word + 5, &s) || !(s > 0.0) ||
        s > MAX_ZIPF)
        return sgeo_fail(SGEO_USAGE, "uniform, or zipf:S with S above 0, e.g. zipf:1.1",
                         "%s: malformed idx=%s", sgeo_bench_args_place(args), word);
    draw_zipf(indices, n, rows, s, &rng);
    return SGEO_OK;
}
