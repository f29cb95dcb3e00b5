/*
 * dst (B,pairs) = src_i . src_j, i > j, of src (B,n,D), with AVX-512.
 *
 * Columns of the triangle are taken in strips of 16. Their rows of src, 16 elements of each,
 * transposed, fill half of the registers; the rows below pass by, a product of one element with one
 * register at a time. What earlier elements have left is in dst.
 */
#include "kernels/avx512/intrinsics.h"
#include "kernels/strip.h"

#define QUARTER ((size_t)4) /* registers of a quarter of the panel */
#define BLOCK   ((size_t)4) /* rows that pass by at once */

/*
 * depth[q][k]: element 4q + k of sixteen rows, a lane each. All indices are written out, for an
 * array under a loop's index would not live in registers.
 */
struct panel {
    __m512 depth[QUARTER][QUARTER];
};

/* Sums of even and of odd elements of BLOCK rows: eight keep two multipliers busy. */
struct sums {
    __m512 even[BLOCK], odd[BLOCK];
};

/* One sample, from one element on. */
struct sample {
    const float *src;
    float *dst;
    size_t rows, dim;
};

/* Row i, or the last one where there are no more: nothing keeps what comes of it. */
SGEO_INLINE const float *row_at(const struct sample *sample, size_t i)
{
    return sample->src + sgeo_min(i, sample->rows - 1) * sample->dim;
}

/* Elements 4q .. 4q+3 of the `width` of a row, zeros behind them. */
SGEO_INLINE __m128 quarter_row(const float *row, size_t q, size_t width)
{
    float padded[QUARTER] = {0};
    if (QUARTER * (q + 1) <= width)
        return _mm_loadu_ps(row + QUARTER * q);
    for (size_t k = 0; QUARTER * q + k < width; k++)
        padded[k] = row[QUARTER * q + k];
    return _mm_loadu_ps(padded);
}

/* Elements 4q .. 4q+3 of four rows, one behind the other. */
SGEO_INLINE __m512 quarter_rows(const float *const *row, size_t q, size_t width)
{
    __m512 rows = _mm512_castps128_ps512(quarter_row(row[0], q, width));
    rows = _mm512_insertf32x4(rows, quarter_row(row[1], q, width), 1);
    rows = _mm512_insertf32x4(rows, quarter_row(row[2], q, width), 2);
    return _mm512_insertf32x4(rows, quarter_row(row[3], q, width), 3);
}

/* Rows r, r+4, r+8 and r+12 of a strip, a quarter of each in depth[q][r]. */
SGEO_INLINE void rows_load(struct panel *panel, const struct sample *sample, size_t strip, size_t r,
                           size_t width)
{
    const float *const row[] = {row_at(sample, strip + r), row_at(sample, strip + r + 4),
                                row_at(sample, strip + r + 8), row_at(sample, strip + r + 12)};
    panel->depth[0][r] = quarter_rows(row, 0, width);
    panel->depth[1][r] = quarter_rows(row, 1, width);
    panel->depth[2][r] = quarter_rows(row, 2, width);
    panel->depth[3][r] = quarter_rows(row, 3, width);
}

