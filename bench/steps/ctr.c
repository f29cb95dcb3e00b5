#include "bench/steps/ctr.h"

#include <string.h>

#include "base/memory.h"
#include "space/ctr_formula.h"
#include "space/ctr_models.h"
#include "space/nasrec_build.h"

/* --- rows --- */

/* Values of Criteo's fields in the multi-hot data set that MLPerf trains its DLRM with DCNv2 on,
 * multi_hot_sizes in mlcommons/training, recommendation_v2/torchrec_dlrm/README.MD. */
static const size_t mlperf_hotness[SGEO_STEP_FIELDS] = {3, 2, 1, 2, 6, 1, 1,  1,   1,  7,  3, 8, 1,
                                                        6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1, 1};

/* hot=mlperf; without it one value a field. */
static enum sgeo_status read_hotness(struct sgeo_step_data *data,
                                     const struct sgeo_bench_args *args)
{
    const char *word = sgeo_bench_word(args, "hot");
    data->hotness = word ? mlperf_hotness : NULL;
    return !word || strcmp(word, "mlperf") == 0
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "hot=mlperf, or leave it out", "%s: no such hotness in '%s'",
                           sgeo_bench_args_place(args), sgeo_bench_args_text(args));
}

static enum sgeo_status fill_batches(struct sgeo_step_data *data)
{
    struct sgeo_ctr_formula formula = {.dense = SGEO_STEP_DENSE,
                                       .fields = SGEO_STEP_FIELDS,
                                       .rows = data->table_rows[0],
                                       .precision = SGEO_F32,
                                       .hotness = data->hotness};
    const struct sgeo_ctr_use use = {.embedding = data->embedding, .backend = data->backend};
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < data->n_batches; b++) {
        status = sgeo_ctr_buffer_create(&data->batches[b], &use, data->batch);
        if (status == SGEO_OK)
            status =
                sgeo_ctr_formula_read(&data->batches[b], b * data->batch, data->batch, &formula);
    }
    return status;
}

/* Of a mini-batch, so that its indices can be counted in 32 bits. */
static size_t most_rows(const struct sgeo_feature_layout *layout)
{
    return (size_t)INT32_MAX / sgeo_feature_all_values(layout);
}

enum sgeo_status sgeo_step_data_open(struct sgeo_step_data *data,
                                     const struct sgeo_bench_args *args, size_t n_batches)
{
    struct sgeo_feature_layout layout = sgeo_nasrec_features(SGEO_STEP_DENSE, SGEO_STEP_FIELDS);
    size_t rows = 0;
    enum sgeo_status status = sgeo_bench_size(&rows, args, "rows");
    if (status == SGEO_OK)
        status = read_hotness(data, args);
    if (status == SGEO_OK)
        status = sgeo_bench_size(&data->batch, args, "batch");
    layout.hotness = data->hotness;
    if (status == SGEO_OK && (data->batch == 0 || data->batch > most_rows(&layout)))
        status = sgeo_fail(SGEO_USAGE, "e.g. batch=512", "%s: batch=%zu",
                           sgeo_bench_args_place(args), data->batch);
    for (size_t f = 0; f < SGEO_STEP_FIELDS; f++)
        data->table_rows[f] = rows;
    if (status == SGEO_OK)
        status = sgeo_backend_create(&data->backend, (struct sgeo_executor){.precision = SGEO_F32});
    if (status == SGEO_OK)
        status = sgeo_embedding_create(&data->embedding, data->backend, &layout, data->table_rows);
    if (status != SGEO_OK)
        return status;
    data->pool = sgeo_pool_create();
    data->batches = sgeo_calloc(n_batches, sizeof *data->batches);
    if (!data->pool || !data->batches)
        return sgeo_fail_memory("the rows of a step bench");
    data->n_batches = n_batches;
    return fill_batches(data);
}

void sgeo_step_data_close(struct sgeo_step_data *data)
{
    for (size_t b = 0; b < data->n_batches; b++)
        sgeo_ctr_buffer_destroy(&data->batches[b]);
    sgeo_free(data->batches);
    sgeo_pool_destroy(data->pool);
    sgeo_embedding_destroy(data->embedding);
    sgeo_backend_destroy(data->backend);
}

struct sgeo_ctr_batch sgeo_step_data_batch(const struct sgeo_step_data *data, size_t index)
{
    const struct sgeo_ctr_buffer *rows = &data->batches[index];
    return (struct sgeo_ctr_batch){{data->batch, rows->dense, rows->indices, rows->offsets},
                                   rows->labels};
}

