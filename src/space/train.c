#include "space/train.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define PI 3.14159265358979323846

/* A network kept for the steps of one batch size. */
struct slot {
    struct sgeo_network *network;
    size_t batch;
};

/* One training in flight: networks of the full and of the last mini-batch, and the batch's data. */
struct run {
    const struct sgeo_trainee *trainee;
    const struct sgeo_training *training;
    struct slot slots[2];
    void *grad, *images;
    uint16_t *labels;
};

size_t sgeo_training_steps_per_epoch(const struct sgeo_training *training)
{
    return (training->images + training->batch - 1) / training->batch;
}

double sgeo_training_lr(const struct sgeo_training *training, size_t step)
{
    double total = (double)(training->epochs * sgeo_training_steps_per_epoch(training));
    double wave = 0.5 * (1.0 + cos(PI * (double)step / total));
    return training->lr_min + (training->lr - training->lr_min) * wave;
}

static enum sgeo_status open_network(const struct run *run, const struct sgeo_graph *graph,
                                     size_t batch, struct sgeo_network **network)
{
    const struct sgeo_trainee *trainee = run->trainee;
    const struct sgeo_network_options options = {.batch = batch, .backward = true};
    return sgeo_network_create(network, graph, trainee->store, trainee->backend, trainee->pool,
                               &options);
}

/* The fixed architecture's network for a batch size, made at its first use. */
static enum sgeo_status fixed_network(struct run *run, size_t batch, struct sgeo_network **network)
{
    struct slot *slot = &run->slots[batch == run->training->batch ? 0 : 1];
    if (slot->network == NULL || slot->batch != batch) {
        sgeo_network_destroy(slot->network);
        slot->network = NULL;
        enum sgeo_status status = open_network(run, run->trainee->graph, batch, &slot->network);
        if (status != SGEO_OK) {
            return status;
        }
        slot->batch = batch;
    }
    *network = slot->network;
    return SGEO_OK;
}

static enum sgeo_status descend(struct run *run, struct sgeo_network *network, size_t step,
                                double *loss)
{
    const struct sgeo_trainee *trainee = run->trainee;
    const struct sgeo_training *training = run->training;
    const struct sgeo_targets targets = {.labels = run->labels, .rows = training->rows};
    const struct sgeo_sgd sgd = {.lr = (float)sgeo_training_lr(training, step),
                                 .momentum = (float)training->momentum,
                                 .weight_decay = (float)training->weight_decay,
                                 .nesterov = training->nesterov};
    sgeo_network_bind(network, trainee->theta, run->grad, trainee->running);
    enum sgeo_status status =
        sgeo_network_loss_gradient(network, run->images, &targets, NULL, loss);
    if (status == SGEO_OK) {
        sgeo_network_sgd_step(network, trainee->theta, trainee->velocity, &sgd);
    }
    return status;
}

static enum sgeo_status graph_step(struct run *run, const struct sgeo_graph *graph, size_t step,
                                   size_t batch, double *loss)
{
    struct sgeo_network *network = NULL;
    enum sgeo_status status = open_network(run, graph, batch, &network);
    if (status == SGEO_OK) {
        status = descend(run, network, step, loss);
    }
    sgeo_network_destroy(network);
    return status;
}

/* A vector of the trainee's store, in its pool; NULL without memory. */
static void *zeroed_vector(struct sgeo_buffer **room, const struct sgeo_trainee *trainee)
{
    *room = sgeo_store_take(trainee->store, trainee->pool);
    return *room == NULL ? NULL : memset((*room)->data, 0, (*room)->bytes);
}

/* The same for a graph that is narrower than the trained store: on a copy of its first channels,
 * which then go back. */
