#include "harness/figure3_trial.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "graph/network.h"
#include "space/mlp.h"

/*
 * 5.1 prints a learning rate of 0.02, appendix D.1 one of 0.01. Images are normalised with the mean
 * and deviation of CIFAR-10. DEVIATES: those have three channels and MNIST has one, which gets
 * their averages.
 */
const struct sgeo_figure3_protocol sgeo_figure3_paper = {
    .name = "paper",
    .summary = "lr 0.02, plain logits, pixels normalised as CIFAR-10's",
    .widths = 24,
    .lr = 0.02,
    .mean = 0.473363,
    .std = 0.250702,
};

const struct sgeo_figure3_protocol sgeo_figure3_code = {
    .name = "code",
    .summary = "lr 0.2, a ReLU on the logits, pixels from 0 to 1",
    .widths = 25,
    .lr = 0.2,
    .output_relu = true,
    .mean = 0.0,
    .std = 1.0,
    .accumulates = true,
};

const double sgeo_figure3_levels[SGEO_FIGURE3_LEVELS] = {0, 10, 20, 40, 60, 80, 100};

const struct sgeo_figure3_protocol *sgeo_figure3_protocol_find(const char *name)
{
    return strcmp(name, "paper") == 0  ? &sgeo_figure3_paper
           : strcmp(name, "code") == 0 ? &sgeo_figure3_code
                                       : NULL;
}

size_t sgeo_figure3_start(size_t level, size_t steps)
{
    static const double fractions[SGEO_FIGURE3_LEVELS] = {0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.99};
    return (size_t)((double)steps * fractions[level]);
}

/* --- the bench --- */

/* A network kept for the mini-batches of one size. */
struct slot {
    struct sgeo_network *network;
    size_t batch;
};

enum { SLOTS = 3 }; /* full mini-batches, and the last ones of either split */

struct sgeo_figure3_bench {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    const struct sgeo_figure3_data *data;
    const atomic_bool *stop;
    float *images;    /* (batch, 784) */
    uint16_t *labels; /* (batch) */
    uint32_t *order;  /* (training images) */
    /* of the trial in hand */
    const struct sgeo_figure3_protocol *protocol;
    float palette[256];
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct slot slots[SLOTS];
    void *theta, *grad;
    size_t n_params;
    double *weights;     /* (n_params) theta as doubles */
    double *last;        /* (n_params) the newest gradient */
    double *accumulated; /* (n_params) sum of all measured so far */
    /* (4, n_params) the last four measured, by step modulo 4 */
    double *windows[SGEO_GRADIENTS];
};

enum sgeo_status sgeo_figure3_bench_create(struct sgeo_figure3_bench **out,
                                           struct sgeo_executor executor,
                                           const struct sgeo_figure3_data *data,
                                           const atomic_bool *stop)
{
    struct sgeo_figure3_bench *bench = sgeo_calloc(1, sizeof *bench);
    if (bench == NULL) {
        return sgeo_fail_memory("figure 3");
    }
    bench->data = data;
    bench->stop = stop;
    bench->pool = sgeo_pool_create();
    bench->images =
        sgeo_calloc((size_t)SGEO_FIGURE3_BATCH * SGEO_MLP_INPUTS, sizeof *bench->images);
    bench->labels = sgeo_calloc(SGEO_FIGURE3_BATCH, sizeof *bench->labels);
    bench->order = sgeo_calloc(data->train.n, sizeof *bench->order);
    enum sgeo_status status = bench->pool == NULL || bench->images == NULL ||
                                      bench->labels == NULL || bench->order == NULL
                                  ? sgeo_fail_memory("figure 3")
                                  : sgeo_backend_create(&bench->backend, executor);
    if (status != SGEO_OK) {
        sgeo_figure3_bench_destroy(bench);
        return status;
    }
    *out = bench;
    return SGEO_OK;
}

