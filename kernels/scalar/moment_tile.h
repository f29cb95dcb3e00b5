/*
 * mean|g| / std of the k values of each coordinate, for a tile of coordinates.
 *
 * Everything is taken relative to one of the values: e_b = g_b - base is exact where the values are
 * close, so a coordinate with mean >> std loses nothing. A deviation that is not 0 is at least one
 * unit in the last place, so a scale near 1 / sum|g| keeps squares from under- and overflow.
 *   ratio = mean|g| / std = sum|g| * scale / sqrt(k * sum (scale * (e - mean e))^2)
 * The factor 1 / sqrt(k) is left to the end.
 */
#ifndef SGEO_KERNELS_SCALAR_MOMENT_TILE_H
#define SGEO_KERNELS_SCALAR_MOMENT_TILE_H

#include <stdbool.h>
#include <string.h>

#include "kernels/scalar/moment_sums.h"

#define SGEO_DELAY ((size_t)4)

/*
 * Quotients are taken SGEO_DELAY tiles after their arguments were found: roots and quotients take
 * long, and a tile that waits for its own leaves no room for the next in the CPU's queues.
 */
struct sgeo_moment_queue {
    float over[SGEO_DELAY][SGEO_LANES], under[SGEO_DELAY][SGEO_LANES];
    size_t turn;
};

/* The k values of each coordinate: g[0..n-1][at + j], n >= 1, and k - n zeros; k >= 2. */
struct sgeo_values {
    const float *const *g;
    size_t n, k, at;
};

SGEO_INLINE void sgeo_clear_slot(struct sgeo_moment_queue *queue, size_t slot)
{
    for (size_t j = 0; j < SGEO_LANES; j++) {
        queue->over[slot][j] = 0.0f;
        queue->under[slot][j] = 1.0f;
    }
}

SGEO_INLINE void sgeo_moment_queue_clear(struct sgeo_moment_queue *queue)
{
    queue->turn = 0;
    for (size_t slot = 0; slot < SGEO_DELAY; slot++)
        sgeo_clear_slot(queue, slot);
}

/* The slot for the next tile, after its old one has been added. */
SGEO_INLINE size_t sgeo_moment_queue_next(struct sgeo_moment_queue *queue,
                                          struct sgeo_moment_sums *sums)
{
    size_t slot = queue->turn++ % SGEO_DELAY;
    sgeo_add_ratios(sums, queue->over[slot], queue->under[slot]);
    return slot;
}

/* Add what is left; the queue is empty then. */
SGEO_INLINE void sgeo_moment_queue_flush(struct sgeo_moment_queue *queue,
                                         struct sgeo_moment_sums *sums)
{
    for (size_t slot = 0; slot < SGEO_DELAY; slot++)
        sgeo_add_ratios(sums, queue->over[slot], queue->under[slot]);
    sgeo_moment_queue_clear(queue);
}

/* A number near 1 / size, for any size >= 0, NaN included: as bits, the sum of both is constant. */
SGEO_INLINE float sgeo_near_inverse(float size)
{
    uint32_t bits;
    memcpy(&bits, &size, sizeof bits);
    bits = bits < UINT32_C(0x7e000000) ? bits : UINT32_C(0x7e000000);
    bits = UINT32_C(0x7f000000) - bits;
    memcpy(&size, &bits, sizeof size);
    return size;
}

/* The base is g_0, or 0 where that is one of the values. */
SGEO_INLINE bool sgeo_zero_based(const struct sgeo_values *values)
{
    return values->n < values->k;
}

SGEO_INLINE float sgeo_base(const struct sgeo_values *values, size_t j)
{
    return sgeo_zero_based(values) ? 0.0f : values->g[0][values->at + j];
}

/* First pass: shift = sum e, size = sum|g|. */
SGEO_INLINE void sgeo_size_pass(float *shift, float *size, const struct sgeo_values *values,
                                size_t width)
{
    size_t first = sgeo_zero_based(values) ? 0 : 1;
    for (size_t j = 0; j < width; j++) {
        float g = values->g[first][values->at + j], base = sgeo_base(values, j);
        shift[j] = g - base;
        size[j] = fabsf(base) + fabsf(g);
    }
    for (size_t b = first + 1; b < values->n; b++)
        for (size_t j = 0; j < width; j++) {
            float g = values->g[b][values->at + j];
            shift[j] += g - sgeo_base(values, j);
            size[j] += fabsf(g);
        }
}

