/*
 * Runs of channels put together from pieces of others, pixel by pixel.
 *
 * Pieces begin and end at any lane, but they are moved in whole chunks: what a chunk writes beyond
 * its piece belongs to the next piece or the next pixel and is written again, what it reads beyond
 * its piece is dropped. Only the last pixel is moved element by element. So no count and no shift
 * costs a branch, and a pixel is written while its line is in the first cache.
 */
#ifndef SGEO_KERNELS_SCALAR_COMPOSE_H
#define SGEO_KERNELS_SCALAR_COMPOSE_H

#include "kernels/runs.h"
#include "kernels/scalar/tier.h"

#define SGEO_COMPOSE_CHUNK ((size_t)16)
#define SGEO_COMPOSE_SMALL ((size_t)8) /* where pixels are too close for the other */

/* Where a run is put together: its pixel 0, `pixels` of them, `lanes` used of every `pitch`. */
struct sgeo_compose_run {
    float *dst;
    size_t pixels, pitch, lanes;
};

/* dst = src or dst += src, exactly `count` elements; src NULL: zeros. */
SGEO_INLINE void sgeo_compose_exact(float *dst, const float *src, size_t count, bool accumulate)
{
    for (size_t i = 0; i < count; i++) {
        float value = src ? src[i] : 0.0f;
        dst[i] = accumulate ? dst[i] + value : value;
    }
}

SGEO_INLINE void sgeo_compose_pixel_exact(const struct sgeo_compose_run *run,
                                          const struct sgeo_pieces *pieces, size_t pixel,
                                          bool accumulate)
{
    for (size_t k = 0; k < pieces->n; k++) {
        const struct sgeo_piece *piece = &pieces->piece[k];
        const float *src = piece->src ? piece->src + pixel * piece->pitch : NULL;
        sgeo_compose_exact(run->dst + pixel * run->pitch + piece->at, src, piece->count,
                           accumulate);
    }
}

SGEO_INLINE void sgeo_compose_chunk(float *dst, const float *src, size_t chunk)
{
    float tile[SGEO_COMPOSE_CHUNK];
    for (size_t j = 0; j < chunk; j++)
        tile[j] = src[j];
    for (size_t j = 0; j < chunk; j++)
        dst[j] = tile[j];
}

/* One pixel but the last, in chunks, pieces from left to right. */
SGEO_INLINE void sgeo_compose_pixel(float *dst, const struct sgeo_pieces *pieces, size_t pixel,
                                    size_t chunk)
{
    static const float zeros[SGEO_COMPOSE_CHUNK] = {0};
    for (size_t k = 0; k < pieces->n; k++) {
        const struct sgeo_piece *piece = &pieces->piece[k];
        const float *src = piece->src ? piece->src + pixel * piece->pitch : zeros;
        size_t step = piece->src ? chunk : 0;
        for (size_t i = 0; i < piece->count; i += chunk, src += step)
            sgeo_compose_chunk(dst + piece->at + i, src, chunk);
    }
}

SGEO_INLINE void sgeo_compose_pixels(const struct sgeo_compose_run *run,
                                     const struct sgeo_pieces *pieces, size_t chunk)
{
    for (size_t p = 0; p + 1 < run->pixels; p++)
        sgeo_compose_pixel(run->dst + p * run->pitch, pieces, p, chunk);
    sgeo_compose_pixel_exact(run, pieces, run->pixels - 1, false);
}

/* The chunk that reaches no further than into the next pixel, on either side; 0 when none does. */
static size_t sgeo_compose_chunk_of(const struct sgeo_compose_run *run,
                                    const struct sgeo_pieces *pieces)
{
    size_t closest = run->pitch;
    if (run->pitch != run->lanes)
        return 0; /* what lies between the pixels stays as it is */
    for (size_t k = 0; k < pieces->n; k++)
        if (pieces->piece[k].src)
            closest = sgeo_min(closest, pieces->piece[k].pitch);
    if (closest >= SGEO_COMPOSE_CHUNK)
        return SGEO_COMPOSE_CHUNK;
    return closest >= SGEO_COMPOSE_SMALL ? SGEO_COMPOSE_SMALL : 0;
}

/* Whether the run is one piece of memory that is another one's copy. */
static bool sgeo_compose_is_whole(const struct sgeo_compose_run *run,
                                  const struct sgeo_pieces *pieces)
{
    return pieces->n == 1 && run->pitch == run->lanes &&
           (!pieces->piece[0].src || pieces->piece[0].pitch == run->pitch);
}

/* run = pieces; at least one pixel. */
static void sgeo_compose_copy(const struct sgeo_compose_run *run, const struct sgeo_pieces *pieces)
{
    size_t chunk = sgeo_compose_chunk_of(run, pieces);
    if (sgeo_compose_is_whole(run, pieces))
        sgeo_compose_exact(run->dst, pieces->piece[0].src, run->pixels * run->pitch, false);
    else if (chunk == SGEO_COMPOSE_CHUNK)
        sgeo_compose_pixels(run, pieces, SGEO_COMPOSE_CHUNK);
    else if (chunk == SGEO_COMPOSE_SMALL)
        sgeo_compose_pixels(run, pieces, SGEO_COMPOSE_SMALL);
    else
        for (size_t p = 0; p < run->pixels; p++)
            sgeo_compose_pixel_exact(run, pieces, p, false);
}

#endif