static void close_trial(struct sgeo_figure3_bench *bench)
{
    for (size_t s = 0; s < SLOTS; s++) {
        sgeo_network_destroy(bench->slots[s].network);
        bench->slots[s] = (struct slot){0};
    }
    void *blocks[] = {bench->theta,       bench->grad,       bench->weights,   bench->last,
                      bench->accumulated, bench->windows[0], bench->windows[1]};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        sgeo_free(blocks[i]);
    }
    bench->theta = bench->grad = NULL;
    bench->weights = bench->last = bench->accumulated = NULL;
    bench->windows[0] = bench->windows[1] = NULL;
    sgeo_store_destroy(bench->store);
    sgeo_graph_destroy(bench->graph);
    bench->store = NULL;
    bench->graph = NULL;
}

void sgeo_figure3_bench_destroy(struct sgeo_figure3_bench *bench)
{
    if (bench == NULL) {
        return;
    }
    close_trial(bench);
    sgeo_backend_destroy(bench->backend);
    sgeo_pool_destroy(bench->pool);
    sgeo_free(bench->images);
    sgeo_free(bench->labels);
    sgeo_free(bench->order);
    sgeo_free(bench);
}

static uint64_t stream_index(const struct sgeo_figure3_record *record)
{
    return 4096 * (uint64_t)record->width + record->repeat;
}

static enum sgeo_status allocate(struct sgeo_figure3_bench *bench)
{
    size_t n = sgeo_store_logical(bench->store);
    bench->n_params = n;
    bench->theta = sgeo_store_vector(bench->store);
    bench->grad = sgeo_store_vector(bench->store);
    bench->weights = sgeo_calloc(n, sizeof(double));
    bench->last = sgeo_calloc(n, sizeof(double));
    bench->accumulated = sgeo_calloc(n, sizeof(double));
    bool complete = bench->theta != NULL && bench->grad != NULL && bench->weights != NULL &&
                    bench->last != NULL && bench->accumulated != NULL;
    for (size_t g = 0; g < SGEO_GRADIENTS; g++) {
        bench->windows[g] = sgeo_calloc(SGEO_FIGURE3_MEASURED * n, sizeof(double));
        complete &= bench->windows[g] != NULL;
    }
    return complete ? SGEO_OK : sgeo_fail_memory("figure 3");
}

static enum sgeo_status open_trial(struct sgeo_figure3_bench *bench, uint64_t seed,
                                   const struct sgeo_figure3_record *record)
{
    const struct sgeo_figure3_protocol *protocol = record->protocol;
    bench->protocol = protocol;
    for (size_t v = 0; v < 256; v++) {
        bench->palette[v] = (float)(((double)v / 255.0 - protocol->mean) / protocol->std);
    }
    enum sgeo_status status = sgeo_mlp_build(&bench->graph, record->width, protocol->output_relu);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&bench->store, bench->graph, bench->backend, SGEO_FIGURE3_BATCH);
    }
    if (status == SGEO_OK) {
        status = allocate(bench);
    }
    return status == SGEO_OK
               ? sgeo_store_init_random(bench->store, bench->theta, seed, stream_index(record))
               : status;
}

/* --- mini-batches --- */

static enum sgeo_status network_for(struct sgeo_figure3_bench *bench, size_t batch,
                                    struct sgeo_network **network)
{
    const struct sgeo_network_options options = {.batch = batch, .backward = true};
    struct slot *slot = bench->slots;
    while (slot->network != NULL && slot->batch != batch) {
        slot++;
    }
    if (slot->network == NULL) {
        enum sgeo_status status = sgeo_network_create(&slot->network, bench->graph, bench->store,
                                                      bench->backend, bench->pool, &options);
        if (status != SGEO_OK) {
            return status;
        }
        slot->batch = batch;
        sgeo_network_bind(slot->network, bench->theta, bench->grad, NULL);
    }
    *network = slot->network;
    return SGEO_OK;
}

