/*
 * The parts' channels, one after the other, from src (N,C,H,W); zeros in the parts' padding. Blocks
 * of pixels of src serve all parts while they are in the cache.
 */
#include "kernels/scalar/compose.h"

#define BLOCK   ((size_t)64)   /* pixels */
#define SCRATCH ((size_t)1024) /* elements of a run that wait for their addition */

/* run += pieces, put together in scratch first and added in whole tiles: a block of small runs. */
static void add_small(const struct sgeo_compose_run *run, const struct sgeo_pieces *pieces)
{
    float scratch[SCRATCH];
    struct sgeo_compose_run copy = {scratch, run->pixels, run->lanes, run->lanes};
    sgeo_compose_copy(&copy, pieces);
    sgeo_compose_exact(run->dst, scratch, run->pixels * run->lanes, true);
}

static void add_run(const struct sgeo_compose_run *run, const struct sgeo_pieces *pieces)
{
    bool small = run->pitch == run->lanes && run->pixels * run->lanes <= SCRATCH;
    if (small && !sgeo_compose_is_whole(run, pieces))
        add_small(run, pieces);
    else
        for (size_t p = 0; p < run->pixels; p++)
            sgeo_compose_pixel_exact(run, pieces, p, true);
}

/* Pixels first .. first+count-1 of one image. */
struct block {
    size_t image, first, count;
};

/* The runs of one part, which is all that its concatenation consists of. */
static void split_part(float *dst, const struct sgeo_layout *layout,
                       const struct sgeo_concat_part *part, const struct block *block,
                       bool accumulate)
{
    struct sgeo_runs runs = sgeo_runs_of(layout);
    struct sgeo_pieces pieces;
    for (size_t c = 0; c < runs.channels; c += runs.lanes) {
        struct sgeo_compose_run run = {dst + sgeo_runs_at(&runs, block->image, c) +
                                           block->first * runs.pitch,
                                       block->count, runs.pitch, runs.lanes};
        sgeo_pieces_of(&pieces, part, 1, block->image, c, runs.lanes);
        for (size_t k = 0; k < pieces.n; k++)
            if (pieces.piece[k].src)
                pieces.piece[k].src += block->first * pieces.piece[k].pitch;
        if (accumulate)
            add_run(&run, &pieces);
        else
            sgeo_compose_copy(&run, &pieces);
    }
}

static void split_block(const struct sgeo_split_part *parts, size_t n_parts, const float *src,
                        const struct sgeo_layout *layout, const struct block *block,
                        bool accumulate)
{
    struct sgeo_concat_part part = {.src = src, .layout = layout, .first = 0};
    for (size_t t = 0; t < n_parts; t++) {
        part.channels = parts[t].channels;
        if (parts[t].dst)
            split_part(parts[t].dst, parts[t].layout, &part, block, accumulate);
        part.first += part.channels;
    }
}

void SGEO_SYMBOL(f32_split)(const struct sgeo_split_part *parts, size_t n_parts, const float *src,
                            const struct sgeo_layout *layout, bool accumulate)
{
    struct sgeo_runs runs = sgeo_runs_of(layout);
    for (size_t n = 0; n < runs.images; n++)
        for (size_t p = 0; p < runs.pixels; p += BLOCK) {
            struct block block = {n, p, sgeo_min(BLOCK, runs.pixels - p)};
            split_block(parts, n_parts, src, layout, &block, accumulate);
        }
}
