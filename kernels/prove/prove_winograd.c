/* Proofs of the 3x3 convolutions by F(4x4,3x3). */
#include <math.h>
#include <string.h>

#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"
#include "kernels/ref/index.h"
#include "kernels/winograd_tiles.h"

/* The input's shape, the output's channels, and the tiles of a block. */
struct problem {
    struct sgeo_shape in;
    size_t out_groups, out_lanes, block;
};

/* Tiles: 1, units - 1, units, more than a block; full, cut, and smaller than a tile. */
static const struct problem convolutions[] = {
    {{1, 1, 8, 4, 4, SGEO_BLOCKED, 0}, 1, 8, 12},
    {{1, 1, 8, 1, 1, SGEO_BLOCKED, 0}, 1, 8, 24},
    {{3, 1, 8, 5, 7, SGEO_BLOCKED, 0}, 2, 8, 12},
    {{1, 2, 8, 11, 15, SGEO_BLOCKED, 0}, 3, 8, 12},
    {{1, 2, 8, 13, 16, SGEO_BLOCKED, 0}, 2, 8, 12},
    {{1, 1, 16, 3, 41, SGEO_BLOCKED, 0}, 1, 16, 12},
    {{2, 1, 16, 9, 9, SGEO_BLOCKED, 0}, 2, 16, 12},
    {{1, 1, 16, 20, 20, SGEO_BLOCKED, 0}, 1, 16, 24},
    {{1, 5, 8, 8, 6, SGEO_BLOCKED, 2}, 1, 8, 12},
    {{2, 3, 8, 6, 5, SGEO_LAST, 3}, 2, 8, 12},
    {{1, 1, 40, 4, 9, SGEO_LAST, 0}, 1, 8, 12},
    {{1, 1, 16, 2, 6, SGEO_LAST, 0}, 1, 24, 12},
    {{0, 1, 8, 4, 4, SGEO_BLOCKED, 0}, 1, 8, 12},
    {{1, 1, 8, 0, 4, SGEO_BLOCKED, 0}, 1, 8, 12},
};

/* The same with the sums of all weights in the room. */
static const struct problem gradients[] = {
    {{1, 1, 8, 4, 4, SGEO_BLOCKED, 0}, 1, 8, 12},   {{1, 1, 8, 1, 1, SGEO_BLOCKED, 0}, 1, 8, 24},
    {{3, 1, 8, 5, 7, SGEO_BLOCKED, 0}, 2, 8, 12},   {{1, 1, 8, 11, 15, SGEO_BLOCKED, 0}, 3, 8, 12},
    {{1, 2, 8, 13, 16, SGEO_BLOCKED, 0}, 2, 8, 12}, {{2, 1, 16, 9, 9, SGEO_BLOCKED, 0}, 1, 16, 12},
    {{1, 1, 8, 20, 20, SGEO_BLOCKED, 0}, 1, 8, 24}, {{1, 3, 8, 8, 6, SGEO_BLOCKED, 2}, 1, 8, 12},
    {{2, 2, 8, 6, 5, SGEO_LAST, 3}, 2, 8, 12},      {{1, 1, 8, 4, 9, SGEO_LAST, 0}, 1, 24, 12},
    {{0, 1, 8, 4, 4, SGEO_BLOCKED, 0}, 1, 8, 12},   {{1, 1, 8, 3, 0, SGEO_BLOCKED, 0}, 1, 8, 12},
};

/* One case: both layouts, the channels of both, and a room of poison. */
struct setting {
    struct sgeo_layout in, out;
    size_t in_channels, out_channels, block;
};

/* False when the case is skipped. */
static bool setting_of(struct setting *setting, struct sgeo_prover *prover,
                       const struct problem *problem)
{
    struct sgeo_shape shape = problem->in;
    *setting = (struct setting){.in = sgeo_shape_layout(&shape), .block = problem->block};
    shape.groups = problem->out_groups;
    shape.lanes = problem->out_lanes;
    setting->out = sgeo_shape_layout(&shape);
    setting->in_channels = sgeo_ref_channels(&setting->in);
    setting->out_channels = sgeo_ref_channels(&setting->out);
    return sgeo_prover_case(
        prover, "%zux%zux%zux%zu pitch %zu to %zu channels, pitch %zu, blocks of %zu",
        setting->in.n, setting->in_channels, setting->in.height, setting->in.width,
        setting->in.pitch, setting->out_channels, setting->out.pitch, setting->block);
}

static float *room_of(struct sgeo_prover *prover, size_t floats)
{
    return sgeo_candidate_floats(sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, floats));
}

/* Pixels first .. first+size-1 along both axes of channel c of an image. */
struct square {
    size_t n, c, y, x, border, size;
};

