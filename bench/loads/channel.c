/* Loads of the elementwise and per-channel kernels: activations of n images, c channels, hw x hw.
 */
#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"
#include "bench/layout.h"

enum element { FLOATS, HALVES };

/* Activations, and numbers per channel. One set of fields for all kernels of the family. */
struct inputs {
    struct sgeo_layout layout;
    size_t elems, channels;
    enum element element;
    void *dst, *src[SGEO_AFFINE_MAX_TERMS]; /* floats or bf16 */
    float *center, *scale;
    double *sum, *dot, *center64;
    size_t n_src;
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    for (size_t t = 0; t < own->n_src; t++)
        sgeo_free(own->src[t]);
    sgeo_free(own->dst);
    sgeo_free(own->center);
    sgeo_free(own->scale);
    sgeo_free(own->sum);
    sgeo_free(own->dot);
    sgeo_free(own->center64);
    sgeo_free(own);
}

/* An activation. */
static enum sgeo_status fill_map(void **map, const struct inputs *own, uint64_t seed,
                                 uint64_t stream)
{
    uint16_t *halves = NULL;
    float *floats = NULL;
    enum sgeo_status status = own->element == HALVES
                                  ? sgeo_bench_halves(&halves, own->elems, seed, stream)
                                  : sgeo_bench_floats(&floats, own->elems, seed, stream);
    *map = own->element == HALVES ? (void *)halves : floats;
    return status;
}

/* What `maps` activations stream, in floats. */
static double stream_of(const struct inputs *own, size_t maps)
{
    return (double)maps * (double)own->elems * (own->element == HALVES ? 0.5 : 1.0);
}

static enum sgeo_status fill_sources(struct inputs *own, size_t n_src, uint64_t seed)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t t = 0; t < n_src && status == SGEO_OK; t++) {
        status = fill_map(&own->src[t], own, seed, t);
        own->n_src += status == SGEO_OK;
    }
    return status;
}

static enum sgeo_status fill(struct inputs *own, size_t n_src, uint64_t seed)
{
    enum sgeo_status status = fill_sources(own, n_src, seed);
    if (status == SGEO_OK)
        status = fill_map(&own->dst, own, seed, SGEO_AFFINE_MAX_TERMS);
    if (status == SGEO_OK)
        status = sgeo_bench_floats(&own->center, own->channels, seed, SGEO_AFFINE_MAX_TERMS + 1);
    if (status == SGEO_OK)
        status = sgeo_bench_floats(&own->scale, own->channels, seed, SGEO_AFFINE_MAX_TERMS + 2);
    own->sum = sgeo_calloc(own->channels, sizeof *own->sum);
    own->dot = sgeo_calloc(own->channels, sizeof *own->dot);
    own->center64 = sgeo_calloc(own->channels, sizeof *own->center64);
    return status == SGEO_OK && !(own->sum && own->dot && own->center64)
               ? sgeo_fail_memory("the buffers of a bench case")
               : status;
}

/* Inputs with n_src activations and one to write. */
static enum sgeo_status create(struct inputs **inputs, enum element element, size_t n_src,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_layout layout;
    enum sgeo_status status = sgeo_bench_layout(&layout, args);
    if (status != SGEO_OK)
        return status;
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    own->layout = layout;
    own->element = element;
    own->elems = sgeo_bench_layout_elems(&layout);
    own->channels = sgeo_bench_layout_channels(&layout);
    status = fill(own, n_src, seed);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    *inputs = own;
    return SGEO_OK;
}

/* terms=T in 1..SGEO_AFFINE_MAX_TERMS, one without it. */
static enum sgeo_status read_terms(size_t *terms, const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size_or(terms, args, "terms", 1);
    if (status == SGEO_OK && (*terms == 0 || *terms > SGEO_AFFINE_MAX_TERMS))
        return sgeo_fail(SGEO_USAGE, NULL, "%s: terms=%zu is not in 1..%zu",
                         sgeo_bench_args_place(args), *terms, SGEO_AFFINE_MAX_TERMS);
    return status;
}

static enum sgeo_status create_affine_sum(void **inputs, enum element element,
                                          struct sgeo_work *work,
                                          const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t terms;
    struct inputs *own = NULL;
    enum sgeo_status status = read_terms(&terms, args);
    if (status == SGEO_OK)
        status = create(&own, element, terms, args, seed);
    if (status != SGEO_OK)
        return status;
    /* subtraction, product and sum a term; the first sum adds the shift */
    *work = sgeo_bench_stream_work(3.0 * (double)terms * (double)own->elems,
                                   stream_of(own, terms + 1), SGEO_ROOF_TRIAD);
    *inputs = own;
    return SGEO_OK;
}

