/*
 * Loads of the embeddings: `tables` tables (1 when a line does not say) of rows x dim, each looked
 * up by `batch` bags of `bag` positions. Bags of one have no offsets unless a line says
 * `offsets=1`; `mean=1`, `weights=1` and `wide=1` (64-bit indices) are what they say. Gradients and
 * steps are those of the first table.
 */
#include <stdbool.h>

#include "base/memory.h"
#include "bench/load.h"

#define MAX_BLOCKS 16
#define LINE_BYTES ((size_t)64)

/* The numbers of a line. */
struct shape {
    size_t tables, rows, dim, batch, bag;
    size_t offsets, mean, weights, wide;
};

/* What a kernel needs besides tables' indices, and the groups of the first table's. */
enum { TABLES = 1, ACTIVATION = 2, GRADIENT = 4, SQUARES = 8 };

struct inputs {
    void *blocks[MAX_BLOCKS]; /* all that was allocated */
    size_t n_blocks;
    struct shape shape;
    size_t positions;              /* of a table */
    float *table;                  /* (tables,rows,dim) */
    float *activation;             /* (batch,tables,dim): what forward writes, backward reads */
    float *grad;                   /* (touched rows,dim) */
    float *squares;                /* (rows,dim) */
    unsigned char *indices;        /* (tables,positions) of either width */
    struct sgeo_lookup *lookups;   /* (tables) */
    struct sgeo_row_groups groups; /* of the first table */
    uint64_t *workspace;
    size_t distinct; /* rows that are looked up, of all tables */
};

static void destroy(void *inputs)
{
    struct inputs *own = inputs;
    for (size_t i = 0; own && i < own->n_blocks; i++)
        sgeo_free(own->blocks[i]);
    sgeo_free(own);
}

/* a * b * c zeroed elements of `size` bytes; what could not be had is found at the end. */
static void *take(struct inputs *own, size_t a, size_t b, size_t c, size_t size)
{
    size_t plane, count;
    void *block = NULL;
    if (sgeo_size_mul(a, b, &plane) && sgeo_size_mul(plane, c, &count))
        block = sgeo_calloc(count > 0 ? count : 1, size);
    own->blocks[own->n_blocks++] = block;
    return block;
}

static float *take_filled(struct inputs *own, size_t a, size_t b, size_t c, uint64_t seed)
{
    float *values = take(own, a, b, c, sizeof *values);
    if (values)
        sgeo_bench_fill(values, a * b * c, seed, own->n_blocks);
    return values;
}

static bool is_complete(const struct inputs *own)
{
    for (size_t i = 0; i < own->n_blocks; i++)
        if (!own->blocks[i])
            return false;
    return true;
}

static enum sgeo_status check(const struct shape *shape)
{
    size_t positions;
    if (shape->tables == 0 || shape->rows == 0 || shape->dim == 0)
        return sgeo_fail(SGEO_USAGE, NULL, "an embedding has tables, rows and columns");
    if (!sgeo_size_mul(shape->batch, shape->bag, &positions) || positions >= INT32_MAX ||
        shape->batch >= INT32_MAX)
        return sgeo_fail(SGEO_USAGE, NULL, "%zu bags of %zu are too many positions", shape->batch,
                         shape->bag);
    if (shape->rows > INT32_MAX)
        return sgeo_fail(SGEO_USAGE, NULL, "%zu are too many rows", shape->rows);
    return SGEO_OK;
}

static enum sgeo_status read_shape(struct shape *shape, const struct sgeo_bench_args *args)
{
    const struct {
        const char *name;
        size_t *value;
        size_t otherwise;
        bool needed;
    } entries[] = {{"rows", &shape->rows, 0, true},      {"dim", &shape->dim, 0, true},
                   {"batch", &shape->batch, 0, true},    {"bag", &shape->bag, 0, true},
                   {"tables", &shape->tables, 1, false}, {"offsets", &shape->offsets, 0, false},
                   {"mean", &shape->mean, 0, false},     {"weights", &shape->weights, 0, false},
                   {"wide", &shape->wide, 0, false}};
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; i < sizeof entries / sizeof *entries && status == SGEO_OK; i++)
        status = entries[i].needed ? sgeo_bench_size(entries[i].value, args, entries[i].name)
                                   : sgeo_bench_size_or(entries[i].value, args, entries[i].name,
                                                        entries[i].otherwise);
    if (status != SGEO_OK)
        return status;
    shape->offsets = shape->offsets || shape->bag != 1;
    return check(shape);
}

