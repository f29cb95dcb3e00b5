/* Load of the moments of an embedding table over four batches that touched few of its rows. */
#include <stdlib.h>

#include "base/memory.h"
#include "bench/args.h"
#include "bench/buffers.h"

#define BATCHES ((size_t)4)

struct inputs {
    size_t rows, dim;
    struct sgeo_row_gradient batches[BATCHES];
    int64_t *ids[BATCHES];
    float *grads[BATCHES], *theta;
};

static void destroy(void *data)
{
    struct inputs *inputs = data;
    for (size_t b = 0; inputs && b < BATCHES; b++) {
        sgeo_free(inputs->ids[b]);
        sgeo_free(inputs->grads[b]);
    }
    if (inputs)
        sgeo_free(inputs->theta);
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

/* Batch b looks up `n` rows of the table. */
static enum sgeo_status touch(struct inputs *inputs, size_t b, size_t n,
                              const struct sgeo_bench_args *args, uint64_t seed)
{
    struct sgeo_row_gradient *batch = &inputs->batches[b];
    inputs->ids[b] = sgeo_calloc(n, sizeof *inputs->ids[b]);
    if (!inputs->ids[b])
        return sgeo_fail_memory("a bench case");
    enum sgeo_status status =
        sgeo_bench_indices(inputs->ids[b], n, inputs->rows, args, seed * BATCHES + b);
    if (status != SGEO_OK)
        return status;
    batch->n_rows = sort_ids(inputs->ids[b], n);
    batch->rows = inputs->ids[b];
    status = sgeo_bench_floats(&inputs->grads[b], batch->n_rows * inputs->dim, seed, b);
    batch->grad = inputs->grads[b];
    return status;
}

/* rows= and dim= of the table, lookups= of a batch, idx= their distribution. */
static enum sgeo_status fill(struct inputs *inputs, const struct sgeo_bench_args *args,
                             uint64_t seed)
{
    size_t lookups;
    enum sgeo_status status = sgeo_bench_size(&inputs->rows, args, "rows");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&inputs->dim, args, "dim");
    if (status == SGEO_OK)
        status = sgeo_bench_size(&lookups, args, "lookups");
    if (status == SGEO_OK && (inputs->rows == 0 || inputs->dim == 0 || lookups == 0))
        status = sgeo_fail(SGEO_USAGE, NULL, "%s: rows, dim and lookups are positive",
                           sgeo_bench_args_place(args));
    for (size_t b = 0; status == SGEO_OK && b < BATCHES; b++)
        status = touch(inputs, b, lookups, args, seed);
    if (status != SGEO_OK)
        return status;
    return sgeo_bench_floats(&inputs->theta, inputs->rows * inputs->dim, seed, BATCHES);
}

/* Rows that any batch touched: those of theta that are read. */
static size_t touched_rows(const struct inputs *inputs)
{
    size_t next[BATCHES] = {0}, touched = 0;
    for (int64_t row = 0; (size_t)row < inputs->rows; row++) {
        size_t here = 0;
        for (size_t b = 0; b < BATCHES; b++)
            if (next[b] < inputs->batches[b].n_rows && inputs->ids[b][next[b]] == row) {
                next[b]++;
                here = 1;
            }
        touched += here;
    }
    return touched;
}

/* Gradients and ids are streams; a row of theta takes whole cache lines. */
static void fill_work(struct sgeo_work *work, const struct inputs *inputs)
{
    double stream = 0.0, elems = 0.0, touched = (double)touched_rows(inputs);
    size_t row_bytes = inputs->dim * sizeof(float);
    for (size_t b = 0; b < BATCHES; b++) {
        double n_rows = (double)inputs->batches[b].n_rows;
        stream += n_rows * (double)(row_bytes + sizeof(int64_t));
        elems += n_rows * (double)inputs->dim;
    }
    work->flops = 7.5 * elems + 2.0 * touched * (double)inputs->dim;
    work->bytes = stream + touched * (double)row_bytes;
    work->line_bytes = stream + touched * (double)((row_bytes + 63) / 64 * 64);
    work->roof = SGEO_ROOF_GATHER;
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
    fill_work(work, inputs);
    *created = inputs;
    return SGEO_OK;
}

static void run(void *data, const struct sgeo_kernels *kernels)
{
    struct inputs *inputs = data;
    struct sgeo_moments moments;
    kernels->f32_row_moments(&moments, inputs->batches, BATCHES, inputs->theta, inputs->rows,
                             inputs->dim);
}

const struct sgeo_load sgeo_load_f32_row_moments = {create, run, destroy};
