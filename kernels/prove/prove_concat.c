/* Proofs of concatenation and split: channel counts of any kind, in all kinds of layout. */
#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"

#define MAX_PARTS ((size_t)6)

/* How many channels the parts have; 0 ends the list. Of 13 and 1, a vector of 16 that begins with
 * the last channel of the last but one pixel ends behind the last. */
static const size_t counts[][MAX_PARTS] = {
    {43, 43, 42},    {1},    {16}, {16, 32}, {8, 8, 8}, {5, 6}, {3, 1, 2, 1, 9}, {40, 0},
    {17, 15, 16, 1}, {13, 1}};
#define N_COUNTS (sizeof counts / sizeof *counts)

/* Kinds of layout: groups of so many lanes; 0 lanes: all channels side by side. */
struct kind {
    size_t lanes, n, height, width, gap;
};

static const struct kind kinds[] = {
    {16, 2, 3, 5, 0}, {8, 2, 3, 3, 0},  {4, 2, 2, 3, 0}, {1, 2, 3, 3, 0}, {16, 2, 3, 3, 5},
    {8, 1, 1, 1, 0},  {16, 3, 1, 1, 0}, {0, 2, 3, 3, 0}, {0, 1, 2, 5, 7}, {0, 5, 1, 1, 0},
    {0, 4, 1, 1, 3},  {0, 1, 1, 1, 0},  {0, 0, 3, 3, 0}, {0, 2, 0, 3, 0}, {0, 70, 1, 1, 0},
    {16, 1, 9, 9, 0}, {8, 1, 9, 9, 1},  {0, 1, 9, 9, 0},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static struct sgeo_layout layout_of(const struct kind *kind, size_t channels)
{
    size_t lanes = kind->lanes ? kind->lanes : channels;
    struct sgeo_shape shape = {.n = kind->n,
                               .groups = lanes ? (channels + lanes - 1) / lanes : 0,
                               .lanes = lanes,
                               .height = kind->height,
                               .width = kind->width,
                               .order = kind->lanes ? SGEO_BLOCKED : SGEO_LAST,
                               .gap = kind->gap};
    return sgeo_shape_layout(&shape);
}

/* One case of either kernel: the whole, and its parts. */
struct concat {
    struct sgeo_layout whole, part[MAX_PARTS];
    size_t channels[MAX_PARTS], n_parts;
};

/* The parts of list i; the whole has room for `spare` channels more. False when the case is
 * skipped. */
static bool concat_of(struct concat *concat, struct sgeo_prover *prover, size_t i,
                      const struct kind *kind, size_t spare)
{
    size_t sum = 0;
    if (!sgeo_prover_case(prover,
                          "list %zu (%zu, %zu, ...), %zu lanes, %zux%zux%zu, gap %zu, spare %zu", i,
                          counts[i][0], counts[i][1], kind->lanes, kind->n, kind->height,
                          kind->width, kind->gap, spare))
        return false;
    concat->n_parts = 0;
    for (size_t t = 0; t < MAX_PARTS && counts[i][t] > 0; t++) {
        concat->channels[t] = counts[i][t];
        concat->part[t] = layout_of(kind, counts[i][t]);
        concat->n_parts++;
        sum += counts[i][t];
    }
    concat->whole = layout_of(kind, sum + spare);
    return true;
}

/* A part is left out, or taken from behind its first channels, now and then. */
static bool concat_case(struct sgeo_prover *prover, size_t i, const struct kind *kind, size_t spare)
{
    struct sgeo_concat_part parts[MAX_PARTS];
    struct concat concat;
    if (!concat_of(&concat, prover, i, kind, spare))
        return true;
    for (size_t t = 0; t < concat.n_parts; t++) {
        bool left_out = sgeo_prover_below(prover, 4) == 0;
        size_t first = sgeo_prover_below(prover, concat.channels[t]);
        const float *src = sgeo_prover_source(prover, sgeo_shape_elems(&concat.part[t]));
        parts[t] =
            (struct sgeo_concat_part){left_out ? NULL : src, left_out ? NULL : &concat.part[t],
                                      first, concat.channels[t] - first};
    }
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, sgeo_shape_elems(&concat.whole));
    prover->ref.f32_concat(sgeo_ref_floats(dst), parts, concat.n_parts, &concat.whole);
    prover->candidate->f32_concat(sgeo_candidate_floats(dst), parts, concat.n_parts, &concat.whole);
    return sgeo_prover_compare(prover, dst, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_concat(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < N_COUNTS; i++)
        for (size_t k = 0; k < N_KINDS; k++)
            if (!concat_case(prover, i, &kinds[k], 0) || !concat_case(prover, i, &kinds[k], 21))
                return false;
    return true;
}

static bool split_case(struct sgeo_prover *prover, size_t i, const struct kind *kind, size_t spare,
                       bool accumulate)
{
    struct sgeo_split_part of_ref[MAX_PARTS], of_candidate[MAX_PARTS];
    struct sgeo_buffer *dst[MAX_PARTS];
    struct concat concat;
    if (!concat_of(&concat, prover, i, kind, spare))
        return true;
    const float *src = sgeo_prover_source(prover, sgeo_shape_elems(&concat.whole));
    for (size_t t = 0; t < concat.n_parts; t++) {
        const struct sgeo_layout *layout = &concat.part[t];
        bool left_out = sgeo_prover_below(prover, 4) == 0;
        dst[t] = sgeo_prover_buffer(prover, SGEO_FLOATS, accumulate ? SGEO_INOUT : SGEO_OUTPUT,
                                    sgeo_shape_elems(layout));
        of_ref[t] = of_candidate[t] =
            (struct sgeo_split_part){NULL, left_out ? NULL : layout, concat.channels[t]};
        of_ref[t].dst = left_out ? NULL : sgeo_ref_floats(dst[t]);
        of_candidate[t].dst = left_out ? NULL : sgeo_candidate_floats(dst[t]);
    }
    prover->ref.f32_split(of_ref, concat.n_parts, src, &concat.whole, accumulate);
    prover->candidate->f32_split(of_candidate, concat.n_parts, src, &concat.whole, accumulate);
    for (size_t t = 0; t < concat.n_parts; t++)
        if (!sgeo_prover_compare(prover, dst[t], NULL, SGEO_STRICT))
            return false;
    return sgeo_prover_end(prover);
}

bool sgeo_prove_f32_split(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < N_COUNTS; i++)
        for (size_t k = 0; k < N_KINDS; k++)
            if (!split_case(prover, i, &kinds[k], prover->turn % 3, false) ||
                !split_case(prover, i, &kinds[k], prover->turn % 3, true))
                return false;
    return true;
}
