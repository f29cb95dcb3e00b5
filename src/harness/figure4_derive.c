/* Figure 4 from the files of a Table 3: what a search found (searches/), and what that became
 * (models.csv). */
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "harness/figure4_points.h"
#include "harness/table3_searches.h"

#define MOST 1e18 /* of any number of a model, so that it fits size_t */

struct source {
    struct sgeo_text *csv;
    const char *directory;
    const struct sgeo_options *options; /* out: the directory */
    const struct sgeo_csv *paper;
    struct sgeo_csv models, table;
    size_t searches; /* that the folder has */
};

static enum sgeo_status read_columns(struct sgeo_csv *csv, const char *directory, const char *name,
                                     const char *const *columns)
{
    char path[SGEO_TABLE3_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    enum sgeo_status status = sgeo_csv_read(csv, path);
    return status == SGEO_OK ? sgeo_csv_require(csv, columns) : status;
}

/* The first row of table3.csv about a search of the level on a data set. */
static size_t table_row(const struct source *source, const char *dataset,
                        const struct sgeo_table3_row *row)
{
    const struct sgeo_csv *table = &source->table;
    for (size_t r = 0; r < table->n_rows; r++) {
        if (sgeo_csv_is(table, r, "dataset", dataset) && sgeo_csv_is(table, r, "by", row->proxy) &&
            sgeo_csv_is(table, r, "search_space", row->search_space) &&
            sgeo_csv_number(table, r, "warmup_percent") == row->level) {
            return r;
        }
    }
    return SGEO_CSV_NONE;
}

static size_t model_row(const struct source *source, const struct sgeo_ctr_task *task,
                        const char *model)
{
    const struct sgeo_csv *models = &source->models;
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)source->options->seed);
    for (size_t r = 0; r < models->n_rows; r++) {
        if (sgeo_csv_is(models, r, "task", task->name) && sgeo_csv_is(models, r, "model", model) &&
            sgeo_csv_is(models, r, "seed", seed)) {
            return r;
        }
    }
    return SGEO_CSV_NONE;
}

/* What a point needs of a row. */
static enum sgeo_status check_model(const struct sgeo_csv *models, size_t row)
{
    static const char *const numbers[] = {"params", "valid_log_loss", "test_log_loss"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double value = sgeo_csv_number(models, row, numbers[i]);
        if (!(value >= 0.0 && value < MOST)) {
            return sgeo_fail(SGEO_IO, "is it a file of this program?",
                             "%s:%zu: %s '%s' is no number from 0 on", models->path, row + 2,
                             numbers[i], sgeo_csv_field(models, row, numbers[i]));
        }
    }
    return SGEO_OK;
}

/* rows (best->n_rows): of models.csv; *chosen is the place of the lowest validation loss. */
static enum sgeo_status find_models(size_t rows[SGEO_TABLE3_FOUND_MAX], size_t *chosen,
                                    const struct source *source, const struct sgeo_ctr_task *task,
                                    const struct sgeo_csv *best)
{
    double least = (double)INFINITY;
    *chosen = 0;
    for (size_t i = 0; i < best->n_rows && i < SGEO_TABLE3_FOUND_MAX; i++) {
        rows[i] = model_row(source, task, sgeo_csv_field(best, i, "arch"));
        if (rows[i] == SGEO_CSV_NONE) {
            return sgeo_fail(SGEO_IO, "go on with the run: --table 3 --resume",
                             "%s/models.csv has not trained number %zu of %s", source->directory,
                             i + 1, best->path);
        }
        enum sgeo_status status = check_model(&source->models, rows[i]);
        if (status != SGEO_OK) {
            return status;
        }
        double loss = sgeo_csv_number(&source->models, rows[i], "valid_log_loss");
        if (loss < least) {
            least = loss;
            *chosen = i;
        }
    }
    return SGEO_OK;
}

