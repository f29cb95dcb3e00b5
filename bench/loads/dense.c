/* Loads of what surrounds the fully connected layers and of the losses: matrices (batch,dim). */
#include "base/memory.h"
#include "bench/load.h"

#define MAX_MATRICES ((size_t)3)

/* Sources come first among the matrices, the last one is written. */
struct inputs {
    size_t batch, dim;
    float *matrix[MAX_MATRICES];
    float *gamma, *beta, *dgamma, *dbeta; /* (dim) */
    double *stats;                        /* (batch,2); losses (batch) */
    int32_t *labels;                      /* (batch); NULL: matrix 1 holds soft ones */
};

/* What a kernel needs and does for an element of a matrix. */
struct need {
    size_t matrices;
    double flops;
    enum sgeo_roof roof;
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    if (!own)
        return;
    for (size_t i = 0; i < MAX_MATRICES; i++)
        sgeo_free(own->matrix[i]);
    sgeo_free(own->gamma);
    sgeo_free(own->beta);
    sgeo_free(own->dgamma);
    sgeo_free(own->dbeta);
    sgeo_free(own->stats);
    sgeo_free(own->labels);
    sgeo_free(own);
}

/* False when there is no memory for all of it. */
static bool allocate(struct inputs *own, size_t elems, size_t matrices)
{
    bool complete = true;
    for (size_t i = 0; i < matrices; i++) {
        own->matrix[i] = sgeo_calloc(elems, sizeof(float));
        complete = complete && own->matrix[i];
    }
    own->gamma = sgeo_calloc(own->dim, sizeof(float));
    own->beta = sgeo_calloc(own->dim, sizeof(float));
    own->dgamma = sgeo_calloc(own->dim, sizeof(float));
    own->dbeta = sgeo_calloc(own->dim, sizeof(float));
    own->stats = sgeo_calloc(own->batch, 2 * sizeof(double));
    own->labels = sgeo_calloc(own->batch, sizeof(int32_t));
    return complete && own->gamma && own->beta && own->dgamma && own->dbeta && own->stats &&
           own->labels;
}

static void fill(struct inputs *own, size_t elems, size_t matrices, uint64_t seed)
{
    for (size_t i = 0; i < matrices; i++)
        sgeo_bench_fill(own->matrix[i], elems, seed, i);
    sgeo_bench_fill(own->gamma, own->dim, seed, MAX_MATRICES);
    sgeo_bench_fill(own->beta, own->dim, seed, MAX_MATRICES + 1);
    for (size_t b = 0; b < own->batch; b++)
        own->labels[b] = (int32_t)(b * 7 % own->dim);
}

static enum sgeo_status read_sizes(size_t *batch, size_t *dim, size_t *elems,
                                   const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_bench_size(batch, args, "batch");
    if (status == SGEO_OK)
        status = sgeo_bench_size(dim, args, "dim");
    if (status == SGEO_OK && (*batch == 0 || *dim == 0 || *dim > INT32_MAX))
        return sgeo_fail(SGEO_USAGE, NULL, "no matrix of %zu x %zu", *batch, *dim);
    if (status == SGEO_OK && !sgeo_size_mul(*batch, *dim, elems))
        return sgeo_fail_memory("a bench case");
    return status;
}

static enum sgeo_status create(void **inputs, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed,
                               const struct need *need)
{
    size_t batch, dim, elems;
    enum sgeo_status status = read_sizes(&batch, &dim, &elems, args);
    if (status != SGEO_OK)
        return status;
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    own->batch = batch;
    own->dim = dim;
    if (!allocate(own, elems, need->matrices)) {
        destroy(own);
        return sgeo_fail_memory("the buffers of a bench case");
    }
    fill(own, elems, need->matrices, seed);
    double bytes = (double)need->matrices * (double)elems * (double)sizeof(float);
    *work = (struct sgeo_work){need->flops * (double)elems, bytes, bytes, need->roof};
    *inputs = own;
    return SGEO_OK;
}

static enum sgeo_status create_bias_grad(void **inputs, struct sgeo_work *work,
                                         const struct sgeo_bench_args *args, uint64_t seed)
{
    return create(inputs, work, args, seed, &(struct need){1, 1.0, SGEO_ROOF_READ});
}

static void run_bias_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_bias_grad(own->dbeta, own->matrix[0], own->batch, own->dim, own->dim);
}

const struct sgeo_load sgeo_load_f32_bias_grad = {create_bias_grad, run_bias_grad, destroy};

static enum sgeo_status create_sigmoid(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    return create(inputs, work, args, seed, &(struct need){2, 22.0, SGEO_ROOF_TRIAD});
}

static void run_sigmoid(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_sigmoid(own->matrix[1], own->matrix[0], own->batch * own->dim);
}

