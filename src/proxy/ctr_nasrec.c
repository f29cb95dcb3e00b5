/*
 * Gradients along the authors' four steps (spec of the proxies, section 3.3): binary cross-entropy,
 * gradient of the last layer clipped to norm 5, Adagrad (epsilon 1e-2, sums from 0) at the learning
 * rates that their schedule starts with. The clipped gradients at the numbers before each step are
 * recorded, theta after the last.
 */
#include "proxy/ctr_nasrec.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "space/ctr_train.h"

enum { GROUPS = 2 }; /* weight and bias */

struct path {
    struct sgeo_ctr_use use; /* head_only */
    struct sgeo_ctr_pass *pass;
    struct sgeo_ctr_gradient gradient;
    struct sgeo_buffer *squares, *start; /* vectors of the store: the groups' places alone */
    size_t sizes[GROUPS];                /* numbers of each group */
    double *grads, *theta;  /* (k, sizes' sum), (sizes' sum): the groups one after the other */
    size_t n_groups, total; /* total: sizes' sum */
};

/* The schedule's first steps; its code takes the first rate twice. */
static double rate(size_t b)
{
    const struct sgeo_ctr_schedule schedule = sgeo_ctr_one_shot_schedule(500);
    return sgeo_ctr_schedule_lr(&schedule, b == 0 ? 0 : b - 1);
}

static void copy_places(const struct path *path, void *dst, const void *src)
{
    size_t bytes = path->use.backend->ops->elem_bytes;
    for (size_t g = 0; g < path->n_groups; g++) {
        struct sgeo_place place = sgeo_ctr_pass_place(path->pass, g);
        memcpy((unsigned char *)dst + place.offset * bytes,
               (const unsigned char *)src + place.offset * bytes, place.elems * bytes);
    }
}

static void clear_places(const struct path *path, void *vector)
{
    size_t bytes = path->use.backend->ops->elem_bytes;
    for (size_t g = 0; g < path->n_groups; g++) {
        struct sgeo_place place = sgeo_ctr_pass_place(path->pass, g);
        memset((unsigned char *)vector + place.offset * bytes, 0, place.elems * bytes);
    }
}

/* The groups of a vector of the store, in double. */
static void read_groups(const struct path *path, double *values, const void *vector)
{
    for (size_t g = 0; g < path->n_groups; g++) {
        struct sgeo_place place = sgeo_ctr_pass_place(path->pass, g);
        for (size_t i = 0; i < path->sizes[g]; i++) {
            *values++ = path->use.backend->ops->precision == SGEO_F64
                            ? ((const double *)vector)[place.offset + i]
                            : (double)((const float *)vector)[place.offset + i];
        }
    }
}

static enum sgeo_status open_path(struct path *path, const struct sgeo_ctr_measure_request *request)
{
    size_t batch = request->batches[0].features.n;
    path->use = *request->use;
    path->use.head_only = true;
    enum sgeo_status status =
        sgeo_ctr_pass_create(&path->pass, &path->use, batch, SGEO_CTR_GRADIENTS);
    if (status == SGEO_OK) {
        status = sgeo_ctr_gradient_create(&path->gradient, &path->use, batch);
    }
    if (status != SGEO_OK) {
        return status;
    }
    const struct sgeo_graph *graph = path->use.graph;
    path->n_groups = sgeo_ctr_pass_segments(path->pass);
    for (size_t s = 0, g = 0; s < graph->n_segments && g < GROUPS; s++) {
        if (graph->segments[s].node == graph->output) {
            path->sizes[g++] = graph->segments[s].count;
            path->total += graph->segments[s].count;
        }
    }
    path->squares = sgeo_store_take(path->use.store, path->use.pool);
    path->start = sgeo_store_take(path->use.store, path->use.pool);
    path->grads = sgeo_calloc(request->k * path->total, sizeof *path->grads);
    path->theta = sgeo_calloc(path->total, sizeof *path->theta);
    return path->squares == NULL || path->start == NULL || path->grads == NULL ||
                   path->theta == NULL
               ? sgeo_fail_memory("gradients of the last layer")
               : SGEO_OK;
}

static void close_path(struct path *path)
{
    sgeo_buffer_drop(path->squares);
    sgeo_buffer_drop(path->start);
    sgeo_free(path->grads);
    sgeo_free(path->theta);
    sgeo_ctr_gradient_destroy(&path->gradient);
    sgeo_ctr_pass_destroy(path->pass);
}

static enum sgeo_status walk(struct path *path, struct sgeo_evidence *evidence,
                             const struct sgeo_ctr_measure_request *request)
{
    const struct sgeo_ctr_squares squares = {.dense = path->squares->data};
    enum sgeo_status status = SGEO_OK;
    clear_places(path, squares.dense);
    copy_places(path, path->start->data, path->use.theta);
    for (size_t b = 0; status == SGEO_OK && b < request->k; b++) {
        status = sgeo_ctr_pass_gradient(path->pass, &path->gradient, &request->batches[b],
                                        &evidence->path_losses[b]);
        if (status == SGEO_OK) {
            sgeo_ctr_pass_clip(path->pass, &path->gradient, SGEO_CTR_CLIP);
            read_groups(path, path->grads + b * path->total, path->gradient.dense);
            sgeo_ctr_pass_adagrad(path->pass, &squares, &path->gradient, rate(b), SGEO_CTR_EPSILON);
        }
    }
    read_groups(path, path->theta, path->use.theta);
    copy_places(path, path->use.theta, path->start->data);
    return status;
}

/* mean|g| over the unbiased deviation of one coordinate over the batches; 0 without deviation. */
static double ratio(const struct path *path, size_t i, size_t k)
{
    double mean = 0.0, size = 0.0, squares = 0.0;
    bool deviates = false;
    for (size_t b = 0; b < k; b++) {
        double g = path->grads[b * path->total + i];
        deviates |= g != path->grads[i];
        mean += g / (double)k;
        size += fabs(g) / (double)k;
    }
    for (size_t b = 0; b < k; b++) {
        double difference = path->grads[b * path->total + i] - mean;
        squares += difference * difference;
    }
    return deviates ? size / sqrt(squares / (double)(k - 1)) : 0.0;
}

static void read_path(const struct path *path, struct sgeo_evidence *evidence)
{
    size_t i = 0;
    evidence->n_path_layers = path->n_groups;
    for (size_t g = 0; g < path->n_groups; g++) {
        evidence->path_inner[g] = (double)NAN;
        evidence->path_dot[g] = evidence->path_all[g] = 0.0;
        for (size_t end = i + path->sizes[g]; i < end; i++) {
            double own = ratio(path, i, evidence->k);
            evidence->path_all[g] += own;
            if (isnan(evidence->path_inner[g]) && own != 0.0) { /* exactly: it deviates */
                evidence->path_inner[g] = own;
            }
            for (size_t b = 0; b < evidence->k; b++) {
                evidence->path_dot[g] += path->grads[b * path->total + i] * path->theta[i];
            }
        }
    }
}

enum sgeo_status sgeo_ctr_nasrec_pass(struct sgeo_evidence *evidence,
                                      const struct sgeo_ctr_measure_request *request)
{
    struct path path = {0};
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = open_path(&path, request);
    if (status == SGEO_OK) {
        status = walk(&path, evidence, request);
    }
    if (status == SGEO_OK) {
        read_path(&path, evidence);
        evidence->seconds_path = sgeo_thread_cpu_seconds() - start;
    }
    close_path(&path);
    return status;
}
