/* Load of the moments of embedding tables over four batches that touched few of their rows. */
#include <stdlib.h>

#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

#define BATCHES ((size_t)4)

struct table {
    struct sgeo_row_gradient batches[BATCHES];
    int64_t *ids[BATCHES];
    float *grads[BATCHES], *theta;
};

struct inputs {
    struct table *tables;
    size_t n, rows, dim; /* tables, and the sizes of each */
};

static void destroy(void *data)
{
    struct inputs *inputs = data;
    for (size_t t = 0; inputs && inputs->tables && t < inputs->n; t++) {
        for (size_t b = 0; b < BATCHES; b++) {
            sgeo_free(inputs->tables[t].ids[b]);
            sgeo_free(inputs->tables[t].grads[b]);
        }
        sgeo_free(inputs->tables[t].theta);
    }
    if (inputs)
        sgeo_free(inputs->tables);
    sgeo_free(inputs);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Ascending, each once; how many are left. */
static size_t sort_ids(int64_t *ids, size_t n)
{
    size_t kept = 0;
    qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[kept++] = ids[i];
    return kept;
}

/* Batch b looks up `n` rows of table t. */
static enum sgeo_status touch(struct inputs *inputs, size_t t, size_t b, size_t n,
                              const struct sgeo_bench_args *args, uint64_t seed)
{
    struct table *table = &inputs->tables[t];
    struct sgeo_row_gradient *batch = &table->batches[b];
    table->ids[b] = sgeo_calloc(n, sizeof *table->ids[b]);
    if (!table->ids[b])
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status = sgeo_bench_indices(table->ids[b], n, inputs->rows, args,
                                                 (seed * inputs->n + t) * BATCHES + b);
    if (status != SGEO_OK)
        return status;
    batch->n_rows = sort_ids(table->ids[b], n);
    batch->rows = table->ids[b];
    status = sgeo_bench_floats(&table->grads[b], batch->n_rows * inputs->dim, seed,
                               t * (BATCHES + 1) + b);
    batch->grad = table->grads[b];
    return status;
}

static enum sgeo_status fill_table(struct inputs *inputs, size_t t, size_t lookups,
                                   const struct sgeo_bench_args *args, uint64_t seed)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < BATCHES; b++)
        status = touch(inputs, t, b, lookups, args, seed);
    if (status != SGEO_OK)
        return status;
    return sgeo_bench_floats(&inputs->tables[t].theta, inputs->rows * inputs->dim, seed,
                             t * (BATCHES + 1) + BATCHES);
}

/* tables= (1 without it), rows= and dim= of each, lookups= of a batch in each, idx= their
 * distribution. */
static enum sgeo_status fill(struct inputs *inputs, const struct sgeo_bench_args *args,
                             uint64_t seed)
{
    size_t lookups, elems;
    enum sgeo_status status = sgeo_bench_size_or(&inputs->n, args, "tables", 1);
    if (status == SGEO_OK)
        status = sgeo_bench_size(&inputs->rows, args, "rows");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&inputs->dim, args, "dim");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&lookups, args, "lookups");
    if (status == SGEO_OK &&
        (inputs->n == 0 || inputs->rows == 0 || inputs->dim == 0 || lookups == 0))
        status = sgeo_fail(SGEO_USAGE, NULL, "%s: tables, rows, dim and lookups are positive",
                           sgeo_bench_args_place(args));
    if (status == SGEO_OK && (!sgeo_size_mul(inputs->rows, inputs->dim, &elems) ||
                              !sgeo_size_mul(lookups, inputs->dim, &elems)))
        status = sgeo_fail_memory("a bench case");
    if (status != SGEO_OK)
        return status;
    inputs->tables = sgeo_calloc(inputs->n, sizeof *inputs->tables);
    if (!inputs->tables)
        return sgeo_fail_memory("a bench case");
    for (size_t t = 0; status == SGEO_OK && t < inputs->n; t++)
        status = fill_table(inputs, t, lookups, args, seed);
    return status;
}

/* Rows that any batch touched: those of theta that are read. */
static size_t touched_rows(const struct table *table, size_t rows)
{
    size_t next[BATCHES] = {0}, touched = 0;
    for (int64_t row = 0; (size_t)row < rows; row++) {
        size_t here = 0;
        for (size_t b = 0; b < BATCHES; b++)
            if (next[b] < table->batches[b].n_rows && table->ids[b][next[b]] == row) {
                next[b]++;
                here = 1;
            }
        touched += here;
    }
    return touched;
}

/* Gradients and ids are streams; a row of theta takes whole cache lines. */
static void add_work(struct sgeo_work *work, const struct inputs *inputs, const struct table *table)
{
    double stream = 0.0, elems = 0.0, touched = (double)touched_rows(table, inputs->rows);
    size_t row_bytes = inputs->dim * sizeof(float);
    for (size_t b = 0; b < BATCHES; b++) {
        double n_rows = (double)table->batches[b].n_rows;
        stream += n_rows * (double)(row_bytes + sizeof(int64_t));
        elems += n_rows * (double)inputs->dim;
    }
    work->flops += 7.5 * elems + 2.0 * touched * (double)inputs->dim;
    work->bytes += stream + touched * (double)row_bytes;
    work->line_bytes += stream + touched * (double)((row_bytes + 63) / 64 * 64);
}

static enum sgeo_status create(void **created, struct sgeo_work *work,
                               const struct sgeo_bench_args *args, uint64_t seed)
{
    struct inputs *inputs = sgeo_calloc(1, sizeof *inputs);
    if (!inputs)
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status = fill(inputs, args, seed);
    if (status != SGEO_OK) {
        destroy(inputs);
        return status;
    }
    *work = (struct sgeo_work){.roof = SGEO_ROOF_GATHER};
    for (size_t t = 0; t < inputs->n; t++)
        add_work(work, inputs, &inputs->tables[t]);
    *created = inputs;
    return SGEO_OK;
}

static void run(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    struct sgeo_moments moments;
    for (size_t t = 0; t < inputs->n; t++)
        kernels->f32_row_moments(&moments, inputs->tables[t].batches, BATCHES,
                                 inputs->tables[t].theta, inputs->rows, inputs->dim);
}

const struct sgeo_load sgeo_load_f32_row_moments = {create, run, destroy};