const struct sgeo_load sgeo_load_f32_sigmoid = {create_sigmoid, run_sigmoid, destroy};

static enum sgeo_status create_sigmoid_grad(void **inputs, struct sgeo_work *work,
                                            const struct sgeo_bench_args *args, uint64_t seed)
{
    return create(inputs, work, args, seed, &(struct need){3, 3.0, SGEO_ROOF_TRIAD});
}

static void run_sigmoid_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_sigmoid_grad(own->matrix[2], own->matrix[0], own->matrix[1],
                              own->batch * own->dim);
}

const struct sgeo_load sgeo_load_f32_sigmoid_grad = {create_sigmoid_grad, run_sigmoid_grad,
                                                     destroy};

static enum sgeo_status create_layer_norm(void **inputs, struct sgeo_work *work,
                                          const struct sgeo_bench_args *args, uint64_t seed)
{
    return create(inputs, work, args, seed, &(struct need){2, 8.0, SGEO_ROOF_TRIAD});
}

static void run_layer_norm(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_layer_norm norm = {own->gamma, own->beta, 1e-5};
    kernels->f32_layer_norm(own->matrix[1], own->stats, own->matrix[0], own->batch, own->dim,
                            &norm);
}

const struct sgeo_load sgeo_load_f32_layer_norm = {create_layer_norm, run_layer_norm, destroy};

/* Its stats must be those of a forward call; the scalar kernel's will do. */
static enum sgeo_status create_layer_norm_grad(void **inputs, struct sgeo_work *work,
                                               const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_kernels scalar;
    enum sgeo_status status =
        create(inputs, work, args, seed, &(struct need){3, 17.0, SGEO_ROOF_TRIAD});
    if (status != SGEO_OK)
        return status;
    struct inputs *own = *inputs;
    struct sgeo_layer_norm norm = {.epsilon = 1e-5};
    sgeo_kernels_fill(&scalar, SGEO_ISA_SCALAR);
    scalar.f32_layer_norm(own->matrix[2], own->stats, own->matrix[0], own->batch, own->dim, &norm);
    return SGEO_OK;
}

static void run_layer_norm_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_layer_norm_grads grads = {own->matrix[2], own->dgamma, own->dbeta};
    kernels->f32_layer_norm_grad(&grads, own->matrix[1], own->matrix[0], own->stats, own->gamma,
                                 own->batch, own->dim);
}

const struct sgeo_load sgeo_load_f32_layer_norm_grad = {create_layer_norm_grad, run_layer_norm_grad,
                                                        destroy};

/* From -1..1 to labels in 0..1. */
static void make_labels(float *labels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        labels[i] = labels[i] > 0.0f ? 1.0f : 0.0f;
}

static enum sgeo_status create_bce_logits(void **inputs, struct sgeo_work *work,
                                          const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status =
        create(inputs, work, args, seed, &(struct need){3, 40.0, SGEO_ROOF_TRIAD});
    if (status != SGEO_OK)
        return status;
    struct inputs *own = *inputs;
    make_labels(own->matrix[1], own->batch * own->dim);
    return SGEO_OK;
}

static void run_bce_logits(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    size_t n = own->batch * own->dim;
    kernels->f32_bce_logits(own->stats, own->matrix[2], own->matrix[0], own->matrix[1], n,
                            1.0 / (double)n);
}

const struct sgeo_load sgeo_load_f32_bce_logits = {create_bce_logits, run_bce_logits, destroy};

/* soft=1: with soft targets, a matrix more to read. */
static enum sgeo_status create_softmax_xent(void **inputs, struct sgeo_work *work,
                                            const struct sgeo_bench_args *args, uint64_t seed)
{
    size_t soft;
    enum sgeo_status status = sgeo_bench_size_or(&soft, args, "soft", 0);
    if (status != SGEO_OK)
        return status;
    struct need need = {soft ? 3 : 2, soft ? 24.0 : 20.0, SGEO_ROOF_TRIAD};
    status = create(inputs, work, args, seed, &need);
    if (status != SGEO_OK || !soft)
        return status;
    struct inputs *own = *inputs;
    make_labels(own->matrix[1], own->batch * own->dim);
    sgeo_free(own->labels);
    own->labels = NULL;
    return SGEO_OK;
}

static void run_softmax_xent(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    bool soft = !own->labels;
    struct sgeo_class_targets targets = {own->labels, soft ? own->matrix[1] : NULL};
    kernels->f32_softmax_xent(own->stats, own->matrix[soft ? 2 : 1], own->matrix[0], &targets,
                              own->batch, own->dim, 1.0 / (double)own->batch);
}

const struct sgeo_load sgeo_load_f32_softmax_xent = {create_softmax_xent, run_softmax_xent,
                                                     destroy};
