/* Proofs of the pools and their transposes. */
#include "kernels/prove/layouts.h"
#include "kernels/prove/prover.h"

/* Windows: usual ones, strides that overlap, fit and skip, borders wider than the image; the
 * largest.
 */
static const struct sgeo_pool_window windows[] = {
    {3, 1, 1}, {2, 2, 0}, {3, 2, 1},
    {1, 1, 0}, {5, 1, 2}, {4, 3, 1},
    {2, 3, 0}, {7, 1, 3}, {SGEO_POOL_MAX_KERNEL, 3, 7}};

/* Images and their lanes: the pixels that a pool sees matter here, not the number of images. */
static const struct sgeo_shape images[] = {
    {2, 2, 8, 8, 8, SGEO_BLOCKED, 0},   {1, 1, 16, 7, 5, SGEO_BLOCKED, 0},
    {1, 2, 1, 5, 6, SGEO_BLOCKED, 0},   {1, 1, 20, 6, 5, SGEO_LAST, 0},
    {2, 2, 8, 5, 7, SGEO_LAST, 3},      {1, 1, 8, 2, 3, SGEO_BLOCKED, 1},
    {1, 1, 8, 17, 16, SGEO_BLOCKED, 0}, {0, 1, 8, 4, 4, SGEO_BLOCKED, 0},
};

/* One case: the layouts of both sides and the labelled buffers' sizes. */
struct pool {
    struct sgeo_pool_window window;
    struct sgeo_layout in, out;
    size_t in_elems, out_elems;
};

static struct pool pool_of(const struct sgeo_shape *shape, const struct sgeo_pool_window *window)
{
    struct sgeo_shape pooled = *shape;
    pooled.height = (shape->height + 2 * window->pad - window->kernel) / window->stride + 1;
    pooled.width = (shape->width + 2 * window->pad - window->kernel) / window->stride + 1;
    struct pool pool = {
        .window = *window, .in = sgeo_shape_layout(shape), .out = sgeo_shape_layout(&pooled)};
    pool.in_elems = sgeo_shape_elems(&pool.in);
    pool.out_elems = sgeo_shape_elems(&pool.out);
    return pool;
}

static bool fits(const struct sgeo_shape *shape, const struct sgeo_pool_window *window)
{
    return shape->height + 2 * window->pad >= window->kernel &&
           shape->width + 2 * window->pad >= window->kernel;
}

/* Run one kind of case for every image and window. */
static bool for_all(struct sgeo_prover *prover,
                    bool (*pool_case)(struct sgeo_prover *, const struct pool *))
{
    for (size_t i = 0; i < sizeof images / sizeof *images; i++)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
            if (!fits(&images[i], &windows[w]))
                continue;
            struct pool pool = pool_of(&images[i], &windows[w]);
            if (!sgeo_prover_case(
                    prover, "%zux(%zux%zu)x%zux%zu pitch %zu, kernel %zu stride %zu pad %zu",
                    pool.in.n, pool.in.groups, pool.in.lanes, pool.in.height, pool.in.width,
                    pool.in.pitch, windows[w].kernel, windows[w].stride, windows[w].pad))
                continue;
            if (!pool_case(prover, &pool) || !sgeo_prover_end(prover))
                return false;
        }
    return true;
}

/* A pool or its transpose: elements of either side, and the kernels on floats and on bf16. */
struct average {
    size_t src_elems, dst_elems;
    sgeo_f32_avgpool_fn f32_ref, f32_candidate;
    sgeo_bf16_avgpool_fn bf16_candidate;
};

static struct average forward_average(const struct sgeo_prover *prover, const struct pool *pool)
{
    return (struct average){pool->in_elems, pool->out_elems, prover->ref.f32_avgpool,
                            prover->candidate->f32_avgpool, prover->candidate->bf16_avgpool};
}

/* From the gradient of the outputs to that of the inputs. */
static struct average backward_average(const struct sgeo_prover *prover, const struct pool *pool)
{
    return (struct average){pool->out_elems, pool->in_elems, prover->ref.f32_avgpool_grad,
                            prover->candidate->f32_avgpool_grad,
                            prover->candidate->bf16_avgpool_grad};
}

