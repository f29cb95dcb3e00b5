/*
 * Activations as runs of channels that lie side by side in a pixel, whatever they are grouped by;
 * and the pieces of other runs that a run is put together from.
 */
#ifndef SGEO_KERNELS_RUNS_H
#define SGEO_KERNELS_RUNS_H

#include "kernels/strip.h"

/* Channel c of pixel p of image n is at n*image + (c/lanes)*run + p*pitch + c%lanes. */
struct sgeo_runs {
    size_t images, image;
    size_t pixels, pitch;
    size_t lanes, run;
    size_t channels;
};

/* Images of one pixel are pixels of one image: rows (B,D) are as long a stream as an image is. */
SGEO_INLINE struct sgeo_runs sgeo_runs_of(const struct sgeo_layout *layout)
{
    bool side_by_side = layout->groups == 1 || layout->group == layout->lanes;
    size_t channels = layout->groups * layout->lanes;
    struct sgeo_runs runs = {.images = layout->n,
                             .image = layout->image,
                             .pixels = layout->height * layout->width,
                             .pitch = layout->pitch,
                             .lanes = side_by_side ? channels : layout->lanes,
                             .run = layout->group,
                             .channels = channels};
    if (runs.pixels == 1) {
        runs.images = 1;
        runs.pixels = layout->n;
        runs.pitch = layout->image;
    }
    return runs;
}

/* Offset of pixel 0 of channel c of image n. */
SGEO_INLINE size_t sgeo_runs_at(const struct sgeo_runs *runs, size_t n, size_t c)
{
    return n * runs->image + c / runs->lanes * runs->run + c % runs->lanes;
}

/*
 * `count` neighbours in the pixels of a run, from lane `at` on: element i of pixel p is
 * src[p * pitch + i]. NULL: zeros.
 */
struct sgeo_piece {
    const float *src;
    size_t pitch;
    size_t at, count;
};

/* A run of up to 16 lanes has no more pieces than lanes; one of more has one piece a part. */
#define SGEO_MAX_PIECES (SGEO_CONCAT_MAX_PARTS + 1)

struct sgeo_pieces {
    struct sgeo_piece piece[SGEO_MAX_PIECES];
    size_t n;
};

SGEO_INLINE void sgeo_pieces_add(struct sgeo_pieces *pieces, const float *src, size_t pitch,
                                 size_t at, size_t count)
{
    pieces->piece[pieces->n++] = (struct sgeo_piece){src, pitch, at, count};
}

/* Channels begin .. end-1 of a part, as pieces from lane `at` on. */
SGEO_INLINE void sgeo_pieces_of_part(struct sgeo_pieces *pieces,
                                     const struct sgeo_concat_part *part, size_t image,
                                     size_t begin, size_t end, size_t at)
{
    if (!part->src) {
        sgeo_pieces_add(pieces, NULL, 0, at, end - begin);
        return;
    }
    struct sgeo_runs runs = sgeo_runs_of(part->layout);
    for (size_t c = begin, count; c < end; c += count, at += count) {
        size_t channel = part->first + c;
        count = sgeo_min(runs.lanes - channel % runs.lanes, end - c);
        sgeo_pieces_add(pieces, part->src + sgeo_runs_at(&runs, image, channel), runs.pitch, at,
                        count);
    }
}

/* What channels first .. first+lanes-1 of the parts' concatenation consist of, in one image. */
SGEO_INLINE void sgeo_pieces_of(struct sgeo_pieces *pieces, const struct sgeo_concat_part *parts,
                                size_t n_parts, size_t image, size_t first, size_t lanes)
{
    size_t begin = 0; /* of the part, in the concatenation */
    size_t at = 0;
    pieces->n = 0;
    for (size_t t = 0; t < n_parts && at < lanes; begin += parts[t++].channels) {
        size_t end = begin + parts[t].channels;
        if (end <= first + at)
            continue;
        size_t count = sgeo_min(end - first - at, lanes - at);
        sgeo_pieces_of_part(pieces, &parts[t], image, first + at - begin,
                            first + at - begin + count, at);
        at += count;
    }
    if (at < lanes)
        sgeo_pieces_add(pieces, NULL, 0, at, lanes - at);
}

#endif