/* Bytes of an index or an offset. */
static size_t number_bytes(const struct inputs *own)
{
    return own->shape.wide ? sizeof(int64_t) : sizeof(int32_t);
}

static unsigned char *indices_of(const struct inputs *own, size_t t)
{
    return own->indices + t * own->positions * number_bytes(own);
}

/* Whole numbers of either width. */
static void store(void *numbers, size_t i, size_t value, bool wide)
{
    if (wide)
        ((int64_t *)numbers)[i] = (int64_t)value;
    else
        ((int32_t *)numbers)[i] = (int32_t)value;
}

/* Bags of equal lengths, their indices not drawn yet. */
static void make_lookups(struct inputs *own, uint64_t seed)
{
    const struct shape *shape = &own->shape;
    void *offsets = take(own, shape->batch + 1, 1, 1, number_bytes(own));
    const float *weights = shape->weights ? take_filled(own, own->positions, 1, 1, seed) : NULL;
    own->indices = take(own, shape->tables, own->positions, 1, number_bytes(own));
    own->lookups = take(own, shape->tables, 1, 1, sizeof *own->lookups);
    if (!is_complete(own))
        return;
    for (size_t b = 0; b <= shape->batch; b++)
        store(offsets, b, b * shape->bag, shape->wide);
    for (size_t t = 0; t < shape->tables; t++)
        own->lookups[t] = (struct sgeo_lookup){
            .table = own->table ? own->table + t * shape->rows * shape->dim : NULL,
            .dim = shape->dim,
            .column = t * shape->dim,
            .bags = {.indices = indices_of(own, t),
                     .offsets = shape->offsets ? offsets : NULL,
                     .weights = weights,
                     .count = shape->batch,
                     .wide = shape->wide,
                     .mean = shape->mean}};
}

/* Draw the indices of all tables, the first one's last, whose groups stay. */
static enum sgeo_status draw_indices(struct inputs *own, int64_t *drawn,
                                     const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_kernels kernels;
    const struct shape *shape = &own->shape;
    sgeo_kernels_fill(&kernels, SGEO_ISA_SCALAR);
    for (size_t t = shape->tables; t-- > 0;) {
        enum sgeo_status status =
            sgeo_bench_indices(drawn, own->positions, shape->rows, args, seed + t);
        if (status != SGEO_OK)
            return status;
        for (size_t i = 0; i < own->positions; i++)
            store(indices_of(own, t), i, (size_t)drawn[i], shape->wide);
        kernels.u32_row_groups(&own->groups, own->workspace, &own->lookups[t].bags, shape->rows);
        own->distinct += own->groups.n_rows;
    }
    return SGEO_OK;
}

/* Everything that `parts` asks for; own->n_blocks is what has to be freed. */
static enum sgeo_status fill(struct inputs *own, unsigned parts, const struct sgeo_bench_args *args,
                             uint64_t seed)
{
    const struct shape *shape = &own->shape;
    size_t n = own->positions;
    if (parts & TABLES)
        own->table = take_filled(own, shape->tables, shape->rows, shape->dim, seed);
    if (parts & ACTIVATION)
        own->activation = take_filled(own, shape->batch, shape->tables, shape->dim, seed);
    if (parts & GRADIENT)
        own->grad = take_filled(own, n, shape->dim, 1, seed);
    if (parts & SQUARES)
        own->squares = take_filled(own, shape->rows, shape->dim, 1, seed);
    own->groups.rows = take(own, n, 1, 1, sizeof *own->groups.rows);
    own->groups.starts = take(own, n + 1, 1, 1, sizeof *own->groups.starts);
    own->groups.occurrences = take(own, n, 1, 1, sizeof *own->groups.occurrences);
    own->workspace = take(own, sgeo_row_groups_words(n), 1, 1, sizeof *own->workspace);
    int64_t *drawn = take(own, n, 1, 1, sizeof *drawn);
    make_lookups(own, seed);
    if (!is_complete(own))
        return sgeo_fail_memory("an embedding's bench case");
    for (size_t i = 0; own->squares && i < shape->rows * shape->dim; i++)
        own->squares[i] *= own->squares[i];
    return draw_indices(own, drawn, args, seed);
}

