/*
 * Average and max pool and their transposes in double: src (N,C,H,W) -> dst (N,C,Ho,Wo). Windows
 * are cut to the image: padding neither counts nor wins.
 */
#include <math.h>
#include <string.h>

#include "backend/reference_parts.h"

/* A pool at work: forward reads in, writes out; backward the other way round. */
struct pool {
    void *dst;
    const void *src;
    uint8_t *where;         /* written by the max pool */
    const uint8_t *winners; /* read by its transpose */
    const struct sgeo_pool_window *window;
    const struct sgeo_layout *in, *out;
};

/* The pixels [begin, end) of a window along one axis; `cut` positions before them are padding. */
struct span {
    size_t begin, end, cut;
};

static struct span span_of(const struct sgeo_pool_window *window, size_t out, size_t size)
{
    size_t padded = out * window->stride;
    size_t cut = padded < window->pad ? window->pad - padded : 0;
    size_t end = padded + window->kernel - window->pad;
    return (struct span){padded + cut - window->pad, end < size ? end : size, cut};
}

/* One window of one channel of one image. */
struct view {
    struct span rows, cols;
    size_t in;  /* offset of the channel's pixel 0 in the layout `in` */
    size_t out; /* offset of the window's pixel in the layout `out` */
};

static size_t pixel_at(const struct pool *pool, const struct view *view, size_t y, size_t x)
{
    return view->in + (y * pool->in->width + x) * pool->in->pitch;
}

static void for_each_window_of_plane(const struct pool *pool, size_t n, size_t c,
                                     void (*visit)(const struct pool *, const struct view *))
{
    size_t out = sgeo_reference_plane(pool->out, n, c);
    for (size_t oy = 0; oy < pool->out->height; oy++) {
        for (size_t ox = 0; ox < pool->out->width; ox++) {
            struct view view = {.rows = span_of(pool->window, oy, pool->in->height),
                                .cols = span_of(pool->window, ox, pool->in->width),
                                .in = sgeo_reference_plane(pool->in, n, c),
                                .out = out + (oy * pool->out->width + ox) * pool->out->pitch};
            visit(pool, &view);
        }
    }
}

static void for_each_window(const struct pool *pool,
                            void (*visit)(const struct pool *, const struct view *))
{
    for (size_t n = 0; n < pool->out->n; n++) {
        for (size_t c = 0; c < sgeo_reference_channels(pool->out); c++) {
            for_each_window_of_plane(pool, n, c, visit);
        }
    }
}

/* --- average --- */

static double size_of(const struct view *view)
{
    return (double)((view->rows.end - view->rows.begin) * (view->cols.end - view->cols.begin));
}

static void average_window(const struct pool *pool, const struct view *view)
{
    const double *src = pool->src;
    double *dst = pool->dst, sum = 0.0;
    for (size_t y = view->rows.begin; y < view->rows.end; y++) {
        for (size_t x = view->cols.begin; x < view->cols.end; x++) {
            sum += src[pixel_at(pool, view, y, x)];
        }
    }
    dst[view->out] = sum / size_of(view);
}

static void spread_window(const struct pool *pool, const struct view *view)
{
    const double *ddst = pool->src;
    double *dsrc = pool->dst, share = ddst[view->out] / size_of(view);
    for (size_t y = view->rows.begin; y < view->rows.end; y++) {
        for (size_t x = view->cols.begin; x < view->cols.end; x++) {
            dsrc[pixel_at(pool, view, y, x)] += share;
        }
    }
}

static void avgpool(struct sgeo_backend *backend, void *dst, const void *src,
                    const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                    const struct sgeo_layout *out)
{
    (void)backend;
    struct pool pool = {.dst = dst, .src = src, .window = window, .in = in, .out = out};
    for_each_window(&pool, average_window);
}

static void avgpool_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                         const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                         const struct sgeo_layout *out)
{
    (void)backend;
    struct pool pool = {.dst = dsrc, .src = ddst, .window = window, .in = in, .out = out};
    memset(dsrc, 0, sgeo_layout_elems(in) * sizeof(double));
    for_each_window(&pool, spread_window);
}

/* --- maximum --- */

/* Whether a later value of the window replaces the winner so far: only when greater, or the first
 * NaN. */
static bool beats(double value, double winner)
{
    return value > winner || (isnan(value) && !isnan(winner));
}

static void maximum_window(const struct pool *pool, const struct view *view)
{
    const double *src = pool->src;
    double *dst = pool->dst;
    size_t winner_y = view->rows.begin, winner_x = view->cols.begin;
    double winner = src[pixel_at(pool, view, winner_y, winner_x)];
    for (size_t y = view->rows.begin; y < view->rows.end; y++) {
        for (size_t x = view->cols.begin; x < view->cols.end; x++) {
            double value = src[pixel_at(pool, view, y, x)];
            if (beats(value, winner)) {
                winner = value;
                winner_y = y;
                winner_x = x;
            }
        }
    }
    size_t row = winner_y - view->rows.begin + view->rows.cut;
    size_t col = winner_x - view->cols.begin + view->cols.cut;
    dst[view->out] = winner;
    pool->where[view->out] = (uint8_t)(row * pool->window->kernel + col);
}

static void reward_winner(const struct pool *pool, const struct view *view)
{
    const double *ddst = pool->src;
    double *dsrc = pool->dst;
    size_t row = pool->winners[view->out] / pool->window->kernel;
    size_t col = pool->winners[view->out] % pool->window->kernel;
    size_t y = view->rows.begin + row - view->rows.cut, x = view->cols.begin + col - view->cols.cut;
    dsrc[pixel_at(pool, view, y, x)] += ddst[view->out];
}

static void maxpool(struct sgeo_backend *backend, void *dst, uint8_t *where, const void *src,
                    const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                    const struct sgeo_layout *out)
{
    (void)backend;
    struct pool pool = {
        .dst = dst, .src = src, .where = where, .window = window, .in = in, .out = out};
    for_each_window(&pool, maximum_window);
}

static void maxpool_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                         const uint8_t *where, const struct sgeo_pool_window *window,
                         const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    (void)backend;
    struct pool pool = {
        .dst = dsrc, .src = ddst, .winners = where, .window = window, .in = in, .out = out};
    memset(dsrc, 0, sgeo_layout_elems(in) * sizeof(double));
    for_each_window(&pool, reward_winner);
}

void sgeo_reference_fill_pool(struct sgeo_backend_table *table)
{
    table->avgpool = avgpool;
    table->avgpool_grad = avgpool_grad;
    table->maxpool = maxpool;
    table->maxpool_grad = maxpool_grad;
}
