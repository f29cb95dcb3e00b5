/* dwei (K,C,3,3) = G' sum_tiles[(B' d B) x (A dy A')] G of src (N,C,H,W), ddst (N,K,H,W), in f32.
 */
#include "base/memory.h"
#include "kernels/scalar/winograd_lanes.h"

#define CHANNELS ((size_t)4) /* of a set of rows: two sets divide multiples of 8 */

/* G' u, six sums along an axis */
SGEO_INLINE void filter_line(float w[3][SGEO_LANES], float u[6][SGEO_LANES])
{
    for (size_t j = 0; j < SGEO_LANES; j++) {
        float sum = u[1][j] + u[2][j], difference = u[2][j] - u[1][j];
        float sum2 = u[3][j] + u[4][j], difference2 = u[3][j] - u[4][j];
        w[0][j] = sgeo_multiply_add_f32(
            0.25f, u[0][j], sgeo_multiply_add_f32(-1.0f / 6.0f, sum, sum2 * (1.0f / 24.0f)));
        w[1][j] = sgeo_multiply_add_f32(1.0f / 6.0f, difference, difference2 * (1.0f / 12.0f));
        w[2][j] = sgeo_multiply_add_f32(1.0f / 6.0f, sum2 - sum, u[5][j]);
    }
}

/* 16 filters from their 36 sums; point p is at u + p*plane. */
static void filters_of(float w[9][SGEO_LANES], const float *u, size_t plane)
{
    float columns[6][3][SGEO_LANES];
    for (size_t x = 0; x < 6; x++) {
        float line[6][SGEO_LANES];
        for (size_t i = 0; i < 6; i++)
            sgeo_copy_lanes(line[i], u + (i * 6 + x) * plane, SGEO_LANES);
        filter_line(columns[x], line);
    }
    for (size_t i = 0; i < 3; i++) {
        float line[6][SGEO_LANES];
        for (size_t x = 0; x < 6; x++)
            sgeo_copy_lanes(line[x], columns[x][i], SGEO_LANES);
        filter_line(w + i * 3, line);
    }
}

/* dwei from sums (panels, 36, C, 16) */
static void write_filters(float *dwei, const float *sums, size_t out_channels, size_t in_channels)
{
    for (size_t k = 0; k < out_channels; k += SGEO_WINOGRAD_PANEL)
        for (size_t c = 0; c < in_channels; c++) {
            float w[9][SGEO_LANES];
            filters_of(w, sums + k * SGEO_WINOGRAD_POINTS * in_channels + c * SGEO_WINOGRAD_PANEL,
                       in_channels * SGEO_WINOGRAD_PANEL);
            for (size_t j = 0; j < sgeo_min(SGEO_WINOGRAD_PANEL, out_channels - k); j++)
                for (size_t e = 0; e < 9; e++)
                    dwei[((k + j) * in_channels + c) * 9 + e] = w[e][j];
        }
}

/* sums (C, 16) += v (tiles, C)' * z (tiles, 16) */
static void add_point(float *sums, const float *v, const float *z, size_t tiles, size_t channels)
{
    for (size_t c = 0; c < channels; c += SGEO_ROW_SETS * CHANNELS) {
        float products[SGEO_ROW_SETS][SGEO_ROWS][SGEO_LANES];
        sgeo_panel_product(products, v + c, 1, channels, z, tiles, CHANNELS);
        for (size_t s = 0; s < SGEO_ROW_SETS; s++)
            for (size_t r = 0; r < CHANNELS; r++)
                for (size_t j = 0; j < SGEO_LANES; j++)
                    sums[(c + s * CHANNELS + r) * SGEO_LANES + j] += products[s][r][j];
    }
}

/* Room: the sums of all points (panels, 36, C, 16), then a block's inputs and gradients. */
struct room {
    float *sums, *v, *z;
    size_t v_plane, z_plane;
};

static struct room room_of(float *room, size_t block, size_t out_channels, size_t in_channels)
{
    struct room parts = {
        .sums = room,
        .v = room + sgeo_winograd_weights_floats(out_channels, in_channels),
        .v_plane = sgeo_winograd_plane_floats(in_channels, block),
        .z_plane = sgeo_winograd_plane_floats(SGEO_WINOGRAD_PANEL, block),
    };
    parts.z = parts.v + SGEO_WINOGRAD_POINTS * parts.v_plane;
    return parts;
}

/* Add the products of one block of tiles; spans differ in src, layout and channels. */
static void add_block(const struct room *room, const struct sgeo_winograd_span *inputs,
                      struct sgeo_winograd_span *grads)
{
    size_t in_channels = inputs->channels;
    sgeo_span_points(room->v, room->v_plane, inputs, SGEO_WINOGRAD_INPUT);
    size_t out_channels = grads->layout->groups * grads->layout->lanes;
    for (grads->first = 0; grads->first < out_channels; grads->first += SGEO_WINOGRAD_PANEL) {
        sgeo_span_points(room->z, room->z_plane, grads, SGEO_WINOGRAD_OUTPUT_GRAD);
        float *sums = room->sums + grads->first * SGEO_WINOGRAD_POINTS * in_channels;
        for (size_t p = 0; p < SGEO_WINOGRAD_POINTS; p++)
            add_point(sums + p * in_channels * SGEO_WINOGRAD_PANEL, room->v + p * room->v_plane,
                      room->z + p * room->z_plane, grads->count, in_channels);
    }
}

void SGEO_SYMBOL(f32_winograd_weight_grad)(float *dwei, const float *src, const float *ddst,
                                           float *room, size_t block, const struct sgeo_layout *in,
                                           const struct sgeo_layout *out)
{
    size_t in_channels = in->groups * in->lanes, out_channels = out->groups * out->lanes;
    size_t tiles = sgeo_winograd_tiles(in);
    struct room parts = room_of(room, block, out_channels, in_channels);
    struct sgeo_winograd_span inputs = {.src = src, .layout = in, .channels = in_channels};
    struct sgeo_winograd_span grads = {.src = ddst, .layout = out, .channels = SGEO_WINOGRAD_PANEL};
    for (size_t i = 0; i < sgeo_winograd_weights_floats(out_channels, in_channels); i++)
        parts.sums[i] = 0.0f;
    for (size_t first = 0; first < tiles; first += block) {
        inputs.tile = grads.tile = sgeo_winograd_tile_at(in, first);
        inputs.count = grads.count =
            sgeo_round_up(sgeo_min(block, tiles - first), SGEO_WINOGRAD_UNIT);
        add_block(&parts, &inputs, &grads);
    }
    write_filters(dwei, parts.sums, out_channels, in_channels);
}