/* Mini-batch `index` of a split, in the order given (NULL: as stored); its size. */
static size_t load(struct sgeo_figure3_bench *bench, const struct sgeo_images *split,
                   const uint32_t *order, size_t index)
{
    size_t first = index * SGEO_FIGURE3_BATCH, left = split->n - first;
    size_t batch = left < SGEO_FIGURE3_BATCH ? left : SGEO_FIGURE3_BATCH;
    for (size_t b = 0; b < batch; b++) {
        size_t image = order == NULL ? first + b : order[first + b];
        const uint8_t *pixels = split->pixels + image * SGEO_MLP_INPUTS;
        float *row = bench->images + b * SGEO_MLP_INPUTS;
        for (size_t i = 0; i < SGEO_MLP_INPUTS; i++) {
            row[i] = bench->palette[pixels[i]];
        }
        bench->labels[b] = split->labels[image];
    }
    return batch;
}

static size_t steps_of(const struct sgeo_images *split)
{
    return (split->n + SGEO_FIGURE3_BATCH - 1) / SGEO_FIGURE3_BATCH;
}

/* Mean over a split's mini-batches of their mean losses, as the notebook averages. */
static enum sgeo_status evaluate(struct sgeo_figure3_bench *bench, const struct sgeo_images *split,
                                 double *loss)
{
    const struct sgeo_targets targets = {.labels = bench->labels};
    size_t steps = steps_of(split);
    double sum = 0.0;
    for (size_t i = 0; i < steps; i++) {
        struct sgeo_network *network = NULL;
        size_t batch = load(bench, split, NULL, i);
        enum sgeo_status status = network_for(bench, batch, &network);
        if (status == SGEO_OK) {
            status = sgeo_network_forward(network, bench->images);
        }
        if (status != SGEO_OK) {
            return status;
        }
        sum += sgeo_cross_entropy(NULL, NULL, sgeo_network_logits(network), &targets, batch,
                                  SGEO_MLP_CLASSES);
    }
    *loss = sum / (double)steps;
    return SGEO_OK;
}

/* --- the statistics --- */

/* Level whose last measured step this is, or SGEO_FIGURE3_LEVELS; *measured: some level's window
 * holds the step. */
static size_t level_ending_at(size_t step, size_t steps, bool *measured)
{
    size_t ending = SGEO_FIGURE3_LEVELS;
    *measured = false;
    for (size_t level = 0; level < SGEO_FIGURE3_LEVELS; level++) {
        size_t start = sgeo_figure3_start(level, steps);
        *measured |= step >= start && step < start + SGEO_FIGURE3_MEASURED;
        if (step + 1 == start + SGEO_FIGURE3_MEASURED) {
            ending = level;
        }
    }
    return ending;
}

/* ln((sum_i G_i theta_i)^2), G the sum of the window's rows (4, n). */
static double fisher_rao(const struct sgeo_figure3_bench *bench, const double *window)
{
    double dot = 0.0;
    size_t n = bench->n_params;
    for (size_t i = 0; i < n; i++) {
        double sum = window[i] + window[n + i] + window[2 * n + i] + window[3 * n + i];
        dot += sum * bench->weights[i];
    }
    return log(dot * dot);
}

