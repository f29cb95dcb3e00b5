/* Loads of the interaction layers: batch samples of rows of dim numbers, or of width numbers. */
#include <stdbool.h>

#include "base/memory.h"
#include "bench/load.h"

#define MAX_BUFFERS ((size_t)12)
#define MAX_SOURCES ((size_t)2)

/* Inputs and outputs of any of these kernels, and its sizes. */
struct inputs {
    float *buffer[MAX_BUFFERS];
    size_t n_buffers;
    struct sgeo_interaction rows;
    struct sgeo_gating gating;
    struct sgeo_row_linear linear;
    struct sgeo_attention attention;
    size_t widths[MAX_SOURCES];
};

/* A number of the line and where it goes. */
struct size_entry {
    const char *name;
    size_t *value;
};

static enum sgeo_status read_sizes(const struct size_entry *entries, size_t n_entries,
                                   const struct sgeo_bench_args *args)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; i < n_entries && status == SGEO_OK; i++)
        status = sgeo_bench_size(entries[i].value, args, entries[i].name);
    return status;
}

/* a * b * c, or more than there is memory for when that overflows. */
static size_t elems(size_t a, size_t b, size_t c)
{
    size_t product;
    return sgeo_size_mul(a, b, &product) && sgeo_size_mul(product, c, &product) ? product
                                                                                : SIZE_MAX;
}

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    for (size_t i = 0; own && i < own->n_buffers; i++)
        sgeo_free(own->buffer[i]);
    sgeo_free(own);
}

/* Inputs with the sizes of `shape` and filled buffers of the given numbers of elements. */
static enum sgeo_status create(void **inputs, const struct inputs *shape, const size_t *counts,
                               size_t n_buffers, uint64_t seed)
{
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case");
    *own = *shape;
    for (size_t i = 0; i < n_buffers; i++) {
        own->buffer[i] = sgeo_calloc(counts[i], sizeof(float));
        own->n_buffers = i + 1;
        if (!own->buffer[i]) {
            destroy(own);
            return sgeo_fail_memory("the buffers of a bench case");
        }
        sgeo_bench_fill(own->buffer[i], counts[i], seed, i);
    }
    *inputs = own;
    return SGEO_OK;
}

/* Streams of `n_elems` floats altogether. */
static struct sgeo_work work_of(double flops, double n_elems, enum sgeo_roof roof)
{
    double bytes = n_elems * (double)sizeof(float);
    return (struct sgeo_work){.flops = flops, .bytes = bytes, .line_bytes = bytes, .roof = roof};
}

/* Buffers of an interaction of rows, by what they hold. */
enum rows_buffer { SRC, PAIRED, DSRC, N_ROWS };

/* Rows to their pairs, or to as many numbers as each row has. */
static enum sgeo_status create_rows(void **inputs, bool to_pairs,
                                    const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    struct sgeo_interaction *rows = &shape.rows;
    const struct size_entry entries[] = {
        {"batch", &rows->batch}, {"rows", &rows->rows}, {"dim", &rows->dim}};
    enum sgeo_status status = read_sizes(entries, sizeof entries / sizeof *entries, args);
    if (status != SGEO_OK)
        return status;
    rows->src_pitch = elems(rows->rows, rows->dim, 1);
    rows->dst_pitch = to_pairs ? sgeo_pairs(rows->rows) : rows->dim;
    const size_t counts[N_ROWS] = {elems(rows->batch, rows->src_pitch, 1),
                                   elems(rows->batch, rows->dst_pitch, 1),
                                   elems(rows->batch, rows->src_pitch, 1)};
    return create(inputs, &shape, counts, N_ROWS, seed);
}

/* Elements of the source and of what comes of it. */
static double src_elems(const struct inputs *inputs)
{
    return (double)inputs->rows.batch * (double)inputs->rows.src_pitch;
}

static double dst_elems(const struct inputs *inputs)
{
    return (double)inputs->rows.batch * (double)inputs->rows.dst_pitch;
}