static enum sgeo_status narrow_step(struct run *run, const struct sgeo_graph *graph, size_t step,
                                    size_t batch, double *loss)
{
    const struct sgeo_trainee *wide = run->trainee;
    struct sgeo_trainee narrow = *wide;
    struct sgeo_store *store = NULL;
    struct sgeo_buffer *room[3] = {NULL, NULL, NULL};
    struct run own = *run;
    bool has_momentum = wide->velocity != NULL;
    enum sgeo_status status = sgeo_store_create(&store, graph, wide->backend, batch);
    if (status != SGEO_OK) {
        return status;
    }
    narrow.store = store;
    own.trainee = &narrow;
    narrow.theta = zeroed_vector(&room[0], &narrow);
    own.grad = zeroed_vector(&room[1], &narrow);
    if (has_momentum) {
        narrow.velocity = zeroed_vector(&room[2], &narrow);
    }
    if (narrow.theta == NULL || own.grad == NULL || (has_momentum && narrow.velocity == NULL)) {
        status = sgeo_fail_memory("training");
    }
    if (status == SGEO_OK) {
        status = sgeo_store_inherit(store, narrow.theta, wide->store, wide->theta);
    }
    if (status == SGEO_OK && has_momentum) {
        status = sgeo_store_inherit(store, narrow.velocity, wide->store, wide->velocity);
    }
    if (status == SGEO_OK) {
        status = graph_step(&own, graph, step, batch, loss);
    }
    if (status == SGEO_OK) {
        status = sgeo_store_hand_back(wide->store, wide->theta, store, narrow.theta);
    }
    if (status == SGEO_OK && has_momentum) {
        status = sgeo_store_hand_back(wide->store, wide->velocity, store, narrow.velocity);
    }
    for (size_t i = 0; i < 3; i++) {
        sgeo_buffer_drop(room[i]);
    }
    sgeo_store_destroy(store);
    return status;
}

/* One step of the supernet: a path's network lives for this step only. */
static enum sgeo_status path_step(struct run *run, size_t step, size_t batch, double *loss)
{
    struct sgeo_graph *graph = NULL;
    enum sgeo_status status = run->training->path(&graph, step, run->training->context);
    if (status == SGEO_OK) {
        status = sgeo_store_is_wider(run->trainee->store, graph)
                     ? narrow_step(run, graph, step, batch, loss)
                     : graph_step(run, graph, step, batch, loss);
    }
    sgeo_graph_destroy(graph);
    return status;
}

static enum sgeo_status take_step(struct run *run, size_t step, double *loss)
{
    const struct sgeo_training *training = run->training;
    size_t per_epoch = sgeo_training_steps_per_epoch(training), epoch = step / per_epoch;
    size_t first = step % per_epoch * training->batch, left = training->images - first;
    size_t batch = left < training->batch ? left : training->batch;
    enum sgeo_status status =
        training->next_batch(run->images, run->labels, epoch, first, batch, training->context);
    if (status != SGEO_OK) {
        return status;
    }
    if (training->path != NULL) {
        return path_step(run, step, batch, loss);
    }
    struct sgeo_network *network = NULL;
    status = fixed_network(run, batch, &network);
    return status == SGEO_OK ? descend(run, network, step, loss) : status;
}

/* What a step's loss makes of the result. */
static void count_step(struct sgeo_training_result *result, double loss, size_t per_epoch)
{
    struct sgeo_training_point *point = &result->point;
    result->steps++;
    point->steps++;
    point->loss_sum += loss;
    result->diverged = !isfinite(loss);
    if (result->diverged || point->steps % per_epoch == 0) {
        result->last_loss = point->loss_sum / (double)per_epoch;
        point->loss_sum = 0.0;
    }
}

static enum sgeo_status allocate(struct run *run)
{
    const struct sgeo_training *training = run->training;
    run->grad = sgeo_store_vector(run->trainee->store);
    run->images = sgeo_calloc(training->batch * training->image_elems,
                              run->trainee->backend->ops->elem_bytes);
    run->labels = sgeo_calloc(training->batch, sizeof *run->labels);
    return run->grad == NULL || run->images == NULL || run->labels == NULL
               ? sgeo_fail_memory("training")
               : SGEO_OK;
}

enum sgeo_status sgeo_train(struct sgeo_training_result *result, const struct sgeo_trainee *trainee,
                            const struct sgeo_training *training,
                            const struct sgeo_training_point *from)
{
    struct run run = {.trainee = trainee, .training = training};
    size_t per_epoch = sgeo_training_steps_per_epoch(training);
    *result = (struct sgeo_training_result){0};
    if (from != NULL) {
        result->point = *from;
    }
    enum sgeo_status status = allocate(&run);
    while (status == SGEO_OK && !result->diverged &&
           result->point.steps < training->epochs * per_epoch) {
        double loss = 0.0;
        status = take_step(&run, result->point.steps, &loss);
        if (status == SGEO_OK) {
            count_step(result, loss, per_epoch);
        }
        if (status == SGEO_OK && !result->diverged && training->on_step != NULL) {
            status = training->on_step(result, training->context);
        }
    }
    sgeo_network_destroy(run.slots[0].network);
    sgeo_network_destroy(run.slots[1].network);
    sgeo_free(run.grad);
    sgeo_free(run.images);
    sgeo_free(run.labels);
    return status;
}
