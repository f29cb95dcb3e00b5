#include "harness/table3b_plan.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/ctr_set.h"
#include "harness/table3_cost.h"
#include "harness/table3b.h"

/* Rows for training of ten, and for validation. */
#define TRAIN_SHARE 0.8
#define VALID_SHARE 0.1

struct plan {
    const struct sgeo_options *options;
    struct sgeo_search_size size;
    struct sgeo_table3_scale scale;
    size_t n[2]; /* architectures, by space */
    size_t seeds;
    struct sgeo_text *text;
    double seconds; /* CPU */
};

/* A search by the dearest of the proxies, and one by the one-shot evaluation, stand for the scores:
 * their supernets and evaluations are these. */
static struct sgeo_table3_row row_like(enum sgeo_nasrec_space space, double level,
                                       const char *proxy)
{
    return (struct sgeo_table3_row){
        .kind = SGEO_TABLE3_PUBLISHED, .space = space, .level = level, .proxy = proxy};
}

static enum sgeo_status add_level(struct plan *plan, enum sgeo_nasrec_space space, double level)
{
    const struct sgeo_table3_row rows[2] = {row_like(space, level, "sigeo-eq6"),
                                            row_like(space, level, NULL)};
    double archs = (double)plan->n[space], warmup = 0.0;
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < 2; i++) {
        struct sgeo_ctr_cost cost = {0.0, 0.0};
        status = sgeo_table3_search_cost(&cost, &plan->scale, &rows[i]);
        warmup = cost.warmup;
        plan->seconds += (double)plan->seeds * archs * cost.evaluation;
    }
    plan->seconds += (double)plan->seeds * warmup;
    return status;
}

static enum sgeo_status add_space(struct plan *plan, enum sgeo_nasrec_space space)
{
    const struct sgeo_options *options = plan->options;
    const struct sgeo_table3_row row = row_like(space, 0.0, NULL);
    size_t n = plan->n[space], twice = plan->size.truths_twice, warm = 0;
    size_t trainings = n + (twice < n ? twice : n);
    double training = 0.0;
    enum sgeo_status status = sgeo_table3_training_cost(&training, &plan->scale, &row);
    plan->seconds += training * (double)trainings;
    for (size_t l = 0; status == SGEO_OK && l < options->n_levels; l++) {
        warm += options->levels[l] > 0.0;
        status = add_level(plan, space, options->levels[l]);
    }
    sgeo_text_append(plan->text,
                     "%s, nasrec-%s: %zu architectures, %zu trainings from scratch; %zu warm-ups, "
                     "%zu scored architectures by %zu proxies\n",
                     plan->scale.task->name, sgeo_nasrec_space_names[space], n, trainings,
                     plan->seeds * warm, plan->seeds * options->n_levels * n, options->n_proxies);
    return status;
}

static enum sgeo_status add_task(struct plan *plan, const struct sgeo_ctr_task *task)
{
    size_t clicks = 0;
    enum sgeo_status status =
        sgeo_ctr_set_rows_about(&clicks, plan->options->data, task, &plan->size);
    plan->scale = (struct sgeo_table3_scale){.options = plan->options,
                                             .task = task,
                                             .train_rows = (size_t)(TRAIN_SHARE * (double)clicks),
                                             .valid_rows = (size_t)(VALID_SHARE * (double)clicks)};
    for (size_t space = 0; status == SGEO_OK && space < 2; space++) {
        if (plan->n[space] > 0) {
            status = add_space(plan, (enum sgeo_nasrec_space)space);
        }
    }
    return status;
}

enum sgeo_status sgeo_table3b_print_plan(const struct sgeo_options *options, sgeo_text_sink sink,
                                         void *sink_context)
{
    struct sgeo_text text = {0};
    struct sgeo_nasrec_arch *archs[2] = {NULL, NULL};
    struct plan plan = {.options = options,
                        .size = sgeo_search_size(options->preset),
                        .seeds = options->seeds > 0 ? options->seeds : 1,
                        .text = &text};
    enum sgeo_status status = sgeo_table3b_archs(archs, plan.n, options, &plan.size);
    for (size_t t = 0; status == SGEO_OK && t < options->n_ctr_tasks; t++) {
        status = add_task(&plan, options->ctr_tasks[t]);
    }
    sgeo_text_append(&text, "about %.2g core-hours, what is done already included; results in %s\n",
                     plan.seconds / SGEO_SECONDS_AN_HOUR, options->out);
    if (status == SGEO_OK && text.failed) {
        status = sgeo_fail_memory("plan");
    }
    if (status == SGEO_OK) {
        sink(text.bytes, sink_context);
    }
    sgeo_free(archs[0]);
    sgeo_free(archs[1]);
    sgeo_text_clear(&text);
    return status;
}