/* Second pass: squares = sum over all k of (scale * (e - mean e))^2; e is 0 for those like base. */
SGEO_INLINE void sgeo_square_pass(float *squares, const float *scale, const float *shift,
                                  const struct sgeo_values *values, size_t width)
{
    float mean[SGEO_HALF];
    size_t first = sgeo_zero_based(values) ? 0 : 1;
    float n_base = first ? 1.0f : (float)(int)(values->k - values->n);
    for (size_t j = 0; j < width; j++) {
        mean[j] = shift[j] * scale[j] * (1.0f / (float)(int)values->k);
        squares[j] = mean[j] * mean[j] * n_base;
    }
    for (size_t b = first; b < values->n; b++)
        for (size_t j = 0; j < width; j++) {
            float e = values->g[b][values->at + j] - sgeo_base(values, j);
            float d = sgeo_multiply_add_f32(e, scale[j], -mean[j]);
            squares[j] = sgeo_multiply_add_f32(d, d, squares[j]);
        }
}

/*
 * `width` <= SGEO_HALF coordinates, so that the values stay in registers from pass to pass:
 * over / sqrt(under) = ratio * sqrt(k), and total = sum g. squares is 0 exactly where all k values
 * are equal; the others are counted in used[].
 */
SGEO_INLINE void sgeo_half_tile(float *over, float *under, float *total, uint32_t *used,
                                const struct sgeo_values *values, size_t width)
{
    float shift[SGEO_HALF], size[SGEO_HALF], scale[SGEO_HALF], squares[SGEO_HALF];
    sgeo_size_pass(shift, size, values, width);
    for (size_t j = 0; j < width; j++)
        scale[j] = sgeo_near_inverse(size[j]);
    sgeo_square_pass(squares, scale, shift, values, width);
    for (size_t j = 0; j < width; j++) {
        over[j] = size[j] * scale[j];
        under[j] = squares[j] == 0.0f ? INFINITY : squares[j];
        used[j] += squares[j] != 0.0f;
        total[j] = sgeo_multiply_add_f32((float)(int)values->n, sgeo_base(values, j), shift[j]);
    }
}

SGEO_INLINE void sgeo_add_dots(struct sgeo_moment_sums *sums, const float *theta,
                               const float *total)
{
    float product[SGEO_LANES];
    for (size_t j = 0; j < SGEO_LANES; j++)
        product[j] = theta[j] * total[j];
    sgeo_add_widened(sums->dot, product);
}

/* The SGEO_LANES coordinates at values.at; theta of those, or NULL. */
SGEO_INLINE void sgeo_moments_tile(struct sgeo_moment_sums *sums, struct sgeo_moment_queue *queue,
                                   struct sgeo_values values, const float *theta)
{
    size_t slot = sgeo_moment_queue_next(queue, sums);
    float *over = queue->over[slot], *under = queue->under[slot], total[SGEO_LANES];
    sgeo_half_tile(over, under, total, sums->used, &values, SGEO_HALF);
    values.at += SGEO_HALF;
    sgeo_half_tile(over + SGEO_HALF, under + SGEO_HALF, total + SGEO_HALF, sums->used, &values,
                   SGEO_HALF);
    if (theta)
        sgeo_add_dots(sums, theta, total);
}

/* The last `width` < SGEO_LANES coordinates of a row: half a tile at once if possible, then each.
 */
static inline void sgeo_moments_rest(struct sgeo_moment_sums *sums, struct sgeo_moment_queue *queue,
                                     struct sgeo_values values, const float *theta, size_t width)
{
    size_t slot = sgeo_moment_queue_next(queue, sums), j = 0;
    float *over = queue->over[slot], *under = queue->under[slot], total[SGEO_LANES];
    sgeo_clear_slot(queue, slot);
    if (width >= SGEO_HALF) {
        sgeo_half_tile(over, under, total, sums->used, &values, SGEO_HALF);
        j = SGEO_HALF;
        values.at += SGEO_HALF;
    }
    for (; j < width; j++, values.at++)
        sgeo_half_tile(over + j, under + j, total + j, sums->used, &values, 1);
    for (j = 0; j < width && theta; j++)
        sums->dot[j % SGEO_HALF] += (double)(theta[j] * total[j]);
}

/* All n coordinates of a row; theta of those, or NULL. */
SGEO_INLINE void sgeo_moments_row(struct sgeo_moment_sums *sums, struct sgeo_moment_queue *queue,
                                  struct sgeo_values values, const float *theta, size_t n)
{
    for (; values.at + SGEO_LANES <= n; values.at += SGEO_LANES)
        sgeo_moments_tile(sums, queue, values, theta ? theta + values.at : NULL);
    if (values.at < n)
        sgeo_moments_rest(sums, queue, values, theta ? theta + values.at : NULL, n - values.at);
}

#endif
