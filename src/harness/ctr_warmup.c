#include "harness/ctr_warmup.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "kernels/dispatch/dispatch.h"

#define PEAK_RATE    0.12  /* of the published supernets */
#define SAVE_SECONDS 120.0 /* between two checkpoints */

struct warming {
    const struct sgeo_ctr_warmup *warmup;
    struct sgeo_ctr_supernet *supernet;
    char path[1024];
    struct sgeo_text identity;
    size_t first_step;
    double start, saved; /* wall clock: of the training, of the last checkpoint */
};

/* --- checkpoint --- */

static enum sgeo_status name_checkpoint(struct warming *warming)
{
    const struct sgeo_ctr_warmup *warmup = warming->warmup;
    const struct sgeo_ctr_recipe *recipe = warmup->recipe;
    char directory[1024];
    snprintf(directory, sizeof directory, "%s/checkpoints", warmup->options->out);
    snprintf(warming->path, sizeof warming->path, "%s/checkpoints/nasrec-%s-%s-w%g-s%llu.ckpt",
             warmup->options->out, sgeo_nasrec_space_names[warmup->space],
             warmup->clicks->task->name, recipe->level, (unsigned long long)warmup->options->seed);
    sgeo_text_append(&warming->identity,
                     "nasrec-%s %s seed %llu isa %s steps %zu batch %zu fade %zu lr %g ",
                     sgeo_nasrec_space_names[warmup->space], warmup->clicks->task->name,
                     (unsigned long long)warmup->options->seed, sgeo_isa_name(sgeo_kernels_isa()),
                     recipe->steps, recipe->batch, recipe->fade_steps, PEAK_RATE);
    sgeo_ctr_set_identity(&warming->identity, warmup->clicks);
    return warming->identity.failed ? sgeo_fail_memory("identity of a checkpoint")
                                    : sgeo_directory_create(directory);
}

/* Steps that an interrupted warm-up, or a whole one, has done already. */
static enum sgeo_status recall(struct warming *warming)
{
    return sgeo_file_exists(warming->path)
               ? sgeo_ctr_supernet_load(warming->supernet, warming->path, warming->identity.bytes,
                                        &warming->first_step)
               : SGEO_OK;
}

/* --- training --- */

static void report(const struct warming *warming, size_t done)
{
    const struct sgeo_ctr_warmup *warmup = warming->warmup;
    size_t all = warmup->recipe->steps, fresh = done - warming->first_step;
    double elapsed = sgeo_wall_seconds() - warming->start;
    const struct sgeo_progress progress = {.jobs_done = done,
                                           .jobs_total = all,
                                           .fraction = (double)done / (double)all,
                                           .eta_seconds =
                                               elapsed * (double)(all - done) / (double)fresh};
    if (warmup->progress != NULL) {
        warmup->progress(&progress, warmup->progress_context);
    }
}

/* The last step is saved whatever the time. */
static enum sgeo_status on_step(size_t step, double loss, void *context)
{
    struct warming *warming = context;
    size_t done = step + 1;
    double now = sgeo_wall_seconds();
    const atomic_bool *stop = warming->warmup->stop;
    (void)loss;
    if (stop != NULL && atomic_load(stop)) {
        return sgeo_fail(SGEO_INTERRUPTED, NULL, "warm-up of nasrec-%s on %s stopped",
                         sgeo_nasrec_space_names[warming->warmup->space],
                         warming->warmup->clicks->task->name);
    }
    report(warming, done);
    if (done < warming->warmup->recipe->steps && now - warming->saved < SAVE_SECONDS) {
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_ctr_supernet_save(warming->supernet, warming->path, warming->identity.bytes, done);
    warming->saved = sgeo_wall_seconds();
    return status;
}

static enum sgeo_status train(struct warming *warming)
{
    const struct sgeo_ctr_warmup *warmup = warming->warmup;
    const struct sgeo_ctr_recipe *recipe = warmup->recipe;
    struct sgeo_ctr_training_result result;
    const struct sgeo_ctr_training training = {
        .schedule = sgeo_ctr_standard_schedule(recipe->steps, PEAK_RATE),
        .source = sgeo_ctr_part_feed_rows(warmup->clicks->train, SIZE_MAX),
        .batch = recipe->batch,
        .first_step = warming->first_step,
        .on_step = on_step,
        .step_context = warming};
    warming->start = warming->saved = sgeo_wall_seconds();
    enum sgeo_status status =
        sgeo_ctr_supernet_train(warming->supernet, &result, &training, recipe->fade_steps);
    if (status == SGEO_OK && result.diverged) {
        status = sgeo_fail(SGEO_CHECK_FAILED, "try another --seed",
                           "the supernet of nasrec-%s on %s diverged at step %zu of %zu",
                           sgeo_nasrec_space_names[warmup->space], warmup->clicks->task->name,
                           warming->first_step + result.steps, recipe->steps);
    }
    return status;
}

/* --- both --- */

static enum sgeo_status create(struct sgeo_ctr_supernet **supernet, struct sgeo_backend *backend,
                               const struct sgeo_ctr_warmup *warmup)
{
    const struct sgeo_ctr_schema *schema = warmup->clicks->data.schema;
    const struct sgeo_nasrec_supernet shape =
        sgeo_nasrec_supernet(warmup->space, schema->n_dense, schema->n_fields);
    size_t table_rows[SGEO_CTR_FIELDS_MAX];
    sgeo_ctr_set_table_rows(table_rows, warmup->clicks);
    return sgeo_ctr_supernet_create(supernet, &shape, table_rows, backend, warmup->options->seed);
}

static enum sgeo_status warm_up(struct warming *warming)
{
    enum sgeo_status status = name_checkpoint(warming);
    if (status == SGEO_OK) {
        status = recall(warming);
    }
    return status == SGEO_OK ? train(warming) : status;
}

enum sgeo_status sgeo_ctr_warm_up(struct sgeo_ctr_supernet **supernet, struct sgeo_backend *backend,
                                  const struct sgeo_ctr_warmup *warmup)
{
    struct warming warming = {.warmup = warmup};
    enum sgeo_status status = create(&warming.supernet, backend, warmup);
    if (status == SGEO_OK && warmup->recipe->steps > 0) {
        status = warm_up(&warming);
    }
    sgeo_text_clear(&warming.identity);
    if (status != SGEO_OK) {
        sgeo_ctr_supernet_destroy(warming.supernet);
        return status;
    }
    *supernet = warming.supernet;
    return SGEO_OK;
}
