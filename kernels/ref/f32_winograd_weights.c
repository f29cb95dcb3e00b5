/* u (panels, 36, in, 16) = G w G' of wei (K,C,3,3), in double: G of Lavin and Gray, equation (10).
 */
#include "kernels/symbols.h"

static const double g[6][3] = {
    {1.0 / 4.0, 0.0, 0.0},
    {-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0},
    {-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0},
    {1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0},
    {1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0},
    {0.0, 0.0, 1.0},
};

/* Point (i, x) of a filter; what G leaves out does not count, not even NaN. */
static double point_of(const float *filter, bool flipped, size_t i, size_t x)
{
    double sum = 0.0;
    for (size_t r = 0; r < 3; r++)
        for (size_t s = 0; s < 3; s++)
            if (g[i][r] != 0.0 && g[x][s] != 0.0) /* exact zeros of the matrix */
                sum += g[i][r] * g[x][s] * (double)filter[flipped ? 8 - r * 3 - s : r * 3 + s];
    return sum;
}

void sgeo_f32_winograd_weights__ref(float *u, const float *wei, size_t out_channels,
                                    size_t in_channels, bool transposed)
{
    size_t in = transposed ? out_channels : in_channels;
    size_t out = transposed ? in_channels : out_channels;
    for (size_t at = 0; at < sgeo_winograd_weights_floats(out, in); at++) {
        size_t lane = at % SGEO_WINOGRAD_PANEL, row = at / SGEO_WINOGRAD_PANEL;
        size_t c = row % in, point = row / in % SGEO_WINOGRAD_POINTS;
        size_t k = row / in / SGEO_WINOGRAD_POINTS * SGEO_WINOGRAD_PANEL + lane;
        size_t filter = transposed ? c * in_channels + k : k * in_channels + c;
        u[at] =
            k < out ? (float)point_of(wei + filter * 9, transposed, point / 6, point % 6) : 0.0f;
    }
}
