#include "harness/table3_cells.h"

#include <math.h>
#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "harness/run_folder.h"
#include "harness/table3_searches.h"

/* --- opening --- */

struct sgeo_options sgeo_table3_options(const struct sgeo_options *options,
                                        const struct sgeo_ctr_task *task)
{
    struct sgeo_options own = *options;
    if (!sgeo_ctr_set_has_files(options->data, task)) {
        own.data = NULL;
    }
    own.ctr_tasks[0] = task;
    own.n_ctr_tasks = 1;
    return own;
}

enum sgeo_status sgeo_table3_open_sets(struct sgeo_ctr_set **sets, size_t *n_sets,
                                       const struct sgeo_options *options,
                                       const struct sgeo_search_size *size)
{
    enum sgeo_status status = SGEO_OK;
    *n_sets = 0;
    *sets = sgeo_calloc(options->n_ctr_tasks, sizeof **sets);
    if (*sets == NULL) {
        return sgeo_fail_memory("data sets");
    }
    for (size_t t = 0; status == SGEO_OK && t < options->n_ctr_tasks; t++) {
        const struct sgeo_ctr_task *task = options->ctr_tasks[t];
        const struct sgeo_options own = sgeo_table3_options(options, task);
        if (options->data != NULL && own.data == NULL) {
            sgeo_log(SGEO_LOG_WARNING, "%s has no files of %s: its rows are generated",
                     options->data, task->name);
        }
        status = sgeo_ctr_set_open(&(*sets)[t], task, &own, size);
        *n_sets += status == SGEO_OK;
    }
    return status;
}

void sgeo_table3_close_sets(struct sgeo_ctr_set *sets, size_t n_sets)
{
    for (size_t t = 0; t < n_sets; t++) {
        sgeo_ctr_set_close(&sets[t]);
    }
    sgeo_free(sets);
}

/* What is known of a cell before anything has run. */
static enum sgeo_status start_cell(struct sgeo_table3_cell *cell, const struct sgeo_table3 *table)
{
    const struct sgeo_table3_row *row = cell->row;
    struct sgeo_ctr_recipe recipe;
    char name[32];
    cell->paper_equivalent_percent = cell->supernet = cell->search = cell->retraining = (double)NAN;
    switch (row->kind) {
    case SGEO_TABLE3_CRAFTED:
        cell->found[0].crafted = row->crafted;
        cell->n_found = 1;
        return SGEO_OK;
    case SGEO_TABLE3_PUBLISHED:
        snprintf(name, sizeof name, "%s-%s", cell->clicks->task->published,
                 sgeo_nasrec_space_names[row->space]);
        cell->n_found = 1;
        return sgeo_ctr_named_parse(&cell->found[0], name);
    case SGEO_TABLE3_SEARCHED:
        break;
    case SGEO_TABLE3_NOT_RERUN:
    case SGEO_TABLE3_BOUND:
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_ctr_recipe(&recipe, cell->clicks->task, table->options, row->level, table->size.epochs,
                        cell->clicks->split.rows[SGEO_CTR_TRAIN]);
    if (status == SGEO_OK) {
        cell->paper_equivalent_percent = recipe.paper_equivalent_percent;
    }
    return status;
}

static enum sgeo_status list_cells(struct sgeo_table3 *table)
{
    size_t n_rows = table->list.n;
    enum sgeo_status status = SGEO_OK;
    table->cells = sgeo_calloc(table->n_sets * n_rows, sizeof *table->cells);
    if (table->cells == NULL) {
        return sgeo_fail_memory(table->list.name);
    }
    for (size_t i = 0; status == SGEO_OK && i < table->n_sets * n_rows; i++) {
        struct sgeo_table3_cell *cell = &table->cells[table->n_cells];
        const struct sgeo_table3_row *row = &table->list.rows[i % n_rows];
        const struct sgeo_ctr_set *clicks = &table->sets[i / n_rows];
        bool fits = row->kind != SGEO_TABLE3_BOUND || clicks->data.synth != NULL;
        if (fits && sgeo_table3_has_row(table->options, row)) {
            cell->row = row;
            cell->clicks = clicks;
            status = start_cell(cell, table);
            table->n_cells++;
        }
    }
    return status;
}

enum sgeo_status sgeo_table3_open(struct sgeo_table3 *table, const struct sgeo_options *options,
                                  const struct sgeo_table3_list *list)
{
    table->options = options;
    table->list = *list;
    table->size = sgeo_search_size(options->preset);
    table->seeds = options->seeds > 0 ? options->seeds : table->size.final_seeds;
    enum sgeo_status status = sgeo_run_folder_check(options); /* before rows are read */
    if (status == SGEO_OK) {
        status = sgeo_table3_open_sets(&table->sets, &table->n_sets, options, &table->size);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_finals_open(&table->finals, options);
    }
    return status == SGEO_OK ? list_cells(table) : status;
}

void sgeo_table3_close(struct sgeo_table3 *table)
{
    sgeo_table3_close_sets(table->sets, table->n_sets);
    sgeo_ctr_finals_close(table->finals);
    sgeo_free(table->cells);
    *table = (struct sgeo_table3){0};
}

/* --- what searches cost --- */

/* The first search of a supernet trains it, the others load it. */
static double supernet_of(const struct sgeo_table3 *table, const struct sgeo_table3_cell *cell)
{
    double sum = 0.0;
    for (size_t i = 0; i < table->n_cells; i++) {
        const struct sgeo_table3_cell *other = &table->cells[i];
        sum += other == cell || sgeo_table3_share_supernet(cell, other) ? other->preparation : 0.0;
    }
    return sum;
}

static void add_supernets(struct sgeo_table3 *table)
{
    for (size_t i = 0; i < table->n_cells; i++) {
        struct sgeo_table3_cell *cell = &table->cells[i];
        cell->supernet =
            cell->row->kind == SGEO_TABLE3_SEARCHED ? supernet_of(table, cell) : (double)NAN;
    }
}

bool sgeo_table3_share_supernet(const struct sgeo_table3_cell *a, const struct sgeo_table3_cell *b)
{
    return a->clicks == b->clicks && a->row->kind == SGEO_TABLE3_SEARCHED &&
           b->row->kind == SGEO_TABLE3_SEARCHED && a->row->space == b->row->space &&
           a->row->level == b->row->level && a->row->level > 0.0;
}

/* --- trainings --- */

static enum sgeo_status add_found(struct sgeo_table3 *table, const struct sgeo_table3_cell *cell)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < cell->n_found; i++) {
        status = sgeo_ctr_finals_add(table->finals, cell->clicks, &cell->found[i],
                                     table->size.final_epochs, table->options->seed);
    }
    return status;
}

