#include "harness/table3_plan.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "harness/ctr_set.h"
#include "harness/table3_cost.h"
#include "harness/table3_searches.h"

/* Rows for training of ten, and for validation. */
#define TRAIN_SHARE 0.8
#define VALID_SHARE 0.1

/* What is to do, of CPU seconds where nothing else is said. */
struct work {
    size_t searches, done, trainings; /* of one task */
    double searching, training;
    double longest; /* of the searches that share a supernet: one after another */
};

struct plan {
    const struct sgeo_options *options;
    struct sgeo_search_size size;
    struct sgeo_table3_scale scale;
    size_t seeds;
    double shared[2][2]; /* by space and warm-up (1 %, 100 %): the searches of its supernet */
};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static enum sgeo_status add_search(struct work *work, struct plan *plan,
                                   const struct sgeo_table3_row *row)
{
    struct sgeo_ctr_cost cost;
    enum sgeo_status status = sgeo_table3_search_cost(&cost, &plan->scale, row);
    if (status != SGEO_OK) {
        return status;
    }
    double seconds = cost.evaluation * (double)sgeo_evolution_evaluations(&plan->size.evolution);
    double alone = seconds;
    if (row->level > 0.0) {
        double *shared = &plan->shared[row->space][row->level > 1.0];
        seconds += *shared > 0.0 ? 0.0 : cost.warmup;
        *shared += seconds;
        alone = *shared;
    }
    work->searching += seconds;
    work->longest = larger(work->longest, alone);
    return SGEO_OK;
}

static enum sgeo_status add_trainings(struct work *work, const struct plan *plan,
                                      const struct sgeo_table3_row *row)
{
    size_t found = row->kind == SGEO_TABLE3_SEARCHED ? plan->size.best : 1;
    size_t trainings = found + plan->seeds - 1;
    double seconds = 0.0;
    enum sgeo_status status = sgeo_table3_training_cost(&seconds, &plan->scale, row);
    work->trainings += trainings;
    work->training += seconds * (double)trainings;
    return status;
}

/* A search that is over has its files. */
static bool is_searched(const struct plan *plan, const struct sgeo_table3_row *row)
{
    char directory[SGEO_TABLE3_PATH], path[SGEO_TABLE3_PATH + 32];
    sgeo_table3_name_search(directory, plan->options, plan->scale.task, row);
    snprintf(path, sizeof path, "%s/search_best.csv", directory);
    return plan->options->resume && sgeo_file_exists(path);
}

static enum sgeo_status add_row(struct work *work, struct plan *plan,
                                const struct sgeo_table3_row *row)
{
    enum sgeo_status status = SGEO_OK;
    if (row->kind == SGEO_TABLE3_NOT_RERUN || row->kind == SGEO_TABLE3_BOUND ||
        !sgeo_table3_has_row(plan->options, row)) {
        return SGEO_OK;
    }
    if (row->kind == SGEO_TABLE3_SEARCHED) {
        bool done = is_searched(plan, row);
        work->searches++;
        work->done += done;
        status = done ? SGEO_OK : add_search(work, plan, row);
    }
    return status == SGEO_OK ? add_trainings(work, plan, row) : status;
}

static void print_task(struct sgeo_text *text, const struct plan *plan, const struct work *work,
                       size_t rows)
{
    const struct sgeo_ctr_task *task = plan->scale.task;
    sgeo_text_append(text,
                     "%s: %zu searches of %zu evaluations, %zu of them done; %zu trainings from "
                     "scratch at most, %zu seed%s of each reported model; about %zu %s rows\n",
                     task->name, work->searches, sgeo_evolution_evaluations(&plan->size.evolution),
                     work->done, work->trainings, plan->seeds, plan->seeds == 1 ? "" : "s", rows,
                     sgeo_ctr_set_has_files(plan->options->data, task) ? "real" : "generated");
}

static enum sgeo_status plan_task(struct sgeo_text *text, struct work *all,
                                  const struct sgeo_options *options,
                                  const struct sgeo_table3_list *list, size_t t)
{
    struct plan plan = {.options = options,
                        .size = sgeo_search_size(options->preset),
                        .scale = {.options = options, .task = options->ctr_tasks[t]}};
    struct work work = {0};
    size_t clicks = 0;
    enum sgeo_status status =
        sgeo_ctr_set_rows_about(&clicks, options->data, plan.scale.task, &plan.size);
    plan.scale.train_rows = (size_t)(TRAIN_SHARE * (double)clicks);
    plan.scale.valid_rows = (size_t)(VALID_SHARE * (double)clicks);
    plan.seeds = options->seeds > 0 ? options->seeds : plan.size.final_seeds;
    for (size_t r = 0; status == SGEO_OK && r < list->n; r++) {
        status = add_row(&work, &plan, &list->rows[r]);
    }
    if (status == SGEO_OK) {
        print_task(text, &plan, &work, clicks);
        all->searching += work.searching;
        all->training += work.training;
        all->longest = larger(all->longest, work.longest);
    }
    return status;
}

enum sgeo_status sgeo_table3_print_plan(const struct sgeo_options *options,
                                        const struct sgeo_table3_list *list, sgeo_text_sink sink,
                                        void *sink_context)
{
    struct sgeo_text text = {0};
    struct work all = {0};
    double workers = (double)options->workers;
    enum sgeo_status status = SGEO_OK;
    for (size_t t = 0; status == SGEO_OK && t < options->n_ctr_tasks; t++) {
        status = plan_task(&text, &all, options, list, t);
    }
    sgeo_text_append(
        &text,
        "about %.2g core-hours, %.2g hours with --workers %zu, those of trainings that "
        "are done included; results in %s\n",
        (all.searching + all.training) / SGEO_SECONDS_AN_HOUR,
        (larger(all.searching / workers, all.longest) + all.training / workers) /
            SGEO_SECONDS_AN_HOUR,
        options->workers, options->out);
    if (status == SGEO_OK && text.failed) {
        status = sgeo_fail_memory("plan");
    }
    if (status == SGEO_OK) {
        sink(text.bytes, sink_context);
    }
    sgeo_text_clear(&text);
    return status;
}
