/*
 * The max pools, for any tier: the includer defines sgeo_rectangle_winner and sgeo_rectangle_won.
 */
#ifndef SGEO_KERNELS_WINNER_WALK_H
#define SGEO_KERNELS_WINNER_WALK_H

#include "kernels/pool_walk.h"

/* dst, where (width) = first maximum of the rectangle at src and its position; positions (rows,
 * cols) are those of the rectangle's pixels in the window */
static inline void sgeo_rectangle_winner(float *dst, uint8_t *where, const float *src,
                                         const struct sgeo_pool_grid *grid,
                                         const int32_t *positions, size_t rows, size_t cols,
                                         size_t width);

/* dsrc (width) = sum of ddst over the windows of the rectangle whose winner has its position;
 * positions (rows, cols) are those of the pixel in the windows */
static inline void sgeo_rectangle_won(float *dsrc, const float *ddst, const uint8_t *where,
                                      const struct sgeo_pool_grid *grid, const int32_t *positions,
                                      size_t rows, size_t cols, size_t width);

struct sgeo_winner_pool {
    float *dst;
    uint8_t *where;
    const float *src;
};

struct sgeo_winner_zone {
    struct sgeo_winner_pool pool;
    int32_t positions[SGEO_POOL_MAX_TAPS];
};

SGEO_INLINE void sgeo_winner_pixel(const void *zone, size_t dst, size_t src,
                                   const struct sgeo_pool_grid *grid, size_t rows, size_t cols,
                                   size_t width)
{
    const struct sgeo_winner_zone *own = zone;
    sgeo_rectangle_winner(own->pool.dst + dst, own->pool.where + dst, own->pool.src + src, grid,
                          own->positions, rows, cols, width);
}

SGEO_INLINE void sgeo_winner_forward(const void *pool, const struct sgeo_pool_shape *shape,
                                     size_t n, struct sgeo_span y, struct sgeo_span x)
{
    const struct sgeo_pool_window *window = shape->window;
    struct sgeo_winner_zone zone;
    zone.pool = *(const struct sgeo_winner_pool *)pool;
    struct sgeo_pool_grid grid = sgeo_forward_grid(window, shape->in, shape->out, y, x);
    size_t padded_y = y.first * window->stride, padded_x = x.first * window->stride;
    size_t top = padded_y < window->pad ? window->pad - padded_y : 0;
    size_t left = padded_x < window->pad ? window->pad - padded_x : 0;
    for (size_t row = 0; row < grid.rows; row++)
        for (size_t col = 0; col < grid.cols; col++)
            zone.positions[row * grid.cols + col] =
                (int32_t)((top + row) * window->kernel + left + col);
    sgeo_grid_walk(sgeo_winner_pixel, &zone, &grid, shape->out, shape->in, n);
}

/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position */
SGEO_INLINE void sgeo_winner_walk(float *dst, uint8_t *where, const float *src,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_forward_walk(sgeo_winner_forward, &(struct sgeo_winner_pool){dst, where, src},
                      &(struct sgeo_pool_shape){window, in, out});
}

struct sgeo_won_pool {
    float *dsrc;
    const float *ddst;
    const uint8_t *where;
};

struct sgeo_won_zone {
    struct sgeo_won_pool pool;
    int32_t positions[SGEO_POOL_MAX_TAPS];
};

SGEO_INLINE void sgeo_won_pixel(const void *zone, size_t dst, size_t src,
                                const struct sgeo_pool_grid *grid, size_t rows, size_t cols,
                                size_t width)
{
    const struct sgeo_won_zone *own = zone;
    sgeo_rectangle_won(own->pool.dsrc + dst, own->pool.ddst + src, own->pool.where + src, grid,
                       own->positions, rows, cols, width);
}

SGEO_INLINE void sgeo_won_backward(const void *pool, const struct sgeo_pool_shape *shape, size_t n,
                                   struct sgeo_span y, struct sgeo_span x)
{
    const struct sgeo_pool_window *window = shape->window;
    struct sgeo_won_zone zone;
    zone.pool = *(const struct sgeo_won_pool *)pool;
    struct sgeo_pool_grid grid = sgeo_backward_grid(window, shape->in, shape->out, y, x);
    size_t first_y = sgeo_pixel_windows(window, y.first, shape->out->height).begin;
    size_t first_x = sgeo_pixel_windows(window, x.first, shape->out->width).begin;
    for (size_t row = 0; row < grid.rows; row++)
        for (size_t col = 0; col < grid.cols; col++) {
            size_t down = y.first + window->pad - (first_y + row) * window->stride;
            size_t right = x.first + window->pad - (first_x + col) * window->stride;
            zone.positions[row * grid.cols + col] = (int32_t)(down * window->kernel + right);
        }
    sgeo_grid_walk(sgeo_won_pixel, &zone, &grid, shape->in, shape->out, n);
}

/* dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW) */
SGEO_INLINE void sgeo_won_walk(float *dsrc, const float *ddst, const uint8_t *where,
                               const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                               const struct sgeo_layout *out)
{
    sgeo_backward_walk(sgeo_won_backward, &(struct sgeo_won_pool){dsrc, ddst, where},
                       &(struct sgeo_pool_shape){window, in, out});
}

#endif
