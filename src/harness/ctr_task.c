#include "harness/ctr_task.h"

#include <math.h>
#include <string.h>

static const struct sgeo_ctr_task criteo = {.name = "criteo",
                                            .paper = "Criteo",
                                            .published = "criteo",
                                            .published_rows = 36672495,
                                            .batch = 512,
                                            .fade_steps = 15000,
                                            .valid_batches = 150,
                                            .final_batch = 256,
                                            .final_rates = {0.1, 0.16}};
static const struct sgeo_ctr_task avazu = {.name = "avazu",
                                           .paper = "Avazu",
                                           .published = "avazu",
                                           .published_rows = 32343175,
                                           .batch = 512,
                                           .fade_steps = 12500,
                                           .valid_batches = 125,
                                           .final_batch = 256,
                                           .final_rates = {0.1, 0.2}};
static const struct sgeo_ctr_task kdd12 = {.name = "kdd12",
                                           .paper = "KDD Cup 2012",
                                           .published = "kdd",
                                           .published_rows = 119711284,
                                           .batch = 1024,
                                           .fade_steps = 20000,
                                           .valid_batches = 175,
                                           .final_batch = 512,
                                           .final_rates = {0.1, 0.16}};

static const struct sgeo_ctr_task *const tasks[] = {&criteo, &avazu, &kdd12, NULL};

const struct sgeo_ctr_task *const *sgeo_ctr_task_all(void)
{
    return tasks;
}

const struct sgeo_ctr_task *sgeo_ctr_task_find(const char *name)
{
    for (size_t i = 0; tasks[i] != NULL; i++) {
        if (strcmp(tasks[i]->name, name) == 0) {
            return tasks[i];
        }
    }
    return NULL;
}

bool sgeo_ctr_is_sample(const struct sgeo_ctr_task *task, size_t rows)
{
    return rows < task->published_rows / 10;
}

/* part / whole of n, to the nearest whole number. */
static size_t share(size_t n, double part, double whole)
{
    return (size_t)llround((double)n * part / whole);
}

static enum sgeo_status check_rows(const struct sgeo_ctr_task *task, size_t batch, size_t rows)
{
    return rows >= batch ? SGEO_OK
                         : sgeo_fail(SGEO_USAGE, "more rows, or a smaller --batch-size",
                                     "a mini-batch of %zu rows, %s has %zu for training", batch,
                                     task->name, rows);
}

static enum sgeo_status check(const struct sgeo_ctr_recipe *recipe,
                              const struct sgeo_ctr_task *task, size_t rows)
{
    size_t most = recipe->batch > recipe->proxy_batch ? recipe->batch : recipe->proxy_batch;
    enum sgeo_status status = check_rows(task, most, rows);
    if (status != SGEO_OK) {
        return status;
    }
    if (recipe->level > 0.0 && recipe->steps == 0) {
        return sgeo_fail(SGEO_USAGE, "a higher --warmup, or more --epochs",
                         "a warm-up of %g %% of %zu steps is less than one", recipe->level,
                         recipe->all_steps);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_recipe(struct sgeo_ctr_recipe *out, const struct sgeo_ctr_task *task,
                                 const struct sgeo_options *options, double level, size_t epochs,
                                 size_t rows)
{
    bool sample = sgeo_ctr_is_sample(task, rows);
    struct sgeo_ctr_recipe recipe = {.level = level,
                                     .epochs = options->epochs > 0 ? options->epochs
                                               : sample            ? epochs
                                                                   : 1,
                                     .batch = sample ? SGEO_CTR_SAMPLE_BATCH : task->batch,
                                     .proxy_batch = options->own_batch_sizes ? task->batch
                                                                             : options->batch_size,
                                     .valid_rows = task->valid_batches * SGEO_CTR_VALID_BATCH};
    recipe.one_shot_batch = options->own_batch_sizes ? recipe.batch : options->batch_size;
    recipe.all_steps = recipe.epochs * rows / recipe.batch;
    recipe.steps = share(recipe.all_steps, level, 100.0);
    recipe.fade_steps = share(recipe.all_steps, (double)task->fade_steps,
                              (double)(task->published_rows / task->batch));
    recipe.paper_equivalent_percent =
        100.0 * (double)(recipe.steps * recipe.batch) / (double)task->published_rows;
    enum sgeo_status status = check(&recipe, task, rows);
    if (status == SGEO_OK) {
        *out = recipe;
    }
    return status;
}

enum sgeo_status sgeo_ctr_final_recipe(struct sgeo_ctr_final_recipe *recipe,
                                       const struct sgeo_ctr_task *task,
                                       enum sgeo_nasrec_space space, size_t epochs, size_t rows)
{
    bool sample = sgeo_ctr_is_sample(task, rows);
    size_t batch = sample ? SGEO_CTR_SAMPLE_BATCH : task->final_batch;
    enum sgeo_status status = check_rows(task, batch, rows);
    if (status == SGEO_OK) {
        *recipe = (struct sgeo_ctr_final_recipe){.batch = batch,
                                                 .steps = (sample ? epochs : 1) * (rows / batch),
                                                 .peak = task->final_rates[space]};
    }
    return status;
}