static bool f32_average_case(struct sgeo_prover *prover, const struct pool *pool,
                             const struct average *average)
{
    const float *src = sgeo_prover_source(prover, average->src_elems);
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, average->dst_elems);
    float *sizes = sgeo_ref_floats(sgeo_prover_scratch(prover, average->dst_elems));
    average->f32_ref(sizes, sgeo_prover_absolute(prover, src, average->src_elems), &pool->window,
                     &pool->in, &pool->out);
    average->f32_ref(sgeo_ref_floats(dst), src, &pool->window, &pool->in, &pool->out);
    average->f32_candidate(sgeo_candidate_floats(dst), src, &pool->window, &pool->in, &pool->out);
    return sgeo_prover_compare(
        prover, dst, sgeo_prover_magnitudes(prover, sizes, average->dst_elems), SGEO_STRICT);
}

static bool bf16_average_case(struct sgeo_prover *prover, const struct pool *pool,
                              const struct average *average)
{
    struct sgeo_buffer *src =
        sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_SOURCE, average->src_elems);
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_OUTPUT, average->dst_elems);
    const float *values = sgeo_prover_values(prover, src);
    struct sgeo_buffer *exact = sgeo_prover_scratch(prover, average->dst_elems);
    float *sizes = sgeo_ref_floats(sgeo_prover_scratch(prover, average->dst_elems));
    average->f32_ref(sizes, sgeo_prover_absolute(prover, values, average->src_elems), &pool->window,
                     &pool->in, &pool->out);
    average->f32_ref(sgeo_ref_floats(exact), values, &pool->window, &pool->in, &pool->out);
    average->bf16_candidate(sgeo_candidate_data(dst), sgeo_candidate_data(src), &pool->window,
                            &pool->in, &pool->out);
    return sgeo_prover_compare_rounded(prover, dst, exact,
                                       sgeo_prover_magnitudes(prover, sizes, average->dst_elems));
}

static bool f32_avgpool_case(struct sgeo_prover *prover, const struct pool *pool)
{
    struct average average = forward_average(prover, pool);
    return f32_average_case(prover, pool, &average);
}

static bool f32_avgpool_grad_case(struct sgeo_prover *prover, const struct pool *pool)
{
    struct average average = backward_average(prover, pool);
    return f32_average_case(prover, pool, &average);
}

static bool bf16_avgpool_case(struct sgeo_prover *prover, const struct pool *pool)
{
    struct average average = forward_average(prover, pool);
    return bf16_average_case(prover, pool, &average);
}

static bool bf16_avgpool_grad_case(struct sgeo_prover *prover, const struct pool *pool)
{
    struct average average = backward_average(prover, pool);
    return bf16_average_case(prover, pool, &average);
}

bool sgeo_prove_f32_avgpool(struct sgeo_prover *prover)
{
    return for_all(prover, f32_avgpool_case);
}

bool sgeo_prove_f32_avgpool_grad(struct sgeo_prover *prover)
{
    return for_all(prover, f32_avgpool_grad_case);
}

bool sgeo_prove_bf16_avgpool(struct sgeo_prover *prover)
{
    return for_all(prover, bf16_avgpool_case);
}

bool sgeo_prove_bf16_avgpool_grad(struct sgeo_prover *prover)
{
    return for_all(prover, bf16_avgpool_grad_case);
}

static bool f32_maxpool_case(struct sgeo_prover *prover, const struct pool *pool)
{
    const float *src = sgeo_prover_source(prover, pool->in_elems);
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, pool->out_elems);
    struct sgeo_buffer *where =
        sgeo_prover_buffer(prover, SGEO_BYTES, SGEO_OUTPUT, pool->out_elems);
    prover->ref.f32_maxpool(sgeo_ref_floats(dst), where->twin, src, &pool->window, &pool->in,
                            &pool->out);
    prover->candidate->f32_maxpool(sgeo_candidate_floats(dst), where->guard.data, src,
                                   &pool->window, &pool->in, &pool->out);
    return sgeo_prover_compare(prover, dst, NULL, SGEO_STRICT) &&
           sgeo_prover_compare(prover, where, NULL, SGEO_STRICT);
}