/* Batch norm of every source, added up, through the node's ReLU. */
static void run_affine_sum(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < own->n_src; t++)
        terms[t] = (struct sgeo_affine_term){own->src[t], own->center, own->scale};
    kernels->f32_affine_sum(NULL, own->dst, terms, own->n_src, own->center, &own->layout);
}

static enum sgeo_status create_gated_sum(void **inputs, enum element element,
                                         struct sgeo_work *work, const struct sgeo_bench_args *args,
                                         uint64_t seed)
{
    size_t terms;
    struct inputs *own = NULL;
    enum sgeo_status status = read_terms(&terms, args);
    if (status == SGEO_OK && terms == SGEO_AFFINE_MAX_TERMS)
        status = sgeo_fail(SGEO_USAGE, NULL, "%s: the gate leaves room for %zu terms",
                           sgeo_bench_args_place(args), SGEO_AFFINE_MAX_TERMS - 1);
    if (status == SGEO_OK)
        status = create(&own, element, terms + 1, args, seed); /* the last source is the gate */
    if (status != SGEO_OK)
        return status;
    *work = sgeo_bench_stream_work((double)terms * (double)own->elems, stream_of(own, terms + 2),
                                   SGEO_ROOF_TRIAD);
    *inputs = own;
    return SGEO_OK;
}

/* The first term behind the gate, the others plain: ReLU backward with a node's accumulation. */
static void run_gated_sum(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const float *terms[SGEO_AFFINE_MAX_TERMS];
    size_t n_terms = own->n_src - 1;
    for (size_t t = 0; t < n_terms; t++)
        terms[t] = own->src[t];
    kernels->f32_gated_sum(own->dst, own->src[n_terms], terms, 1, terms + 1, n_terms - 1,
                           own->elems);
}

static enum sgeo_status create_moments(void **inputs, enum element element, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, element, 1, args, seed);
    if (status != SGEO_OK)
        return status;
    *work = sgeo_bench_stream_work(4.0 * (double)own->elems, stream_of(own, 1), SGEO_ROOF_READ);
    *inputs = own;
    return SGEO_OK;
}

static void run_moments(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_channel_moments(own->sum, own->dot, own->src[0], &own->layout);
}

static enum sgeo_status create_dots(void **inputs, enum element element, struct sgeo_work *work,
                                    const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *own = NULL;
    enum sgeo_status status = create(&own, element, 2, args, seed);
    if (status != SGEO_OK)
        return status;
    *work = sgeo_bench_stream_work(4.0 * (double)own->elems, stream_of(own, 2), SGEO_ROOF_READ);
    *inputs = own;
    return SGEO_OK;
}

static void run_dots(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_channel_dots(own->sum, own->dot, own->src[0], own->src[1], own->center64,
                              &own->layout);
}

static void run_bf16_affine_sum(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_bf16_affine_term terms[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < own->n_src; t++)
        terms[t] = (struct sgeo_bf16_affine_term){own->src[t], own->center, own->scale};
    kernels->bf16_affine_sum(NULL, own->dst, terms, own->n_src, own->center, &own->layout);
}

static void run_bf16_gated_sum(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const uint16_t *terms[SGEO_AFFINE_MAX_TERMS];
    size_t n_terms = own->n_src - 1;
    for (size_t t = 0; t < n_terms; t++)
        terms[t] = own->src[t];
    kernels->bf16_gated_sum(own->dst, own->src[n_terms], terms, 1, terms + 1, n_terms - 1,
                            own->elems);
}

static void run_bf16_moments(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_channel_moments(own->sum, own->dot, own->src[0], &own->layout);
}

static void run_bf16_dots(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->bf16_channel_dots(own->sum, own->dot, own->src[0], own->src[1], own->center64,
                               &own->layout);
}

/* The load of a kernel on floats, and that of the one on bf16. */
#define LOADS(op, name)                                                                            \
    static enum sgeo_status create_f32_##name(void **inputs, struct sgeo_work *work,               \
                                              const struct sgeo_bench_args *args, uint64_t seed)   \
    {                                                                                              \
        return create_##name(inputs, FLOATS, work, args, seed);                                    \
    }                                                                                              \
    static enum sgeo_status create_bf16_##name(void **inputs, struct sgeo_work *work,              \
                                               const struct sgeo_bench_args *args, uint64_t seed)  \
    {                                                                                              \
        return create_##name(inputs, HALVES, work, args, seed);                                    \
    }                                                                                              \
    const struct sgeo_load sgeo_load_f32_##op = {create_f32_##name, run_##name, destroy};          \
    const struct sgeo_load sgeo_load_bf16_##op = {create_bf16_##name, run_bf16_##name, destroy};

LOADS(affine_sum, affine_sum)
LOADS(gated_sum, gated_sum)
LOADS(channel_moments, moments)
LOADS(channel_dots, dots)