/* The largest absolute value in a square, or the sum of all; NaN when one of them is not finite. */
static double absolute_in(const float *src, const struct sgeo_layout *layout,
                          const struct square *square, bool sum)
{
    double all = 0.0;
    for (size_t i = 0; i < square->size * square->size; i++) {
        size_t y = square->y - square->border + i / square->size;
        size_t x = square->x - square->border + i % square->size;
        if (y >= layout->height || x >= layout->width)
            continue;
        double value = fabs((double)src[sgeo_ref_at(layout, square->n, square->c, y, x)]);
        if (!isfinite(value))
            return (double)NAN;
        all = sum ? all + value : fmax(all, value);
    }
    return all;
}

static double largest_input(const float *src, const struct sgeo_layout *layout,
                            const struct sgeo_winograd_tile *tile, size_t c)
{
    return absolute_in(src, layout, &(struct square){tile->n, c, tile->y, tile->x, 1, SGEO_PATCH},
                       false);
}

static double filter_sum(const float *filter)
{
    double sum = 0.0;
    for (size_t e = 0; e < 9; e++)
        sum += fabs((double)filter[e]);
    return sum;
}

/*
 * A tile's other results may be finite or not where one of its inputs is not: take the candidate's
 * word for them.
 */
static void excuse(struct sgeo_buffer *dst, const double *magnitudes)
{
    for (size_t i = 0; i < dst->count; i++)
        if (!isfinite(magnitudes[i]) && isfinite(sgeo_ref_floats(dst)[i]))
            sgeo_ref_floats(dst)[i] = sgeo_candidate_floats(dst)[i];
}

/* Whether a filter's line r enters point i of its transform, along an axis. */
static bool enters(size_t r, size_t i)
{
    return i == 0 ? r == 0 : i < 5 || r == 2;
}

/* The weights that enter a point, in absolute values. */
static double point_sum(const float *filter, size_t point, bool flipped)
{
    double sum = 0.0;
    for (size_t e = 0; e < 9; e++)
        if (enters(e / 3, point / 6) && enters(e % 3, point % 6))
            sum += fabs((double)filter[flipped ? 8 - e : e]);
    return sum;
}

static void weights_magnitudes(double *magnitudes, const float *wei, size_t out_channels,
                               size_t in_channels, bool transposed)
{
    size_t in = transposed ? out_channels : in_channels;
    size_t out = transposed ? in_channels : out_channels;
    for (size_t at = 0; at < sgeo_winograd_weights_floats(out, in); at++) {
        size_t row = at / SGEO_WINOGRAD_PANEL, c = row % in,
               point = row / in % SGEO_WINOGRAD_POINTS;
        size_t k = row / in / SGEO_WINOGRAD_POINTS * SGEO_WINOGRAD_PANEL + at % SGEO_WINOGRAD_PANEL;
        size_t filter = transposed ? c * in_channels + k : k * in_channels + c;
        magnitudes[at] = k < out ? point_sum(wei + filter * 9, point, transposed) : 0.0;
    }
}

static bool weights_case(struct sgeo_prover *prover, size_t out_channels, size_t in_channels)
{
    bool transposed = prover->turn % 2 == 1;
    size_t in = transposed ? out_channels : in_channels;
    size_t out = transposed ? in_channels : out_channels;
    if (!sgeo_prover_case(prover, "%zu to %zu channels%s", in_channels, out_channels,
                          transposed ? ", transposed" : ""))
        return true;
    const float *wei = sgeo_prover_source(prover, out_channels * in_channels * 9);
    struct sgeo_buffer *u =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, sgeo_winograd_weights_floats(out, in));
    prover->ref.f32_winograd_weights(sgeo_ref_floats(u), wei, out_channels, in_channels,
                                     transposed);
    prover->candidate->f32_winograd_weights(sgeo_candidate_floats(u), wei, out_channels,
                                            in_channels, transposed);
    weights_magnitudes(prover->magnitudes, wei, out_channels, in_channels, transposed);
    return sgeo_prover_compare(prover, u, prover->magnitudes, SGEO_LOOSE) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_winograd_weights(struct sgeo_prover *prover)
{
    static const size_t channels[][2] = {{0, 8},  {8, 0},  {1, 1},   {8, 8},   {15, 2}, {16, 3},
                                         {17, 5}, {2, 15}, {5, 16},  {7, 17},  {31, 2}, {1, 31},
                                         {33, 9}, {9, 33}, {16, 16}, {24, 24}, {3, 47}};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int turn = 0; turn < 2; turn++) /* as they are and transposed */
            if (!weights_case(prover, channels[i][0], channels[i][1]))
                return false;
    return true;
}

