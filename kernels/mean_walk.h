/* The average pools, for any tier: the includer defines sgeo_rectangle_sum. */
#ifndef SGEO_KERNELS_MEAN_WALK_H
#define SGEO_KERNELS_MEAN_WALK_H

#include "kernels/pool_walk.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
static inline void sgeo_rectangle_sum(float *dst, const float *src,
                                      const struct sgeo_pool_grid *grid, const float *weights,
                                      size_t rows, size_t cols, size_t width);

struct sgeo_mean_pool {
    float *dst;
    const float *src;
};

/* Windows of equal sizes, and so of equal weights. */
struct sgeo_mean_zone {
    struct sgeo_mean_pool pool;
    float weights[SGEO_POOL_MAX_TAPS];
};

SGEO_INLINE void sgeo_mean_pixel(const void *zone, size_t dst, size_t src,
                                 const struct sgeo_pool_grid *grid, size_t rows, size_t cols,
                                 size_t width)
{
    const struct sgeo_mean_zone *own = zone;
    sgeo_rectangle_sum(own->pool.dst + dst, own->pool.src + src, grid, own->weights, rows, cols,
                       width);
}

SGEO_INLINE void sgeo_mean_forward(const void *pool, const struct sgeo_pool_shape *shape, size_t n,
                                   struct sgeo_span y, struct sgeo_span x)
{
    struct sgeo_mean_zone zone;
    zone.pool = *(const struct sgeo_mean_pool *)pool;
    struct sgeo_pool_grid grid = sgeo_forward_grid(shape->window, shape->in, shape->out, y, x);
    for (size_t i = 0; i < grid.rows * grid.cols; i++)
        zone.weights[i] = 1.0f / (float)(int)(grid.rows * grid.cols);
    sgeo_grid_walk(sgeo_mean_pixel, &zone, &grid, shape->out, shape->in, n);
}

/* Pixels that collect from windows of the same sizes. */
SGEO_INLINE void sgeo_mean_backward(const void *pool, const struct sgeo_pool_shape *shape, size_t n,
                                    struct sgeo_span y, struct sgeo_span x)
{
    struct sgeo_mean_zone zone;
    zone.pool = *(const struct sgeo_mean_pool *)pool;
    struct sgeo_pool_grid grid = sgeo_backward_grid(shape->window, shape->in, shape->out, y, x);
    sgeo_window_weights(zone.weights, shape->window, shape->in, shape->out, y.first, x.first);
    sgeo_grid_walk(sgeo_mean_pixel, &zone, &grid, shape->in, shape->out, n);
}

/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W) */
SGEO_INLINE void sgeo_mean_walk(float *dst, const float *src, const struct sgeo_pool_window *window,
                                const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_forward_walk(sgeo_mean_forward, &(struct sgeo_mean_pool){dst, src},
                      &(struct sgeo_pool_shape){window, in, out});
}

/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size */
SGEO_INLINE void sgeo_gather_walk(float *dsrc, const float *ddst,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_backward_walk(sgeo_mean_backward, &(struct sgeo_mean_pool){dsrc, ddst},
                       &(struct sgeo_pool_shape){window, in, out});
}

#endif