/* Sum over the weights of L of mean_b |g_b|, without coordinates that do not vary. */
static double mean_absolute(const struct sgeo_figure3_bench *bench, const double *window)
{
    double sum = 0.0;
    size_t n = bench->n_params, first = 0;
    for (size_t s = 0; s < sgeo_store_count(bench->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(bench->store, s);
        for (size_t i = first; sgeo_segment_in_l(segment) && i < first + segment->count; i++) {
            double a = window[i], b = window[n + i], c = window[2 * n + i], d = window[3 * n + i];
            if (a != b || a != c || a != d) { /* exactly: its deviation is not zero */
                sum += (fabs(a) + fabs(b) + fabs(c) + fabs(d)) / SGEO_FIGURE3_MEASURED;
            }
        }
        first += segment->count;
    }
    return sum;
}

/* The mini-batch that was just descended on, at the new weights: into the windows. */
static enum sgeo_status measure(struct sgeo_figure3_bench *bench, struct sgeo_network *network,
                                size_t step, double *loss)
{
    const struct sgeo_targets targets = {.labels = bench->labels};
    size_t n = bench->n_params, row = step % SGEO_FIGURE3_MEASURED * n;
    enum sgeo_status status =
        sgeo_network_loss_gradient(network, bench->images, &targets, NULL, loss);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_store_export_all(bench->store, bench->last, bench->grad);
    for (size_t i = 0; i < n; i++) {
        bench->accumulated[i] += bench->last[i];
        bench->windows[SGEO_GRADIENTS_CLEAN][row + i] = bench->last[i];
        bench->windows[SGEO_GRADIENTS_ACCUMULATED][row + i] = bench->accumulated[i];
    }
    return SGEO_OK;
}

static void summarize(struct sgeo_figure3_bench *bench, struct sgeo_figure3_point *point,
                      double loss)
{
    sgeo_store_export_all(bench->store, bench->weights, bench->theta);
    for (size_t g = 0; g < SGEO_GRADIENTS; g++) {
        point->fisher_rao[g] = fisher_rao(bench, bench->windows[g]);
        point->gradient[g] = mean_absolute(bench, bench->windows[g]);
    }
    point->loss = loss;
}

/* --- training --- */

static enum sgeo_status take_step(struct sgeo_figure3_bench *bench, size_t step,
                                  struct sgeo_figure3_record *record)
{
    const struct sgeo_targets targets = {.labels = bench->labels};
    const struct sgeo_sgd sgd = {.lr = (float)bench->protocol->lr};
    size_t steps = steps_of(&bench->data->train);
    struct sgeo_network *network = NULL;
    bool measured;
    double loss = 0.0;
    size_t batch = load(bench, &bench->data->train, bench->order, step % steps);
    size_t level = level_ending_at(step, steps, &measured);
    enum sgeo_status status = network_for(bench, batch, &network);
    if (status == SGEO_OK) {
        status = sgeo_network_loss_gradient(network, bench->images, &targets, NULL, &loss);
    }
    if (status == SGEO_OK) {
        sgeo_network_sgd_step(network, bench->theta, NULL, &sgd);
    }
    if (status == SGEO_OK && measured) {
        status = measure(bench, network, step, &loss);
    }
    for (size_t l = 0; status == SGEO_OK && l <= level && level < SGEO_FIGURE3_LEVELS; l++) {
        if (sgeo_figure3_start(l, steps) == sgeo_figure3_start(level, steps)) {
            summarize(bench, &record->points[l], loss); /* of few images several levels are one */
        }
    }
    return status;
}

static enum sgeo_status train(struct sgeo_figure3_bench *bench, uint64_t seed,
                              struct sgeo_figure3_record *record)
{
    size_t steps = steps_of(&bench->data->train), n = bench->data->train.n;
    for (size_t epoch = 0; epoch < SGEO_FIGURE3_EPOCHS; epoch++) {
        struct sgeo_rng rng = sgeo_rng_stream(seed, "figure3:order",
                                              SGEO_FIGURE3_EPOCHS * stream_index(record) + epoch);
        for (size_t i = 0; i < n; i++) {
            bench->order[i] = (uint32_t)i;
        }
        sgeo_rng_shuffle(&rng, bench->order, n);
        for (size_t i = 0; i < steps; i++) {
            if (bench->stop != NULL && atomic_load(bench->stop)) {
                return sgeo_fail(SGEO_INTERRUPTED, NULL, "a trial was stopped");
            }
            enum sgeo_status status = take_step(bench, epoch * steps + i, record);
            if (status != SGEO_OK) {
                return status;
            }
        }
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_figure3_trial(struct sgeo_figure3_bench *bench, uint64_t seed,
                                    struct sgeo_figure3_record *record)
{
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = open_trial(bench, seed, record);
    if (status == SGEO_OK) {
        status = train(bench, seed, record);
    }
    if (status == SGEO_OK) {
        status = evaluate(bench, &bench->data->test, &record->test_loss);
    }
    if (status == SGEO_OK) {
        status = evaluate(bench, &bench->data->train, &record->train_loss);
    }
    close_trial(bench);
    record->seconds = sgeo_thread_cpu_seconds() - start;
    return status;
}