static enum sgeo_status create_dot(void **inputs, struct sgeo_work *work,
                                   const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_rows(inputs, true, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(2.0 * dst_elems(own) * (double)own->rows.dim, src_elems(own) + dst_elems(own),
                    SGEO_ROOF_FMA);
    return SGEO_OK;
}

static void run_dot(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_dot_interaction(own->buffer[PAIRED], own->buffer[SRC], &own->rows);
}

const struct sgeo_load sgeo_load_f32_dot_interaction = {create_dot, run_dot, destroy};

static enum sgeo_status create_dot_grad(void **inputs, struct sgeo_work *work,
                                        const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_rows(inputs, true, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(4.0 * dst_elems(own) * (double)own->rows.dim,
                    2.0 * src_elems(own) + dst_elems(own), SGEO_ROOF_FMA);
    return SGEO_OK;
}

static void run_dot_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_dot_interaction_grad(own->buffer[DSRC], own->buffer[PAIRED], own->buffer[SRC],
                                      &own->rows);
}

const struct sgeo_load sgeo_load_f32_dot_interaction_grad = {create_dot_grad, run_dot_grad,
                                                             destroy};

static enum sgeo_status create_fm(void **inputs, struct sgeo_work *work,
                                  const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_rows(inputs, false, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(3.0 * src_elems(own), src_elems(own) + dst_elems(own), SGEO_ROOF_READ);
    return SGEO_OK;
}

static void run_fm(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_fm(own->buffer[PAIRED], own->buffer[SRC], 1.0f, &own->rows);
}

const struct sgeo_load sgeo_load_f32_fm = {create_fm, run_fm, destroy};

static enum sgeo_status create_fm_grad(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_rows(inputs, false, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(4.0 * src_elems(own), 2.0 * src_elems(own) + dst_elems(own), SGEO_ROOF_TRIAD);
    return SGEO_OK;
}

static void run_fm_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_fm_grad(own->buffer[DSRC], own->buffer[PAIRED], own->buffer[SRC], 1.0f,
                         &own->rows);
}

const struct sgeo_load sgeo_load_f32_fm_grad = {create_fm_grad, run_fm_grad, destroy};

static enum sgeo_status read_gating(struct sgeo_gating *gating, const struct sgeo_bench_args *args)
{
    const struct size_entry entries[] = {
        {"batch", &gating->batch}, {"width", &gating->width}, {"src_width", &gating->src_width}};
    enum sgeo_status status = read_sizes(entries, sizeof entries / sizeof *entries, args);
    if (status == SGEO_OK && gating->src_width > gating->width)
        return sgeo_fail(SGEO_USAGE, NULL, "src_width %zu is above width %zu", gating->src_width,
                         gating->width);
    return status;
}

static enum sgeo_status create_gate(void **inputs, struct sgeo_work *work,
                                    const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    enum sgeo_status status = read_gating(&shape.gating, args);
    if (status != SGEO_OK)
        return status;
    size_t wide = elems(shape.gating.batch, shape.gating.width, 1);
    size_t src = elems(shape.gating.batch, shape.gating.src_width, 1);
    const size_t counts[] = {src, wide, wide};
    *work = work_of((double)src, (double)wide + 2.0 * (double)src, SGEO_ROOF_TRIAD);
    return create(inputs, &shape, counts, 3, seed);
}

static void run_gate(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_gate(own->buffer[2], own->buffer[0], own->buffer[1], &own->gating);
}

const struct sgeo_load sgeo_load_f32_gate = {create_gate, run_gate, destroy};

static enum sgeo_status create_gate_grad(void **inputs, struct sgeo_work *work,
                                         const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    enum sgeo_status status = read_gating(&shape.gating, args);
    if (status != SGEO_OK)
        return status;
    size_t wide = elems(shape.gating.batch, shape.gating.width, 1);
    size_t src = elems(shape.gating.batch, shape.gating.src_width, 1);
    const size_t counts[] = {src, wide, wide, src, wide};
    *work = work_of(4.0 * (double)src, (double)wide + 4.0 * (double)src, SGEO_ROOF_TRIAD);
    return create(inputs, &shape, counts, 5, seed);
}

static void run_gate_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_gate_grad(own->buffer[3], own->buffer[4], own->buffer[2], own->buffer[0],
                           own->buffer[1], &own->gating);
}

const struct sgeo_load sgeo_load_f32_gate_grad = {create_gate_grad, run_gate_grad, destroy};

/* Two sources, the wider and the narrower one, and their sum: a gating's sizes. */
static enum sgeo_status create_sum(void **inputs, struct sgeo_work *work,
                                   const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    enum sgeo_status status = read_gating(&shape.gating, args);
    if (status != SGEO_OK)
        return status;
    shape.widths[0] = shape.gating.width;
    shape.widths[1] = shape.gating.src_width;
    size_t wide = elems(shape.gating.batch, shape.gating.width, 1);
    size_t narrow = elems(shape.gating.batch, shape.gating.src_width, 1);
    const size_t counts[] = {wide, narrow, wide};
    *work = work_of((double)narrow, 2.0 * (double)wide + (double)narrow, SGEO_ROOF_TRIAD);
    return create(inputs, &shape, counts, 3, seed);
}

static void run_sum(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const float *const src[MAX_SOURCES] = {own->buffer[0], own->buffer[1]};
    kernels->f32_padded_sum(own->buffer[2], src, own->widths, MAX_SOURCES, own->gating.batch,
                            own->gating.width);
}

const struct sgeo_load sgeo_load_f32_padded_sum = {create_sum, run_sum, destroy};

static enum sgeo_status create_sum_grad(void **inputs, struct sgeo_work *work,
                                        const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_sum(inputs, work, args, seed);
    if (status == SGEO_OK)
        work->flops = 0.0;
    return status;
}

static void run_sum_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    float *const dsrc[MAX_SOURCES] = {own->buffer[0], own->buffer[1]};
    kernels->f32_padded_sum_grad(dsrc, own->widths, MAX_SOURCES, own->buffer[2], own->gating.batch,
                                 own->gating.width);
}

