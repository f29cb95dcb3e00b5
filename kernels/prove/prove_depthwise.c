/* Proofs of the depthwise convolution, its transpose, and the gradient of its weights. */
#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"

/* Windows: usual ones; strides that share a factor with the dilation, fit, and skip pixels; filters
 * that are even, single, wider than the image, or that padding alone meets. */
static const struct sgeo_depthwise_window windows[] = {
    {3, 1, 1, 1}, {3, 2, 1, 1}, {5, 1, 2, 1}, {5, 2, 2, 1}, {3, 1, 2, 2},
    {5, 2, 4, 2}, {1, 1, 0, 1}, {2, 3, 0, 1}, {4, 2, 1, 1}, {7, 1, 3, 1},
    {3, 4, 2, 2}, {3, 3, 5, 6}, {6, 1, 3, 1}, {2, 2, 3, 4}, {3, 2, 0, 1},
};

/* Images and their lanes: full and partial vectors, more channels than are summed at once, and
 * enough pixels for whole tiles and every rest. */
static const struct sgeo_shape images[] = {
    {2, 2, 8, 9, 8, SGEO_BLOCKED, 0},  {1, 2, 16, 7, 11, SGEO_BLOCKED, 0},
    {1, 2, 1, 5, 13, SGEO_BLOCKED, 0}, {2, 1, 21, 6, 5, SGEO_LAST, 0},
    {2, 2, 7, 5, 9, SGEO_LAST, 3},     {2, 1, 77, 3, 4, SGEO_LAST, 0},
    {1, 1, 8, 2, 3, SGEO_BLOCKED, 1},  {3, 1, 16, 4, 1, SGEO_BLOCKED, 2},
    {1, 1, 17, 1, 33, SGEO_LAST, 0},   {0, 1, 8, 4, 4, SGEO_BLOCKED, 0},
};

/* One case: the layouts of both sides and the elements of the three tensors. */
struct depthwise {
    struct sgeo_depthwise_window window;
    struct sgeo_layout in, out;
    size_t in_elems, out_elems, weights;
};

static size_t reach(const struct sgeo_depthwise_window *window)
{
    return (window->kernel - 1) * window->dilation + 1;
}

static bool fits(const struct sgeo_shape *shape, const struct sgeo_depthwise_window *window)
{
    return shape->height + 2 * window->pad >= reach(window) &&
           shape->width + 2 * window->pad >= reach(window);
}

static struct depthwise depthwise_of(const struct sgeo_shape *shape,
                                     const struct sgeo_depthwise_window *window)
{
    struct sgeo_shape convolved = *shape;
    convolved.height = (shape->height + 2 * window->pad - reach(window)) / window->stride + 1;
    convolved.width = (shape->width + 2 * window->pad - reach(window)) / window->stride + 1;
    struct depthwise sizes = {
        .window = *window, .in = sgeo_shape_layout(shape), .out = sgeo_shape_layout(&convolved)};
    sizes.in_elems = sgeo_shape_elems(&sizes.in);
    sizes.out_elems = sgeo_shape_elems(&sizes.out);
    sizes.weights = window->kernel * window->kernel * shape->groups * shape->lanes;
    return sizes;
}

/* Run one kind of case for every image and window. */
static bool for_all(struct sgeo_prover *prover,
                    bool (*depthwise_case)(struct sgeo_prover *, const struct depthwise *))
{
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
            if (!fits(&images[i], &windows[w]))
                continue;
            struct depthwise sizes = depthwise_of(&images[i], &windows[w]);
            if (!sgeo_prover_case(
                    prover,
                    "%zux(%zux%zu)x%zux%zu pitch %zu, kernel %zu stride %zu pad %zu dilation %zu",
                    sizes.in.n, sizes.in.groups, sizes.in.lanes, sizes.in.height, sizes.in.width,
                    sizes.in.pitch, windows[w].kernel, windows[w].stride, windows[w].pad,
                    windows[w].dilation))
                continue;
            if (!depthwise_case(prover, &sizes) || !sgeo_prover_end(prover))
                return false;
        }
    return true;
}

