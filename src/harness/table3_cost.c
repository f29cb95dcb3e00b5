#include "harness/table3_cost.h"

#include <stdio.h>

#include "harness/preset.h"
#include "proxy/ctr_measure.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum sgeo_status sgeo_table3_search_cost(struct sgeo_ctr_cost *cost,
                                         const struct sgeo_table3_scale *scale,
                                         const struct sgeo_table3_row *row)
{
    const struct sgeo_search_size size = sgeo_search_size(scale->options->preset);
    const struct sgeo_ctr_schema *schema = sgeo_ctr_schema_find(scale->task->name);
    const struct sgeo_nasrec_supernet shape =
        sgeo_nasrec_supernet(row->space, schema->n_dense, schema->n_fields);
    const struct sgeo_ctr_draw draw = {.k = scale->options->batches};
    struct sgeo_ctr_recipe recipe;
    enum sgeo_status status = sgeo_ctr_recipe(&recipe, scale->task, scale->options, row->level,
                                              size.epochs, scale->train_rows);
    if (status != SGEO_OK) {
        return status;
    }
    const struct sgeo_ctr_judge judge = {
        .proxy = row->proxy == NULL ? NULL : sgeo_ctr_proxy_find(row->proxy),
        .draw = &draw,
        .one_shot = {.steps = size.oneshot_steps,
                     .batch = recipe.one_shot_batch,
                     .valid = {.rows = smaller(scale->valid_rows, recipe.valid_rows)}}};
    return sgeo_ctr_cost(cost, &shape, &recipe, &judge, scale->options->seed);
}

static enum sgeo_status model_like(struct sgeo_ctr_named *model, const struct sgeo_ctr_task *task,
                                   const struct sgeo_table3_row *row)
{
    char name[32];
    snprintf(name, sizeof name, "%s-%s", task->published, sgeo_nasrec_space_names[row->space]);
    return sgeo_ctr_named_parse(
        model, row->kind == SGEO_TABLE3_CRAFTED ? sgeo_ctr_name(row->crafted) : name);
}

enum sgeo_status sgeo_table3_training_cost(double *seconds, const struct sgeo_table3_scale *scale,
                                           const struct sgeo_table3_row *row)
{
    size_t epochs = sgeo_search_size(scale->options->preset).final_epochs;
    struct sgeo_ctr_named model;
    struct sgeo_ctr_final_recipe recipe;
    enum sgeo_status status = model_like(&model, scale->task, row);
    if (status == SGEO_OK) {
        status = sgeo_ctr_final_recipe(&recipe, scale->task, sgeo_ctr_named_space(&model), epochs,
                                       scale->train_rows);
    }
    return status == SGEO_OK ? sgeo_ctr_final_cost(seconds, sgeo_ctr_schema_find(scale->task->name),
                                                   &model, &recipe)
                             : status;
}
