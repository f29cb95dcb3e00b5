/* What searches and trainings of Table 3 will cost, before they start. */
#ifndef SGEO_HARNESS_TABLE3_COST_H
#define SGEO_HARNESS_TABLE3_COST_H

#include "harness/ctr_cost.h"
#include "harness/table3_rows.h"

/* What it depends on besides the row. */
struct sgeo_table3_scale {
    const struct sgeo_options *options; /* preset, mini-batches, seed */
    const struct sgeo_ctr_task *task;
    size_t train_rows, valid_rows;
};

/* CPU seconds of a searched row's supernet and of one evaluation, roughly. Fails as sgeo_ctr_recipe
 * and sgeo_ctr_cost. */
enum sgeo_status sgeo_table3_search_cost(struct sgeo_ctr_cost *cost,
                                         const struct sgeo_table3_scale *scale,
                                         const struct sgeo_table3_row *row);

/* CPU seconds of training a model of the row, roughly: the published one of its space stands for
 * what a search finds. Fails as sgeo_ctr_final_recipe and sgeo_ctr_final_cost. */
enum sgeo_status sgeo_table3_training_cost(double *seconds, const struct sgeo_table3_scale *scale,
                                           const struct sgeo_table3_row *row);

#endif