static bool bf16_maxpool_case(struct sgeo_prover *prover, const struct pool *pool)
{
    struct sgeo_buffer *src = sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_SOURCE, pool->in_elems);
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_OUTPUT, pool->out_elems);
    struct sgeo_buffer *where =
        sgeo_prover_buffer(prover, SGEO_BYTES, SGEO_OUTPUT, pool->out_elems);
    struct sgeo_buffer *exact = sgeo_prover_scratch(prover, pool->out_elems);
    prover->ref.f32_maxpool(sgeo_ref_floats(exact), where->twin, sgeo_prover_values(prover, src),
                            &pool->window, &pool->in, &pool->out);
    prover->candidate->bf16_maxpool(sgeo_candidate_data(dst), where->guard.data,
                                    sgeo_candidate_data(src), &pool->window, &pool->in, &pool->out);
    return sgeo_prover_compare_rounded(prover, dst, exact, NULL) &&
           sgeo_prover_compare(prover, where, NULL, SGEO_STRICT);
}

bool sgeo_prove_f32_maxpool(struct sgeo_prover *prover)
{
    return for_all(prover, f32_maxpool_case);
}

bool sgeo_prove_bf16_maxpool(struct sgeo_prover *prover)
{
    return for_all(prover, bf16_maxpool_case);
}

/* The winners of a pool of values of the case, the same in both twins. */
static struct sgeo_buffer *winners(struct sgeo_prover *prover, const struct pool *pool)
{
    const float *src = sgeo_prover_source(prover, pool->in_elems);
    float *pooled = sgeo_ref_floats(sgeo_prover_scratch(prover, pool->out_elems));
    struct sgeo_buffer *where =
        sgeo_prover_buffer(prover, SGEO_BYTES, SGEO_OUTPUT, pool->out_elems);
    prover->ref.f32_maxpool(pooled, where->twin, src, &pool->window, &pool->in, &pool->out);
    prover->ref.f32_maxpool(pooled, where->guard.data, src, &pool->window, &pool->in, &pool->out);
    return where;
}

static bool f32_maxpool_grad_case(struct sgeo_prover *prover, const struct pool *pool)
{
    const struct sgeo_buffer *where = winners(prover, pool);
    const float *ddst = sgeo_prover_source(prover, pool->out_elems);
    struct sgeo_buffer *dsrc = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, pool->in_elems);
    float *sizes = sgeo_ref_floats(sgeo_prover_scratch(prover, pool->in_elems));
    prover->ref.f32_maxpool_grad(sizes, sgeo_prover_absolute(prover, ddst, pool->out_elems),
                                 where->twin, &pool->window, &pool->in, &pool->out);
    prover->ref.f32_maxpool_grad(sgeo_ref_floats(dsrc), ddst, where->twin, &pool->window, &pool->in,
                                 &pool->out);
    prover->candidate->f32_maxpool_grad(sgeo_candidate_floats(dsrc), ddst, where->guard.data,
                                        &pool->window, &pool->in, &pool->out);
    return sgeo_prover_compare(prover, dsrc, sgeo_prover_magnitudes(prover, sizes, pool->in_elems),
                               SGEO_STRICT);
}

static bool bf16_maxpool_grad_case(struct sgeo_prover *prover, const struct pool *pool)
{
    const struct sgeo_buffer *where = winners(prover, pool);
    struct sgeo_buffer *ddst =
        sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_SOURCE, pool->out_elems);
    struct sgeo_buffer *dsrc = sgeo_prover_buffer(prover, SGEO_HALVES, SGEO_OUTPUT, pool->in_elems);
    const float *values = sgeo_prover_values(prover, ddst);
    struct sgeo_buffer *exact = sgeo_prover_scratch(prover, pool->in_elems);
    float *sizes = sgeo_ref_floats(sgeo_prover_scratch(prover, pool->in_elems));
    prover->ref.f32_maxpool_grad(sizes, sgeo_prover_absolute(prover, values, pool->out_elems),
                                 where->twin, &pool->window, &pool->in, &pool->out);
    prover->ref.f32_maxpool_grad(sgeo_ref_floats(exact), values, where->twin, &pool->window,
                                 &pool->in, &pool->out);
    prover->candidate->bf16_maxpool_grad(sgeo_candidate_data(dsrc), sgeo_candidate_data(ddst),
                                         where->guard.data, &pool->window, &pool->in, &pool->out);
    return sgeo_prover_compare_rounded(prover, dsrc, exact,
                                       sgeo_prover_magnitudes(prover, sizes, pool->in_elems));
}

bool sgeo_prove_f32_maxpool_grad(struct sgeo_prover *prover)
{
    return for_all(prover, f32_maxpool_grad_case);
}

bool sgeo_prove_bf16_maxpool_grad(struct sgeo_prover *prover)
{
    return for_all(prover, bf16_maxpool_grad_case);
}