static enum sgeo_status create(void **inputs, unsigned parts, const struct sgeo_bench_args *args,
                               uint64_t seed)
{
    struct shape shape = {0};
    enum sgeo_status status = read_shape(&shape, args);
    if (status != SGEO_OK)
        return status;
    struct inputs *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("an embedding's bench case");
    own->shape = shape;
    own->positions = shape.batch * shape.bag;
    status = fill(own, parts, args, seed);
    if (status != SGEO_OK)
        destroy(own);
    else
        *inputs = own;
    return status;
}

/* Bytes of the numbers that say which rows a bag sums. */
static double list_bytes(const struct inputs *own)
{
    const struct shape *shape = &own->shape;
    size_t number = number_bytes(own), position = number + (shape->weights ? sizeof(float) : 0);
    size_t table = own->positions * position + (shape->offsets ? shape->batch + 1 : 0) * number;
    return (double)shape->tables * (double)table;
}

/*
 * `streams` bytes in sequence, and `rows` rows that lie about, each visited once: a row that is
 * looked up again is still in the cache, if luck is fair.
 */
static struct sgeo_work work_of(const struct inputs *own, double flops, double streams, size_t rows,
                                enum sgeo_roof roof)
{
    size_t bytes = own->shape.dim * sizeof(float);
    size_t line_bytes = sgeo_round_up(bytes, LINE_BYTES);
    return (struct sgeo_work){.flops = flops,
                              .bytes = streams + (double)rows * (double)bytes,
                              .line_bytes = streams + (double)rows * (double)line_bytes,
                              .roof = roof};
}

/* Elements of all rows that positions look up, and of an activation. */
static double looked_up(const struct inputs *own)
{
    return (double)own->shape.tables * (double)own->positions * (double)own->shape.dim;
}

static double activation_bytes(const struct inputs *own)
{
    return (double)own->shape.batch * (double)own->shape.tables * (double)own->shape.dim *
           (double)sizeof(float);
}

