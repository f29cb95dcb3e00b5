/*
 * Elementwise operations, per-channel sums and pools: the project's kernels behind the op table's
 * types, on tensors in f32 and, for maps, in bf16. Contracts and shapes: kernels/kernel.h.
 */
#include <assert.h>

#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

/* Channels whose arrays are narrowed to float at once: they fit the stack, so no operation
 * allocates. */
#define CHUNK_CHANNELS SGEO_ONEDNN_MAX_LANES

/* Per-channel arrays of one chunk, in float. */
struct narrowed {
    float center[SGEO_AFFINE_MAX_TERMS][CHUNK_CHANNELS];
    float scale[SGEO_AFFINE_MAX_TERMS][CHUNK_CHANNELS];
    float shift[CHUNK_CHANNELS];
};

/* src[first..first+count) as float in `room`; NULL stays NULL. */
static const float *narrow(float *room, const double *src, size_t first, size_t count)
{
    if (src == NULL) {
        return NULL;
    }
    for (size_t c = 0; c < count; c++) {
        room[c] = (float)src[first + c];
    }
    return room;
}

static float *displaced(void *x, size_t offset)
{
    return x == NULL ? NULL : (float *)x + offset;
}

static uint16_t *displaced_bf16(void *x, size_t offset)
{
    return x == NULL ? NULL : (uint16_t *)x + offset;
}

/* An affine sum, or the part of one over the channel groups of a slice. */
struct affine {
    void *dst, *relu;
    const struct sgeo_term *terms;
    size_t n_terms;
    const double *shift;
};

/* The affine sum over the channel groups of `slice`, the first of which is `first_group` of the
 * whole. */
typedef void affine_slice_fn(const struct affine *sum, const struct sgeo_layout *slice,
                             size_t first_group);

static void affine_slice(const struct affine *sum, const struct sgeo_layout *slice,
                         size_t first_group)
{
    struct narrowed arrays;
    struct sgeo_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    size_t offset = first_group * slice->group;
    size_t first = first_group * slice->lanes;
    size_t count = slice->groups * slice->lanes;
    for (size_t t = 0; t < sum->n_terms; t++) {
        terms[t] = (struct sgeo_affine_term){
            .src = (const float *)sum->terms[t].src + offset,
            .center = narrow(arrays.center[t], sum->terms[t].center, first, count),
            .scale = narrow(arrays.scale[t], sum->terms[t].scale, first, count)};
    }
    sgeo_kernels_get()->f32_affine_sum(displaced(sum->dst, offset), displaced(sum->relu, offset),
                                       terms, sum->n_terms,
                                       narrow(arrays.shift, sum->shift, first, count), slice);
}

static void affine_slice_bf16(const struct affine *sum, const struct sgeo_layout *slice,
                              size_t first_group)
{
    struct narrowed arrays;
    struct sgeo_bf16_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    size_t offset = first_group * slice->group;
    size_t first = first_group * slice->lanes;
    size_t count = slice->groups * slice->lanes;
    for (size_t t = 0; t < sum->n_terms; t++) {
        terms[t] = (struct sgeo_bf16_affine_term){
            .src = (const uint16_t *)sum->terms[t].src + offset,
            .center = narrow(arrays.center[t], sum->terms[t].center, first, count),
            .scale = narrow(arrays.scale[t], sum->terms[t].scale, first, count)};
    }
    sgeo_kernels_get()->bf16_affine_sum(displaced_bf16(sum->dst, offset),
                                        displaced_bf16(sum->relu, offset), terms, sum->n_terms,
                                        narrow(arrays.shift, sum->shift, first, count), slice);
}

static void affine_slices(affine_slice_fn *run, const struct affine *sum,
                          const struct sgeo_layout *layout)
{
    assert(layout->lanes <= SGEO_ONEDNN_MAX_LANES && sum->n_terms <= SGEO_AFFINE_MAX_TERMS);
    size_t step = CHUNK_CHANNELS / layout->lanes;
    for (size_t first = 0; first < layout->groups; first += step) {
        struct sgeo_layout slice = *layout;
        slice.groups = layout->groups - first < step ? layout->groups - first : step;
        run(sum, &slice, first);
    }
}

static void affine_sum(struct sgeo_backend *backend, void *dst, void *relu,
                       const struct sgeo_term *terms, size_t n_terms, const double *shift,
                       const struct sgeo_layout *layout)
{
    (void)backend;
    affine_slices(affine_slice, &(struct affine){dst, relu, terms, n_terms, shift}, layout);
}

static void affine_sum_bf16(struct sgeo_backend *backend, void *dst, void *relu,
                            const struct sgeo_term *terms, size_t n_terms, const double *shift,
                            const struct sgeo_layout *layout)
{
    (void)backend;
    affine_slices(affine_slice_bf16, &(struct affine){dst, relu, terms, n_terms, shift}, layout);
}