static enum sgeo_status add_seeds(struct sgeo_table3 *table, const struct sgeo_table3_cell *cell)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t s = 1; status == SGEO_OK && cell->n_found > 0 && s < table->seeds; s++) {
        status = sgeo_ctr_finals_add(table->finals, cell->clicks, &cell->found[cell->chosen],
                                     table->size.final_epochs, table->options->seed + s);
    }
    return status;
}

static enum sgeo_status train_all(struct sgeo_table3 *table,
                                  enum sgeo_status (*add)(struct sgeo_table3 *table,
                                                          const struct sgeo_table3_cell *cell))
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        status = add(table, &table->cells[i]);
    }
    return status == SGEO_OK
               ? sgeo_ctr_finals_train(table->finals, table->progress, table->progress_context)
               : status;
}

static const struct sgeo_ctr_final *first_final(const struct sgeo_table3 *table,
                                                const struct sgeo_table3_cell *cell, size_t found)
{
    return sgeo_ctr_finals_find(table->finals, cell->clicks->task, &cell->found[found],
                                table->options->seed);
}

/* The lowest validation log loss; the search's own order among equals. */
static void choose(const struct sgeo_table3 *table, struct sgeo_table3_cell *cell)
{
    double best = (double)INFINITY, seconds = 0.0;
    for (size_t i = 0; i < cell->n_found; i++) {
        const struct sgeo_ctr_final *final = first_final(table, cell, i);
        seconds += final->seconds;
        if (final->valid.log_loss < best) {
            best = final->valid.log_loss;
            cell->chosen = i;
        }
    }
    cell->retraining = cell->n_found == 0 ? (double)NAN : seconds;
}

enum sgeo_status sgeo_table3_work(struct sgeo_table3 *table)
{
    enum sgeo_status status = sgeo_table3_search(table);
    if (status == SGEO_OK) {
        add_supernets(table);
        sgeo_log(SGEO_LOG_INFO, "training what was found from scratch");
        status = train_all(table, add_found);
    }
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        choose(table, &table->cells[i]);
    }
    if (status == SGEO_OK) {
        sgeo_log(SGEO_LOG_INFO, "training the chosen models with %zu seeds", table->seeds);
        status = train_all(table, add_seeds);
    }
    return status;
}

const struct sgeo_ctr_final *sgeo_table3_final(const struct sgeo_table3 *table,
                                               const struct sgeo_table3_cell *cell, size_t i)
{
    return sgeo_ctr_finals_find(table->finals, cell->clicks->task, &cell->found[cell->chosen],
                                table->options->seed + i);
}