const struct sgeo_load sgeo_load_f32_padded_sum_grad = {create_sum_grad, run_sum_grad, destroy};

/* Buffers: src, dst, weights, bias. All three kernels multiply and add as often. */
static enum sgeo_status create_linear(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    struct sgeo_row_linear *linear = &shape.linear;
    const struct size_entry entries[] = {{"batch", &linear->batch},
                                         {"src_rows", &linear->src_rows},
                                         {"dst_rows", &linear->dst_rows},
                                         {"dim", &linear->dim}};
    enum sgeo_status status = read_sizes(entries, sizeof entries / sizeof *entries, args);
    if (status != SGEO_OK)
        return status;
    linear->src_pitch = elems(linear->src_rows, linear->dim, 1);
    linear->dst_pitch = elems(linear->dst_rows, linear->dim, 1);
    const size_t counts[] = {elems(linear->batch, linear->src_rows, linear->dim),
                             elems(linear->batch, linear->dst_rows, linear->dim),
                             elems(linear->src_rows, linear->dst_rows, 1), linear->dst_rows};
    *work = work_of(2.0 * (double)counts[1] * (double)linear->src_rows,
                    (double)counts[0] + (double)counts[1] + (double)counts[2], SGEO_ROOF_FMA);
    return create(inputs, &shape, counts, 4, seed);
}

static void run_linear(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_row_linear(own->buffer[1], own->buffer[0], own->buffer[2], own->buffer[3],
                            &own->linear);
}

const struct sgeo_load sgeo_load_f32_row_linear = {create_linear, run_linear, destroy};

static void run_linear_grad_src(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_row_linear_grad_src(own->buffer[0], own->buffer[1], own->buffer[2], &own->linear);
}

const struct sgeo_load sgeo_load_f32_row_linear_grad_src = {create_linear, run_linear_grad_src,
                                                            destroy};

static void run_linear_grad_wei(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->f32_row_linear_grad_wei(own->buffer[2], own->buffer[3], own->buffer[1], own->buffer[0],
                                     &own->linear);
}

const struct sgeo_load sgeo_load_f32_row_linear_grad_wei = {create_linear, run_linear_grad_wei,
                                                            destroy};

/* Buffers of attention, by what they hold. */
enum attention_buffer { QUERY, KEY, VALUE, DST, STATS, DDST, DQUERY, DKEY, DVALUE, N_ATTENTION };