/* Pairs of lanes 0, 1 (low) or 2, 3 (high) of each four of a and b. */
SGEO_INLINE __m512 low_pairs(__m512 a, __m512 b)
{
    return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

SGEO_INLINE __m512 high_pairs(__m512 a, __m512 b)
{
    return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

/* Four 4 x 4 transposes side by side: elements of rows 4l .. 4l+3 come to lanes 4l .. 4l+3. */
SGEO_INLINE void quarter_transpose(__m512 *depth)
{
    __m512 low01 = _mm512_unpacklo_ps(depth[0], depth[1]);
    __m512 low23 = _mm512_unpacklo_ps(depth[2], depth[3]);
    __m512 high01 = _mm512_unpackhi_ps(depth[0], depth[1]);
    __m512 high23 = _mm512_unpackhi_ps(depth[2], depth[3]);
    depth[0] = low_pairs(low01, low23);
    depth[1] = high_pairs(low01, low23);
    depth[2] = low_pairs(high01, high23);
    depth[3] = high_pairs(high01, high23);
}

SGEO_INLINE void panel_load(struct panel *panel, const struct sample *sample, size_t strip,
                            size_t width)
{
    rows_load(panel, sample, strip, 0, width);
    rows_load(panel, sample, strip, 1, width);
    rows_load(panel, sample, strip, 2, width);
    rows_load(panel, sample, strip, 3, width);
    quarter_transpose(panel->depth[0]);
    quarter_transpose(panel->depth[1]);
    quarter_transpose(panel->depth[2]);
    quarter_transpose(panel->depth[3]);
}

/* sum += element d of each row * depth, for the elements that there are. */
SGEO_INLINE void add_depth(__m512 *sum, __m512 depth, const float *const *row, size_t d,
                           size_t width)
{
    if (d >= width)
        return;
    sum[0] = _mm512_fmadd_ps(_mm512_set1_ps(row[0][d]), depth, sum[0]);
    sum[1] = _mm512_fmadd_ps(_mm512_set1_ps(row[1][d]), depth, sum[1]);
    sum[2] = _mm512_fmadd_ps(_mm512_set1_ps(row[2][d]), depth, sum[2]);
    sum[3] = _mm512_fmadd_ps(_mm512_set1_ps(row[3][d]), depth, sum[3]);
}

SGEO_INLINE void add_quarter(struct sums *sums, const __m512 *depth, const float *const *row,
                             size_t q, size_t width)
{
    add_depth(sums->even, depth[0], row, QUARTER * q, width);
    add_depth(sums->odd, depth[1], row, QUARTER * q + 1, width);
    add_depth(sums->even, depth[2], row, QUARTER * q + 2, width);
    add_depth(sums->odd, depth[3], row, QUARTER * q + 3, width);
}

/* Products of BLOCK rows with the strip. */
SGEO_INLINE struct sums block_sums(const struct panel *panel, const struct sample *sample,
                                   size_t first, size_t width)
{
    const __m512 zero = _mm512_setzero_ps();
    const float *const row[BLOCK] = {row_at(sample, first), row_at(sample, first + 1),
                                     row_at(sample, first + 2), row_at(sample, first + 3)};
    struct sums sums = {{zero, zero, zero, zero}, {zero, zero, zero, zero}};
    add_quarter(&sums, panel->depth[0], row, 0, width);
    add_quarter(&sums, panel->depth[1], row, 1, width);
    add_quarter(&sums, panel->depth[2], row, 2, width);
    add_quarter(&sums, panel->depth[3], row, 3, width);
    return sums;
}

/* Row i of a strip, if there is one. */
SGEO_INLINE void store_row(const struct sample *sample, __m512 even, __m512 odd, size_t i,
                           size_t strip, bool again)
{
    size_t columns = i < sample->rows ? sgeo_min(i - strip, SGEO_FULL) : 0;
    __mmask16 lanes = sgeo_first_lanes(columns);
    float *dst = sample->dst + sgeo_pairs(i) + strip;
    __m512 sum = _mm512_add_ps(even, odd);
    if (again)
        sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes, dst));
    _mm512_mask_storeu_ps(dst, lanes, sum);
}

/* Rows strip+1 .. n-1 have columns in the strip. `again`: dst has sums of earlier elements. */
SGEO_INLINE void strip_pairs(const struct sample *sample, size_t strip, size_t width, bool again)
{
    struct panel panel;
    panel_load(&panel, sample, strip, width);
    for (size_t i = strip + 1; i < sample->rows; i += BLOCK) {
        struct sums sums = block_sums(&panel, sample, i, width);
        store_row(sample, sums.even[0], sums.odd[0], i, strip, again);
        store_row(sample, sums.even[1], sums.odd[1], i + 1, strip, again);
        store_row(sample, sums.even[2], sums.odd[2], i + 2, strip, again);
        store_row(sample, sums.even[3], sums.odd[3], i + 3, strip, again);
    }
}

static void sample_wide(const struct sample *sample, bool again)
{
    for (size_t strip = 0; strip + 1 < sample->rows; strip += SGEO_FULL)
        strip_pairs(sample, strip, SGEO_FULL, again);
}

static void sample_narrow(const struct sample *sample, size_t width, bool again)
{
    for (size_t strip = 0; strip + 1 < sample->rows; strip += SGEO_FULL)
        strip_pairs(sample, strip, width, again);
}

void SGEO_SYMBOL(f32_dot_interaction)(float *dst, const float *src,
                                      const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        struct sample sample = {src + b * shape->src_pitch, dst + b * shape->dst_pitch, shape->rows,
                                shape->dim};
        size_t d = 0;
        for (; d + SGEO_FULL <= shape->dim; d += SGEO_FULL, sample.src += SGEO_FULL)
            sample_wide(&sample, d > 0);
        if (d < shape->dim || d == 0) /* without elements all products are 0 */
            sample_narrow(&sample, shape->dim - d, d > 0);
    }
}
