/* dst (N,K,H,W) = 3x3 convolution of src (N,C,H,W) by F(4x4,3x3), in f32. */
#include "base/memory.h"
#include "kernels/scalar/winograd_lanes.h"

/* m (tiles, 16) = v (tiles, C) * u (C, 16); tiles is a multiple of SGEO_WINOGRAD_UNIT */
static void multiply_point(float *m, const float *v, const float *u, size_t tiles, size_t channels)
{
    for (size_t t = 0; t < tiles; t += SGEO_ROW_SETS * SGEO_ROWS) {
        float sums[SGEO_ROW_SETS][SGEO_ROWS][SGEO_LANES];
        sgeo_panel_product(sums, v + t * channels, channels, 1, u, channels, SGEO_ROWS);
        for (size_t s = 0; s < SGEO_ROW_SETS; s++)
            for (size_t r = 0; r < SGEO_ROWS; r++)
                sgeo_copy_lanes(m + (t + s * SGEO_ROWS + r) * SGEO_LANES, sums[s][r], SGEO_LANES);
    }
}

/* Row y of a tile's outputs, as far as the image goes. */
SGEO_INLINE void write_row(float *dst, const struct sgeo_layout *out, size_t cols,
                           float y[4][SGEO_LANES], size_t width)
{
    if (cols == SGEO_TILE)
        for (size_t x = 0; x < SGEO_TILE; x++)
            sgeo_copy_lanes(dst + x * out->pitch, y[x], width);
    else
        for (size_t x = 0; x < cols; x++)
            sgeo_copy_lanes(dst + x * out->pitch, y[x], width);
}

/* The outputs of one tile at `width` channels; dst is its first row, point p is at m + p*plane */
SGEO_INLINE void write_tile(float *dst, const struct sgeo_layout *out,
                            const struct sgeo_winograd_tile *tile, const float *m, size_t plane,
                            size_t width)
{
    float columns[6][4][SGEO_LANES];
    size_t rows = sgeo_min(SGEO_TILE, out->height - tile->y);
    size_t cols = sgeo_min(SGEO_TILE, out->width - tile->x);
    for (size_t x = 0; x < 6; x++) {
        float d[6][SGEO_LANES];
        for (size_t i = 0; i < 6; i++)
            sgeo_copy_lanes(d[i], m + (i * 6 + x) * plane, width);
        sgeo_output_line(columns[x], d, width);
    }
    for (size_t i = 0; i < rows; i++) {
        float d[6][SGEO_LANES], y[4][SGEO_LANES];
        for (size_t x = 0; x < 6; x++)
            sgeo_copy_lanes(d[x], columns[x][i], width);
        sgeo_output_line(y, d, width);
        float *row = dst + i * out->width * out->pitch;
        write_row(row + tile->x * out->pitch, out, cols, y, width);
    }
}

/* A block's products of one panel: `count` tiles from `tile` on, channels from `first` on. */
struct panel {
    const float *m;
    size_t plane;
    struct sgeo_winograd_tile tile;
    size_t count, first;
};

SGEO_INLINE void write_panel_of(float *dst, const struct sgeo_layout *out,
                                const struct panel *panel, size_t width)
{
    struct sgeo_winograd_tile tile = panel->tile, next = tile;
    for (size_t t = 0; t < SGEO_TILES_AHEAD; t++)
        sgeo_winograd_advance(&next, out);
    size_t end = sgeo_min(panel->first + SGEO_WINOGRAD_PANEL, out->groups * out->lanes);
    for (size_t t = 0; t < panel->count; t++) {
        struct sgeo_channel_walk walk = sgeo_channel_walk_at(out, panel->first);
        float *row = dst + tile.n * out->image + tile.y * out->width * out->pitch;
        struct sgeo_winograd_ahead ahead = sgeo_winograd_ahead_of(out, &next);
        while (walk.channel < end) {
            const float *m = panel->m + t * SGEO_WINOGRAD_PANEL + walk.channel - panel->first;
            sgeo_winograd_fetch(dst + walk.offset, &ahead, width, true);
            write_tile(row + walk.offset, out, &tile, m, panel->plane, width);
            sgeo_channel_walk_advance(&walk, out, width);
        }
        sgeo_winograd_advance(&tile, out);
        sgeo_winograd_advance(&next, out);
    }
}

static void write_panel(float *dst, const struct sgeo_layout *out, const struct panel *panel)
{
    if (sgeo_winograd_width(out) == 16)
        write_panel_of(dst, out, panel, 16);
    else
        write_panel_of(dst, out, panel, 8);
}

/* The outputs of `span`'s tiles, of which `count` exist, from their points v and u. */
static void write_block(float *dst, const struct sgeo_layout *out, const float *u, float *v,
                        size_t block, const struct sgeo_winograd_span *span, size_t count)
{
    size_t channels = span->channels, plane = sgeo_winograd_plane_floats(channels, block);
    float *m = v + SGEO_WINOGRAD_POINTS * plane;
    struct panel panel = {m, sgeo_winograd_plane_floats(SGEO_WINOGRAD_PANEL, block), span->tile,
                          count, 0};
    for (; panel.first < out->groups * out->lanes; panel.first += SGEO_WINOGRAD_PANEL) {
        for (size_t p = 0; p < SGEO_WINOGRAD_POINTS; p++)
            multiply_point(m + p * panel.plane, v + p * plane,
                           u + (panel.first * SGEO_WINOGRAD_POINTS + p * SGEO_WINOGRAD_PANEL) *
                                   channels,
                           span->count, channels);
        write_panel(dst, out, &panel);
    }
}

static void transform_inputs(float *v, size_t block, const struct sgeo_winograd_span *span)
{
    sgeo_span_points(v, sgeo_winograd_plane_floats(span->channels, block), span,
                     SGEO_WINOGRAD_INPUT);
}

void SGEO_SYMBOL(f32_winograd_conv)(float *dst, const float *src, const float *u, float *room,
                                    size_t block, const struct sgeo_layout *in,
                                    const struct sgeo_layout *out)
{
    struct sgeo_winograd_span span = {.src = src, .layout = in, .channels = in->groups * in->lanes};
    size_t tiles = sgeo_winograd_tiles(in);
    for (size_t first = 0; first < tiles; first += block) {
        size_t count = sgeo_min(block, tiles - first);
        span.tile = sgeo_winograd_tile_at(in, first);
        span.count = sgeo_round_up(count, SGEO_WINOGRAD_UNIT);
        transform_inputs(room, block, &span);
        write_block(dst, out, u, room, block, &span, count);
    }
}