/* An exponential counts as one operation. */
static enum sgeo_status create_attention(void **inputs, struct sgeo_work *work,
                                         const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs shape = {0};
    struct sgeo_attention *attention = &shape.attention;
    size_t counts[N_ATTENTION];
    const struct size_entry entries[] = {{"batch", &attention->batch},
                                         {"rows", &attention->rows},
                                         {"heads", &attention->heads},
                                         {"head_dim", &attention->head_dim}};
    enum sgeo_status status = read_sizes(entries, sizeof entries / sizeof *entries, args);
    if (status != SGEO_OK)
        return status;
    if (attention->head_dim == 0 || attention->head_dim > SGEO_ATTENTION_MAX_HEAD_DIM)
        return sgeo_fail(SGEO_USAGE, NULL, "head_dim %zu is not in 1..%zu", attention->head_dim,
                         SGEO_ATTENTION_MAX_HEAD_DIM);
    size_t heads = elems(attention->batch, attention->rows, attention->heads);
    for (size_t i = 0; i < N_ATTENTION; i++)
        counts[i] = elems(heads, i == STATS ? 2 : attention->head_dim, 1);
    *work =
        work_of((double)heads * (double)attention->rows * (4.0 * (double)attention->head_dim + 3.0),
                4.0 * (double)counts[DST] + (double)counts[STATS], SGEO_ROOF_FMA);
    return create(inputs, &shape, counts, N_ATTENTION, seed);
}

static void run_attention(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    float *const *buffer = own->buffer;
    struct sgeo_attention_inputs from = {buffer[QUERY], buffer[KEY], buffer[VALUE]};
    kernels->f32_attention(buffer[DST], buffer[STATS], &from, &own->attention);
}

const struct sgeo_load sgeo_load_f32_attention = {create_attention, run_attention, destroy};

/* Its stats must be those of a forward call; the scalar kernel's will do. */
static enum sgeo_status create_attention_grad(void **inputs, struct sgeo_work *work,
                                              const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_kernels scalar;
    enum sgeo_status status = create_attention(inputs, work, args, seed);
    if (status != SGEO_OK)
        return status;
    struct inputs *own = *inputs;
    sgeo_kernels_fill(&scalar, SGEO_ISA_SCALAR);
    run_attention(own, &scalar);
    double elems_of_dst = (double)own->attention.batch * (double)own->attention.rows *
                          (double)own->attention.heads * (double)own->attention.head_dim;
    *work = work_of(elems_of_dst * (double)own->attention.rows *
                        (10.0 + 5.0 / (double)own->attention.head_dim),
                    8.0 * elems_of_dst, SGEO_ROOF_FMA);
    return SGEO_OK;
}

static void run_attention_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    float *const *buffer = own->buffer;
    struct sgeo_attention_inputs from = {buffer[QUERY], buffer[KEY], buffer[VALUE]};
    struct sgeo_attention_grads to = {buffer[DQUERY], buffer[DKEY], buffer[DVALUE]};
    kernels->f32_attention_grad(&to, buffer[DDST], buffer[DST], buffer[STATS], &from,
                                &own->attention);
}

const struct sgeo_load sgeo_load_f32_attention_grad = {create_attention_grad, run_attention_grad,
                                                       destroy};

/* Tangents of query, key and value are where backward has their gradients, its result where that
 * has ddst. */
static enum sgeo_status create_attention_tangent(void **inputs, struct sgeo_work *work,
                                                 const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create_attention_grad(inputs, work, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    double elems_of_dst = (double)own->attention.batch * (double)own->attention.rows *
                          (double)own->attention.heads * (double)own->attention.head_dim;
    *work = work_of(elems_of_dst * (double)own->attention.rows *
                        (10.0 + 6.0 / (double)own->attention.head_dim),
                    elems_of_dst * (8.0 + 2.0 / (double)own->attention.head_dim), SGEO_ROOF_FMA);
    return SGEO_OK;
}

static void run_attention_tangent(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    float *const *buffer = own->buffer;
    struct sgeo_attention_inputs from = {buffer[QUERY], buffer[KEY], buffer[VALUE]};
    struct sgeo_attention_inputs along = {buffer[DQUERY], buffer[DKEY], buffer[DVALUE]};
    kernels->f32_attention_tangent(buffer[DDST], &along, buffer[DST], buffer[STATS], &from,
                                   &own->attention);
}

const struct sgeo_load sgeo_load_f32_attention_tangent = {create_attention_tangent,
                                                          run_attention_tangent, destroy};
