#include "harness/job.h"

#include "data/split.h"
#include "harness/preset.h"
#include "proxy/session.h"
#include "space/space.h"

#define SUPERNET_BATCH ((size_t)64)

/* The authors count percent of the 60,000 images of both splits. */
#define CANDIDATE_TOTAL 60000.0

/* Forward and backward of one image cost about three forwards. */
#define FORWARDS_A_STEP 3.0

/* Place of a task in the run; n_tasks for another one. */
static size_t place_of(const struct sgeo_run_context *context, const struct sgeo_task *task)
{
    size_t place = 0;
    while (place < context->options->n_tasks && context->options->tasks[place] != task) {
        place++;
    }
    return place;
}

struct sgeo_feed *sgeo_run_feed(const struct sgeo_run_context *context,
                                const struct sgeo_task *task)
{
    size_t place = place_of(context, task);
    return place < context->options->n_tasks ? context->feeds[place] : NULL;
}

const struct sgeo_truth *sgeo_run_truth(const struct sgeo_run_context *context,
                                        const struct sgeo_task *task)
{
    size_t place = place_of(context, task);
    return place < context->options->n_tasks ? context->truths[place] : NULL;
}

bool sgeo_job_warms_candidate(const struct sgeo_job_key *key)
{
    return key->level > 0.0 && key->mode == SGEO_WARMUP_CANDIDATE;
}

bool sgeo_job_inherits(const struct sgeo_job_key *key)
{
    return key->level > 0.0 && key->mode == SGEO_WARMUP_SUPERNET;
}

size_t sgeo_job_epochs(const struct sgeo_run_context *context, const struct sgeo_job_key *key)
{
    return sgeo_run_size(context->options, key->task).epochs;
}

static size_t supernet_images(const struct sgeo_run_context *context, const struct sgeo_task *task)
{
    size_t available = sgeo_feed_train_count(sgeo_run_feed(context, task));
    return task->supernet_images > 0 && task->supernet_images < available ? task->supernet_images
                                                                          : available;
}

size_t sgeo_supernet_batch(const struct sgeo_task *task)
{
    return task->batch_size > 0 ? task->batch_size : SUPERNET_BATCH;
}

struct sgeo_warmup_size sgeo_warmup_size(const struct sgeo_run_context *context,
                                         const struct sgeo_job_key *key)
{
    struct sgeo_warmup_size size = {0, 0};
    if (key->level == 0.0) { /* exactly: nothing is warmed */
        return size;
    }
    size_t batch = sgeo_supernet_batch(key->task);
    if (sgeo_job_warms_candidate(key)) {
        batch = SGEO_CANDIDATE_BATCH;
        size.images = (size_t)(key->level / 100.0 * CANDIDATE_TOTAL + 0.5);
    } else {
        size.images = sgeo_split_prefix(supernet_images(context, key->task), key->level);
    }
    size.steps = sgeo_job_epochs(context, key) * ((size.images + batch - 1) / batch);
    return size;
}

enum sgeo_status sgeo_job_build(struct sgeo_graph **graph, const struct sgeo_run_context *context,
                                const struct sgeo_job *job)
{
    const struct sgeo_space *space = sgeo_space_find(job->key.task->space);
    struct sgeo_net_config config = job->key.task->net;
    struct sgeo_arch arch;
    config.supernet_names = sgeo_job_inherits(&job->key);
    config.wrapper_relus = context->options->convention == SGEO_CONVENTION_SUITE;
    enum sgeo_status status = space->decode(&arch, job->arch);
    return status == SGEO_OK ? space->build(graph, &arch, &config) : status;
}

unsigned sgeo_run_passes(const struct sgeo_options *options)
{
    unsigned passes = 0;
    for (size_t p = 0; p < options->n_proxies; p++) {
        passes |= options->proxies[p]->passes;
    }
    return passes;
}

static double score_forwards(const struct sgeo_options *options, const struct sgeo_task *task)
{
    unsigned passes = sgeo_run_passes(options);
    double k = (double)options->batches, forwards = 0.0;
    bool fixed = (passes & SGEO_PASS_FIXED) != 0;
    forwards += fixed ? FORWARDS_A_STEP * k : 0.0;
    forwards += (passes & SGEO_PASS_BATCH) != 0 && !fixed ? FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_JACOBIAN) != 0 ? FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_HESSIAN) != 0 ? 2.0 * FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_ZEN) != 0 ? 2.0 : 0.0;
    forwards += (passes & SGEO_PASS_TANGENT) != 0 ? k : 0.0;
    forwards += (passes & SGEO_PASS_PATH) != 0 ? FORWARDS_A_STEP * (fixed ? k - 1.0 : k) : 0.0;
    return forwards * (double)sgeo_batch_size(options, task);
}

double sgeo_job_cost(const struct sgeo_run_context *context, const struct sgeo_job *job)
{
    struct sgeo_warmup_size warmup = sgeo_warmup_size(context, &job->key);
    double training =
        FORWARDS_A_STEP * (double)(warmup.images * sgeo_job_epochs(context, &job->key));
    if (job->key.kind == SGEO_JOB_WARMUP) {
        const struct sgeo_space *space = sgeo_space_find(job->key.task->space);
        const struct sgeo_net_config *net = &job->key.task->net;
        double size = (double)net->image_size / (double)space->standard.image_size;
        return space->mean_path_macs * size * size * (double)net->cells /
               (double)space->standard.cells * training;
    }
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts = {0};
    if (sgeo_job_build(&graph, context, job) == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
    }
    sgeo_graph_destroy(graph);
    double forwards = score_forwards(context->options, job->key.task) +
                      (sgeo_job_warms_candidate(&job->key) ? training : 0.0);
    if (job->key.kind == SGEO_JOB_TRUTH) {
        forwards = FORWARDS_A_STEP * (double)(SGEO_TRUTH_IMAGES * context->options->epochs);
    }
    return (double)counts.tensorwatch_flops * forwards;
}