static void gated_sum(struct sgeo_backend *backend, void *dst, const void *gate,
                      const void *const *gated, size_t n_gated, const void *const *plain,
                      size_t n_plain, size_t count)
{
    (void)backend;
    assert(n_gated + n_plain <= SGEO_AFFINE_MAX_TERMS);
    const float *sources[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < n_gated; t++) {
        sources[t] = gated[t];
    }
    for (size_t t = 0; t < n_plain; t++) {
        sources[n_gated + t] = plain[t];
    }
    sgeo_kernels_get()->f32_gated_sum(dst, gate, sources, n_gated, sources + n_gated, n_plain,
                                      count);
}

static void gated_sum_bf16(struct sgeo_backend *backend, void *dst, const void *gate,
                           const void *const *gated, size_t n_gated, const void *const *plain,
                           size_t n_plain, size_t count)
{
    (void)backend;
    assert(n_gated + n_plain <= SGEO_AFFINE_MAX_TERMS);
    const uint16_t *sources[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < n_gated; t++) {
        sources[t] = gated[t];
    }
    for (size_t t = 0; t < n_plain; t++) {
        sources[n_gated + t] = plain[t];
    }
    sgeo_kernels_get()->bf16_gated_sum(dst, gate, sources, n_gated, sources + n_gated, n_plain,
                                       count);
}

static void channel_moments(struct sgeo_backend *backend, double *mean, double *var,
                            const void *src, const struct sgeo_layout *layout)
{
    (void)backend;
    sgeo_kernels_get()->f32_channel_moments(mean, var, src, layout);
}

static void channel_dots(struct sgeo_backend *backend, double *sum, double *dot, const void *d,
                         const void *x, const double *center, const struct sgeo_layout *layout)
{
    (void)backend;
    sgeo_kernels_get()->f32_channel_dots(sum, dot, d, x, center, layout);
}

static void avgpool(struct sgeo_backend *backend, void *dst, const void *src,
                    const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                    const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->f32_avgpool(dst, src, window, in, out);
}

static void avgpool_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                         const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                         const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->f32_avgpool_grad(dsrc, ddst, window, in, out);
}

static void maxpool(struct sgeo_backend *backend, void *dst, uint8_t *where, const void *src,
                    const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                    const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->f32_maxpool(dst, where, src, window, in, out);
}

static void maxpool_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                         const uint8_t *where, const struct sgeo_pool_window *window,
                         const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->f32_maxpool_grad(dsrc, ddst, where, window, in, out);
}

/* --- maps in bf16 --- */

static void channel_moments_bf16(struct sgeo_backend *backend, double *mean, double *var,
                                 const void *src, const struct sgeo_layout *layout)
{
    (void)backend;
    sgeo_kernels_get()->bf16_channel_moments(mean, var, src, layout);
}

static void channel_dots_bf16(struct sgeo_backend *backend, double *sum, double *dot, const void *d,
                              const void *x, const double *center, const struct sgeo_layout *layout)
{
    (void)backend;
    sgeo_kernels_get()->bf16_channel_dots(sum, dot, d, x, center, layout);
}

static void avgpool_bf16(struct sgeo_backend *backend, void *dst, const void *src,
                         const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                         const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->bf16_avgpool(dst, src, window, in, out);
}

static void avgpool_grad_bf16(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                              const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                              const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->bf16_avgpool_grad(dsrc, ddst, window, in, out);
}

static void maxpool_bf16(struct sgeo_backend *backend, void *dst, uint8_t *where, const void *src,
                         const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                         const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->bf16_maxpool(dst, where, src, window, in, out);
}

static void maxpool_grad_bf16(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                              const uint8_t *where, const struct sgeo_pool_window *window,
                              const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    (void)backend;
    sgeo_kernels_get()->bf16_maxpool_grad(dsrc, ddst, where, window, in, out);
}

static void fill_bf16(struct sgeo_backend_table *table)
{
    table->maps.affine_sum = affine_sum_bf16;
    table->maps.gated_sum = gated_sum_bf16;
    table->channel_moments = channel_moments_bf16;
    table->channel_dots = channel_dots_bf16;
    table->avgpool = avgpool_bf16;
    table->avgpool_grad = avgpool_grad_bf16;
    table->maxpool = maxpool_bf16;
    table->maxpool_grad = maxpool_grad_bf16;
}

void sgeo_onednn_fill_elementwise(struct sgeo_backend_table *table, bool bf16_maps)
{
    table->plain.affine_sum = table->maps.affine_sum = affine_sum;
    table->plain.gated_sum = table->maps.gated_sum = gated_sum;
    table->channel_moments = channel_moments;
    table->channel_dots = channel_dots;
    table->avgpool = avgpool;
    table->avgpool_grad = avgpool_grad;
    table->maxpool = maxpool;
    table->maxpool_grad = maxpool_grad;
    if (bf16_maps) {
        fill_bf16(table);
    }
}
