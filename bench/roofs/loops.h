/*
 * The loops that find a machine's limits, written with the vectors of one tier each (loops.c is
 * compiled once per tier, as the kernels' sources are). Every result can be checked.
 */
#ifndef SGEO_BENCH_ROOFS_LOOPS_H
#define SGEO_BENCH_ROOFS_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#define SGEO_ROOF_STEP    ((size_t)256) /* floats that n is a multiple of */
#define SGEO_ROOF_MAX_DIM ((size_t)128) /* floats of a gathered row: this, 64, 32 or 16 */

struct sgeo_roof_loops {
    double fma_flops; /* of a turn of `fma` */
    double fma_sum;   /* what `fma` returns for a + b = 1 */
    /* `turns` of x = x * a + b in registers that start at 1; their sum. */
    double (*fma)(size_t turns, float a, float b);
    double (*read)(const float *src, size_t n); /* the sum of src (n) */
    void (*copy)(float *dst, const float *src, size_t n);
    void (*triad)(float *dst, const float *a, const float *b, float scale, size_t n);
    /* sum (dim) = the sum of the rows (n) of table (_, dim) */
    void (*gather)(float *sum, const float *table, const uint32_t *rows, size_t n, size_t dim);
};

extern const struct sgeo_roof_loops sgeo_roof_loops__scalar, sgeo_roof_loops__avx2,
    sgeo_roof_loops__avx512, sgeo_roof_loops__neon;

/* bf16 pairs with f32 sums (AVX512_BF16): 1 * 1 + 1 * -1 a lane; as `fma`. */
extern const double sgeo_roof_bf16_flops, sgeo_roof_bf16_sum;
double sgeo_roof_bf16(size_t turns);

#endif