/* The result's buffer, and one for the reference's result from absolute values. */
struct results {
    struct sgeo_buffer *own, *absolute;
};

static struct results results_of(struct sgeo_prover *prover, size_t count)
{
    return (struct results){sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count),
                            sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count)};
}

static bool compare(struct sgeo_prover *prover, const struct results *results)
{
    const double *magnitudes = sgeo_prover_magnitudes(prover, sgeo_ref_floats(results->absolute),
                                                      results->absolute->count);
    return sgeo_prover_compare(prover, results->own, magnitudes, SGEO_STRICT);
}

static bool forward_case(struct sgeo_prover *prover, const struct depthwise *sizes)
{
    const float *src = sgeo_prover_source(prover, sizes->in_elems);
    const float *wei = sgeo_prover_source(prover, sizes->weights);
    struct results dst = results_of(prover, sizes->out_elems);
    prover->ref.f32_depthwise(
        sgeo_ref_floats(dst.absolute), sgeo_prover_absolute(prover, src, sizes->in_elems),
        sgeo_prover_absolute(prover, wei, sizes->weights), &sizes->window, &sizes->in, &sizes->out);
    prover->ref.f32_depthwise(sgeo_ref_floats(dst.own), src, wei, &sizes->window, &sizes->in,
                              &sizes->out);
    prover->candidate->f32_depthwise(sgeo_candidate_floats(dst.own), src, wei, &sizes->window,
                                     &sizes->in, &sizes->out);
    return compare(prover, &dst);
}

bool sgeo_prove_f32_depthwise(struct sgeo_prover *prover)
{
    return for_all(prover, forward_case);
}

static bool data_grad_case(struct sgeo_prover *prover, const struct depthwise *sizes)
{
    const float *ddst = sgeo_prover_source(prover, sizes->out_elems);
    const float *wei = sgeo_prover_source(prover, sizes->weights);
    struct results dsrc = results_of(prover, sizes->in_elems);
    prover->ref.f32_depthwise_data_grad(
        sgeo_ref_floats(dsrc.absolute), sgeo_prover_absolute(prover, ddst, sizes->out_elems),
        sgeo_prover_absolute(prover, wei, sizes->weights), &sizes->window, &sizes->in, &sizes->out);
    prover->ref.f32_depthwise_data_grad(sgeo_ref_floats(dsrc.own), ddst, wei, &sizes->window,
                                        &sizes->in, &sizes->out);
    prover->candidate->f32_depthwise_data_grad(sgeo_candidate_floats(dsrc.own), ddst, wei,
                                               &sizes->window, &sizes->in, &sizes->out);
    return compare(prover, &dsrc);
}

bool sgeo_prove_f32_depthwise_data_grad(struct sgeo_prover *prover)
{
    return for_all(prover, data_grad_case);
}

static bool weight_grad_case(struct sgeo_prover *prover, const struct depthwise *sizes)
{
    const float *src = sgeo_prover_source(prover, sizes->in_elems);
    const float *ddst = sgeo_prover_source(prover, sizes->out_elems);
    struct results dwei = results_of(prover, sizes->weights);
    prover->ref.f32_depthwise_weight_grad(sgeo_ref_floats(dwei.absolute),
                                          sgeo_prover_absolute(prover, src, sizes->in_elems),
                                          sgeo_prover_absolute(prover, ddst, sizes->out_elems),
                                          &sizes->window, &sizes->in, &sizes->out);
    prover->ref.f32_depthwise_weight_grad(sgeo_ref_floats(dwei.own), src, ddst, &sizes->window,
                                          &sizes->in, &sizes->out);
    prover->candidate->f32_depthwise_weight_grad(sgeo_candidate_floats(dwei.own), src, ddst,
                                                 &sizes->window, &sizes->in, &sizes->out);
    return compare(prover, &dwei);
}

bool sgeo_prove_f32_depthwise_weight_grad(struct sgeo_prover *prover)
{
    return for_all(prover, weight_grad_case);
}
