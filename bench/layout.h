/* Activations of the bench cases. */
#ifndef SGEO_BENCH_LAYOUT_H
#define SGEO_BENCH_LAYOUT_H

#include "bench/load.h"

/*
 * The activation of a line: n images of c channels, hw x hw pixels; lanes=L: blocks of L channels,
 * without it channels-last. SGEO_USAGE for a size of zero, and where lanes does not divide c.
 */
enum sgeo_status sgeo_bench_layout(struct sgeo_layout *layout, const struct sgeo_bench_args *args);

/* The same from sizes that a line gives in other words. */
enum sgeo_status sgeo_bench_layout_of(struct sgeo_layout *layout, size_t n, size_t channels,
                                      size_t lanes, size_t side,
                                      const struct sgeo_bench_args *args);

/* The same activation with another side. */
struct sgeo_layout sgeo_bench_layout_of_side(const struct sgeo_layout *layout, size_t side);

/* Elements of an activation, and channels. */
size_t sgeo_bench_layout_elems(const struct sgeo_layout *layout);
size_t sgeo_bench_layout_channels(const struct sgeo_layout *layout);

#endif