static void put_model(const struct source *source, const struct sgeo_figure4_point *of_all,
                      size_t row)
{
    const struct sgeo_csv *models = &source->models;
    struct sgeo_figure4_point point = *of_all;
    point.model = sgeo_csv_field(models, row, "model");
    point.params = (size_t)sgeo_csv_number(models, row, "params");
    point.valid_log_loss = sgeo_csv_number(models, row, "valid_log_loss");
    point.test_log_loss = sgeo_csv_number(models, row, "test_log_loss");
    point.test_auc = sgeo_csv_number(models, row, "test_auc");
    point.diverged = sgeo_csv_is(models, row, "status", "diverged");
    sgeo_figure4_put(source->csv, &point, source->paper);
}

static enum sgeo_status put_search(const struct source *source, const struct sgeo_ctr_task *task,
                                   const struct sgeo_table3_row *row, const struct sgeo_csv *best)
{
    size_t rows[SGEO_TABLE3_FOUND_MAX] = {0}, chosen = 0;
    size_t about = table_row(source, task->paper, row);
    if (about == SGEO_CSV_NONE) {
        return sgeo_fail(SGEO_IO, "go on with the run: --table 3 --resume",
                         "%s/table3.csv has no row of %s", source->directory, best->path);
    }
    enum sgeo_status status = find_models(rows, &chosen, source, task, best);
    struct sgeo_figure4_point point = {.row = row,
                                       .dataset = task->paper,
                                       .paper_equivalent_percent = sgeo_csv_number(
                                           &source->table, about, "paper_equivalent_percent"),
                                       .seed = source->options->seed,
                                       .data = sgeo_csv_field(&source->table, about, "data")};
    for (size_t i = 0; status == SGEO_OK && i < best->n_rows && i < SGEO_TABLE3_FOUND_MAX; i++) {
        point.place = 1 + i;
        point.chosen = i == chosen;
        put_model(source, &point, rows[i]);
    }
    return status;
}

/* Searches that the table did not run are left out. */
static enum sgeo_status put_row(struct source *source, const struct sgeo_ctr_task *task,
                                const struct sgeo_table3_row *row)
{
    static const char *const columns[] = {"arch", NULL};
    char folder[SGEO_TABLE3_PATH], path[SGEO_TABLE3_PATH + 32];
    struct sgeo_csv best = {0};
    sgeo_table3_name_search(folder, source->options, task, row);
    snprintf(path, sizeof path, "%s/search_best.csv", folder);
    if (!sgeo_file_exists(path)) {
        return SGEO_OK;
    }
    enum sgeo_status status = read_columns(&best, folder, "search_best.csv", columns);
    if (status == SGEO_OK) {
        status = put_search(source, task, row, &best);
        source->searches++;
    }
    sgeo_csv_clear(&best);
    return status;
}

static enum sgeo_status open_source(struct source *source)
{
    static const char *const models[] = {"task",     "model",          "seed",
                                         "params",   "valid_log_loss", "test_log_loss",
                                         "test_auc", "status",         NULL};
    static const char *const table[] = {
        "dataset", "search_space", "by", "warmup_percent", "paper_equivalent_percent", "data",
        NULL};
    enum sgeo_status status =
        read_columns(&source->models, source->directory, "models.csv", models);
    return status == SGEO_OK ? read_columns(&source->table, source->directory, "table3.csv", table)
                             : status;
}

enum sgeo_status sgeo_figure4_derive(struct sgeo_text *csv, const char *directory,
                                     const struct sgeo_options *options,
                                     const struct sgeo_csv *paper)
{
    struct sgeo_options placed = *options;
    struct sgeo_figure4_rows rows;
    const struct sgeo_table3_list list = sgeo_figure4_list(&rows);
    struct source source = {.csv = csv, .directory = directory, .options = &placed, .paper = paper};
    placed.out = directory;
    enum sgeo_status status = open_source(&source);
    for (size_t t = 0; status == SGEO_OK && t < options->n_ctr_tasks; t++) {
        for (size_t r = 0; status == SGEO_OK && r < list.n; r++) {
            status = put_row(&source, options->ctr_tasks[t], &list.rows[r]);
        }
    }
    if (status == SGEO_OK && source.searches == 0) {
        status = sgeo_fail(SGEO_IO, "--figure 4 --resume --out with this folder searches",
                           "%s has no search of figure 4 with seed %llu", directory,
                           (unsigned long long)options->seed);
    }
    sgeo_csv_clear(&source.models);
    sgeo_csv_clear(&source.table);
    return status;
}