static enum sgeo_status read_batch(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                   void *context)
{
    const struct sgeo_step_data *data = context;
    const struct sgeo_ctr_buffer *from =
        &data->batches[(data->first + first / data->batch) % data->n_batches];
    memcpy(rows->dense, from->dense, n * SGEO_STEP_DENSE * sizeof(float));
    size_t values = n * sgeo_feature_all_values(sgeo_embedding_layout(data->embedding));
    memcpy(rows->indices, from->indices, values * sizeof *rows->indices);
    if (rows->offsets)
        memcpy(rows->offsets, from->offsets, (n * SGEO_STEP_FIELDS + 1) * sizeof *rows->offsets);
    memcpy(rows->labels, from->labels, n * sizeof *rows->labels);
    return SGEO_OK;
}

struct sgeo_ctr_feed sgeo_step_data_feed(struct sgeo_step_data *data)
{
    return (struct sgeo_ctr_feed){data->n_batches * data->batch, read_batch, data};
}

/* --- models --- */

enum sgeo_status sgeo_step_arch(struct sgeo_nasrec_arch *arch, const struct sgeo_bench_args *args)
{
    const char *name = sgeo_bench_word(args, "path");
    for (size_t i = 0; name && i < SGEO_NASREC_PUBLISHED; i++)
        if (strcmp(name, sgeo_nasrec_published[i].name) == 0)
            return sgeo_nasrec_decode(arch, sgeo_nasrec_published[i].text);
    return sgeo_fail(SGEO_USAGE, "path= names a published one, e.g. criteo-small",
                     "%s: no such architecture in '%s'", sgeo_bench_args_place(args),
                     sgeo_bench_args_text(args));
}

static enum sgeo_status build(struct sgeo_graph **graph, const struct sgeo_feature_layout *features,
                              const struct sgeo_bench_args *args)
{
    const char *word = sgeo_bench_word(args, "model");
    enum sgeo_ctr_model model = word ? sgeo_ctr_find(word) : SGEO_CTR_MODELS;
    if (model != SGEO_CTR_MODELS) {
        const struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes(model);
        return sgeo_ctr_build(graph, model, features, &sizes);
    }
    if (word && strcmp(word, "nasrec") == 0) {
        struct sgeo_nasrec_arch arch;
        enum sgeo_status status = sgeo_step_arch(&arch, args);
        return status == SGEO_OK ? sgeo_nasrec_build(graph, &arch, features, false) : status;
    }
    return sgeo_fail(SGEO_USAGE, "e.g. model=dlrm, dcnv2, nasrec", "%s: no such model in '%s'",
                     sgeo_bench_args_place(args), sgeo_bench_args_text(args));
}

static enum sgeo_status fill_numbers(struct sgeo_step_model *model)
{
    model->use.theta = sgeo_store_vector(model->store);
    model->use.tables = sgeo_embedding_vector(model->use.embedding);
    if (!model->use.theta || !model->use.tables)
        return sgeo_fail_memory("the numbers of a step bench");
    sgeo_embedding_init_formula(model->use.embedding, model->use.tables);
    return sgeo_store_init_formula(model->store, model->use.theta);
}

enum sgeo_status sgeo_step_model_open(struct sgeo_step_model *model,
                                      const struct sgeo_step_data *data,
                                      const struct sgeo_bench_args *args)
{
    enum sgeo_status status = build(&model->graph, sgeo_embedding_layout(data->embedding), args);
    if (status == SGEO_OK)
        status = sgeo_store_create(&model->store, model->graph, data->backend, 1);
    if (status != SGEO_OK)
        return status;
    model->use = (struct sgeo_ctr_use){.graph = model->graph,
                                       .store = model->store,
                                       .embedding = data->embedding,
                                       .backend = data->backend,
                                       .pool = data->pool};
    return fill_numbers(model);
}

void sgeo_step_model_close(struct sgeo_step_model *model)
{
    sgeo_free(model->use.theta);
    sgeo_free(model->use.tables);
    sgeo_store_destroy(model->store);
    sgeo_graph_destroy(model->graph);
}

double sgeo_step_flops(const struct sgeo_graph *graph, double passes, size_t n)
{
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, graph);
    return 2.0 * passes * (double)counts.macs * (double)n;
}