static enum sgeo_status create_pooled(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create(inputs, TABLES | ACTIVATION, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(own, looked_up(own) * (own->shape.weights ? 2.0 : 1.0),
                    list_bytes(own) + activation_bytes(own), own->distinct, SGEO_ROOF_GATHER);
    return SGEO_OK;
}

/* One table of possibly several, which fills its columns. */
static void run_embbag(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const struct shape *shape = &own->shape;
    for (size_t t = 0; t < shape->tables; t++)
        kernels->f32_embbag(own->activation + own->lookups[t].column, shape->tables * shape->dim,
                            own->lookups[t].table, shape->dim, &own->lookups[t].bags);
}

const struct sgeo_load sgeo_load_f32_embbag = {create_pooled, run_embbag, destroy};

static void run_embbag_tables(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const struct shape *shape = &own->shape;
    kernels->f32_embbag_tables(own->activation, shape->tables * shape->dim, own->lookups,
                               shape->tables);
}

const struct sgeo_load sgeo_load_f32_embbag_tables = {create_pooled, run_embbag_tables, destroy};

/* Bytes of the groups of the first table. */
static double groups_bytes(const struct inputs *own)
{
    return (double)own->positions * (double)sizeof(struct sgeo_occurrence) +
           (double)own->groups.n_rows * 2.0 * (double)sizeof(uint32_t);
}

static enum sgeo_status create_groups(void **inputs, struct sgeo_work *work,
                                      const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create(inputs, 0, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    *work = work_of(own, 0.0, list_bytes(own) + groups_bytes(own), 0, SGEO_ROOF_READ);
    return SGEO_OK;
}

static void run_groups(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    kernels->u32_row_groups(&own->groups, own->workspace, &own->lookups->bags, own->shape.rows);
}

const struct sgeo_load sgeo_load_u32_row_groups = {create_groups, run_groups, destroy};

static enum sgeo_status create_grad(void **inputs, struct sgeo_work *work,
                                    const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = create(inputs, ACTIVATION | GRADIENT, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    double written = (double)own->groups.n_rows * (double)own->shape.dim * (double)sizeof(float);
    *work = work_of(own, (double)own->positions * (double)own->shape.dim,
                    groups_bytes(own) + written, own->shape.batch, SGEO_ROOF_TRIAD);
    return SGEO_OK;
}

static void run_grad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    const struct shape *shape = &own->shape;
    kernels->f32_embbag_grad(own->grad, own->activation, shape->tables * shape->dim, shape->dim,
                             &own->groups, &own->lookups->bags);
}

const struct sgeo_load sgeo_load_f32_embbag_grad = {create_grad, run_grad, destroy};

static struct sgeo_touched touched_by(const struct inputs *own)
{
    return (struct sgeo_touched){own->groups.rows, own->groups.n_rows, own->shape.dim};
}

/* A step that reads and writes `rows` rows a touched row, and reads its gradient. */
static enum sgeo_status create_step(void **inputs, struct sgeo_work *work, unsigned parts,
                                    double flops, size_t rows, const struct sgeo_bench_args *args,
                                    uint64_t seed)
{
    enum sgeo_status status = create(inputs, parts | TABLES | GRADIENT, args, seed);
    if (status != SGEO_OK)
        return status;
    const struct inputs *own = *inputs;
    size_t touched = own->groups.n_rows;
    double elems = (double)touched * (double)own->shape.dim;
    double streams = elems * (double)sizeof(float) + (double)touched * (double)sizeof(uint32_t);
    *work = work_of(own, flops * elems, streams, 2 * rows * touched, SGEO_ROOF_UPDATE);
    return SGEO_OK;
}

static enum sgeo_status create_row_sgd(void **inputs, struct sgeo_work *work,
                                       const struct sgeo_bench_args *args, uint64_t seed)
{
    return create_step(inputs, work, 0, 2.0, 1, args, seed);
}

/* Rates are low: thousands of the same step stay finite. */
static void run_row_sgd(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_touched touched = touched_by(own);
    kernels->f32_row_sgd(own->table, own->grad, &touched, 1e-6f);
}

const struct sgeo_load sgeo_load_f32_row_sgd = {create_row_sgd, run_row_sgd, destroy};

static enum sgeo_status create_row_adagrad(void **inputs, struct sgeo_work *work,
                                           const struct sgeo_bench_args *args, uint64_t seed)
{
    return create_step(inputs, work, SQUARES, 7.0, 2, args, seed);
}

static void run_row_adagrad(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_touched touched = touched_by(own);
    kernels->f32_row_adagrad(own->table, own->squares, own->grad, &touched, 1e-6f, 1e-2f);
}

const struct sgeo_load sgeo_load_f32_row_adagrad = {create_row_adagrad, run_row_adagrad, destroy};

/* The accumulators of the rows, one each, lie about as well. */
static enum sgeo_status create_row_adagrad_rowwise(void **inputs, struct sgeo_work *work,
                                                   const struct sgeo_bench_args *args,
                                                   uint64_t seed)
{
    enum sgeo_status status = create_step(inputs, work, SQUARES, 4.0, 1, args, seed);
    if (status != SGEO_OK)
        return status;
    double touched = (double)((const struct inputs *)*inputs)->groups.n_rows;
    work->bytes += 2.0 * touched * (double)sizeof(float);
    work->line_bytes += 2.0 * touched * (double)LINE_BYTES;
    return SGEO_OK;
}

static void run_row_adagrad_rowwise(void *inputs, const struct sgeo_kernels *kernels)
{
    struct inputs *own = inputs;
    struct sgeo_touched touched = touched_by(own);
    kernels->f32_row_adagrad_rowwise(own->table, own->squares, own->grad, &touched, 1e-6f, 1e-2f);
}

const struct sgeo_load sgeo_load_f32_row_adagrad_rowwise = {create_row_adagrad_rowwise,
                                                            run_row_adagrad_rowwise, destroy};
