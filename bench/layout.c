#include "bench/layout.h"

#include "base/memory.h"
#include "bench/args.h"

static struct sgeo_layout layout_of(size_t n, size_t channels, size_t lanes, size_t side)
{
    size_t pixels = side * side;
    bool blocked = lanes < channels;
    return (struct sgeo_layout){.n = n,
                                .groups = channels / lanes,
                                .lanes = lanes,
                                .height = side,
                                .width = side,
                                .image = channels * pixels,
                                .group = blocked ? pixels * lanes : lanes,
                                .pitch = lanes};
}

static bool has_elems(size_t n, size_t channels, size_t side)
{
    size_t product;
    return sgeo_size_mul(n, channels, &product) && sgeo_size_mul(product, side, &product) &&
           sgeo_size_mul(product, side, &product) && product > 0;
}

enum sgeo_status sgeo_bench_layout_of(struct sgeo_layout *layout, size_t n, size_t channels,
                                      size_t lanes, size_t side, const struct sgeo_bench_args *args)
{
    if (!has_elems(n, channels, side) || lanes == 0 || channels % lanes != 0)
        return sgeo_fail(SGEO_USAGE, "n, c and hw are positive, lanes divides c",
                         "%s: no activation of %zu x %zu x %zu x %zu in lanes of %zu",
                         sgeo_bench_args_place(args), n, channels, side, side, lanes);
    *layout = layout_of(n, channels, lanes, side);
    return SGEO_OK;
}

enum sgeo_status sgeo_bench_layout(struct sgeo_layout *layout, const struct sgeo_bench_args *args)
{
    size_t n, channels, side, lanes;
    enum sgeo_status status = sgeo_bench_size(&n, args, "n");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&channels, args, "c");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&side, args, "hw");
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&lanes, args, "lanes", channels);
    return status == SGEO_OK ? sgeo_bench_layout_of(layout, n, channels, lanes, side, args)
                             : status;
}

struct sgeo_layout sgeo_bench_layout_of_side(const struct sgeo_layout *layout, size_t side)
{
    return layout_of(layout->n, sgeo_bench_layout_channels(layout), layout->lanes, side);
}

size_t sgeo_bench_layout_elems(const struct sgeo_layout *layout)
{
    return layout->n * layout->image;
}

size_t sgeo_bench_layout_channels(const struct sgeo_layout *layout)
{
    return layout->groups * layout->lanes;
}
