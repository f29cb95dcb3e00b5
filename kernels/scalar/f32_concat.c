/* dst (N,C,H,W) = channels of the parts side by side, then zeros. */
#include "kernels/scalar/compose.h"

void SGEO_SYMBOL(f32_concat)(float *dst, const struct sgeo_concat_part *parts, size_t n_parts,
                             const struct sgeo_layout *layout)
{
    struct sgeo_runs runs = sgeo_runs_of(layout);
    struct sgeo_pieces pieces;
    if (runs.pixels == 0)
        return;
    for (size_t n = 0; n < runs.images; n++)
        for (size_t c = 0; c < runs.channels; c += runs.lanes) {
            struct sgeo_compose_run run = {dst + sgeo_runs_at(&runs, n, c), runs.pixels, runs.pitch,
                                           runs.lanes};
            sgeo_pieces_of(&pieces, parts, n_parts, n, c, runs.lanes);
            sgeo_compose_copy(&run, &pieces);
        }
}