/* What the accuracy of one tile's outputs is relative to. */
static void conv_tile_magnitudes(double *magnitudes, const float *src, const float *wei,
                                 const struct setting *setting,
                                 const struct sgeo_winograd_tile *tile)
{
    for (size_t k = 0; k < setting->out_channels; k++) {
        double sum = 0.0;
        for (size_t c = 0; c < setting->in_channels; c++)
            sum += largest_input(src, &setting->in, tile, c) *
                   filter_sum(wei + (k * setting->in_channels + c) * 9);
        for (size_t i = 0; i < SGEO_TILE * SGEO_TILE; i++) {
            size_t y = tile->y + i / SGEO_TILE, x = tile->x + i % SGEO_TILE;
            if (y < setting->out.height && x < setting->out.width)
                magnitudes[sgeo_ref_at(&setting->out, tile->n, k, y, x)] = sum;
        }
    }
}

/* Transformed weights in both twins, by the reference. */
static const float *points_of(struct sgeo_prover *prover, const float *wei,
                              const struct setting *setting)
{
    struct sgeo_buffer *u = sgeo_prover_buffer(
        prover, SGEO_FLOATS, SGEO_SOURCE,
        sgeo_winograd_weights_floats(setting->out_channels, setting->in_channels));
    prover->ref.f32_winograd_weights(sgeo_ref_floats(u), wei, setting->out_channels,
                                     setting->in_channels, false);
    memcpy(sgeo_candidate_floats(u), sgeo_ref_floats(u), u->count * sizeof(float));
    return sgeo_candidate_floats(u);
}

static bool conv_case(struct sgeo_prover *prover, const struct problem *problem)
{
    struct setting setting;
    if (!setting_of(&setting, prover, problem))
        return true;
    const float *src = sgeo_prover_source(prover, sgeo_shape_elems(&setting.in));
    const float *wei = sgeo_prover_source(prover, setting.out_channels * setting.in_channels * 9);
    const float *u = points_of(prover, wei, &setting);
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, sgeo_shape_elems(&setting.out));
    float *room = room_of(prover, sgeo_winograd_room_floats(setting.in_channels, setting.block));
    prover->ref.f32_winograd_conv(sgeo_ref_floats(dst), src, u, NULL, setting.block, &setting.in,
                                  &setting.out);
    prover->candidate->f32_winograd_conv(sgeo_candidate_floats(dst), src, u, room, setting.block,
                                         &setting.in, &setting.out);
    for (size_t i = 0; i < dst->count; i++)
        prover->magnitudes[i] = 0.0; /* gaps */
    for (size_t t = 0; t < sgeo_winograd_tiles(&setting.in); t++) {
        struct sgeo_winograd_tile tile = sgeo_winograd_tile_at(&setting.in, t);
        conv_tile_magnitudes(prover->magnitudes, src, wei, &setting, &tile);
    }
    excuse(dst, prover->magnitudes);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_LOOSE) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_winograd_conv(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < sizeof convolutions / sizeof *convolutions; i++)
        if (!conv_case(prover, &convolutions[i]))
            return false;
    return true;
}

/* What the accuracy of a filter's gradient is relative to. */
static double gradient_magnitude(const float *src, const float *ddst, const struct setting *setting,
                                 size_t k, size_t c)
{
    double sum = 0.0;
    for (size_t t = 0; t < sgeo_winograd_tiles(&setting->in); t++) {
        struct sgeo_winograd_tile tile = sgeo_winograd_tile_at(&setting->in, t);
        struct square outputs = {tile.n, k, tile.y, tile.x, 0, SGEO_TILE};
        sum += largest_input(src, &setting->in, &tile, c) *
               absolute_in(ddst, &setting->out, &outputs, true);
    }
    return sum;
}

static bool gradient_case(struct sgeo_prover *prover, const struct problem *problem)
{
    struct setting setting;
    if (!setting_of(&setting, prover, problem))
        return true;
    const float *src = sgeo_prover_source(prover, sgeo_shape_elems(&setting.in));
    const float *ddst = sgeo_prover_source(prover, sgeo_shape_elems(&setting.out));
    size_t filters = setting.out_channels * setting.in_channels;
    struct sgeo_buffer *dwei = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, filters * 9);
    float *room = room_of(prover, sgeo_winograd_grad_room_floats(
                                      setting.out_channels, setting.in_channels, setting.block));
    prover->ref.f32_winograd_weight_grad(sgeo_ref_floats(dwei), src, ddst, NULL, setting.block,
                                         &setting.in, &setting.out);
    prover->candidate->f32_winograd_weight_grad(sgeo_candidate_floats(dwei), src, ddst, room,
                                                setting.block, &setting.in, &setting.out);
    for (size_t i = 0; i < filters; i++)
        for (size_t e = 0; e < 9; e++)
            prover->magnitudes[i * 9 + e] = gradient_magnitude(
                src, ddst, &setting, i / setting.in_channels, i % setting.in_channels);
    excuse(dwei, prover->magnitudes);
    return sgeo_prover_compare(prover, dwei, prover->magnitudes, SGEO_LOOSE) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_winograd_weight_grad(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++)
        if (!gradient_case(prover, &gradients[i]))
            return false;
    return true;
}
