/*
 * Batch norm, with or without scale gamma and shift beta; x, y (N,C,H,W), M = N*H*W.
 *   y = (x - mean) * gamma*r + beta,  r = 1/sqrt(var + eps), mean and biased var of the batch
 *       (evaluation mode: of the running statistics)
 *   tangent: t_y = gamma*r * (t - mean(t)) - (x - mean) * gamma*r^3 * mean(t (x - mean))
 *   d_beta = sum d,  d_gamma = r * sum d (x - mean)
 *   d_x = gamma*r * (d - mean(d) - (x - mean) * r^2 * mean(d (x - mean)))
 *   curvature, with h = (x - mean)*r, A = mean(d), B = mean(d h), rho = -r^2 mean((x - mean) t):
 *     dd_x = gamma*r * (dd + rho d - B r t - (2 rho B + dB) h - mean(dd) - rho A + B r mean(t)),
 *     dB = mean(dd h) + r (mean(d t) - A mean(t)) + rho B
 * A batch norm that feeds one sum is normalised by the sum's pass (fused); otherwise it is a
 * combine of its own. Statistics are double throughout: float sums flip ReLU masks further on.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "graph/network_ops.h"

static struct sgeo_norm *norm_of(struct sgeo_network *net, size_t n)
{
    return &net->norms[net->graph->nodes[n].norm_index];
}

static size_t padded_channels(const struct sgeo_network *net, size_t n)
{
    return net->layouts[n].groups * net->layouts[n].lanes;
}

static double pixels(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_layout *layout = &net->layouts[n];
    return (double)layout->n * (double)layout->height * (double)layout->width;
}

/* running = 0.9 running + 0.1 batch; the variance unbiased. */
static void update_running(struct sgeo_network *net, size_t n, const struct sgeo_norm *norm)
{
    double *mean = net->running + net->running_offset[net->graph->nodes[n].norm_index];
    double *var = mean + net->graph->norm_channels;
    double count = pixels(net, n), unbias = count > 1.0 ? count / (count - 1.0) : 1.0;
    for (size_t c = 0; c < net->graph->nodes[n].channels; c++) {
        mean[c] += SGEO_BN_MOMENTUM * (norm->mean[c] - mean[c]);
        var[c] += SGEO_BN_MOMENTUM * (norm->var[c] * unbias - var[c]);
    }
}

static void statistics(struct sgeo_network *net, size_t n, struct sgeo_norm *norm)
{
    size_t src = sgeo_plan_source(net->plan, n, 0), channels = net->graph->nodes[n].channels;
    if (net->evaluate) {
        const double *running = net->running + net->running_offset[net->graph->nodes[n].norm_index];
        memcpy(norm->mean, running, channels * sizeof *running);
        memcpy(norm->var, running + net->graph->norm_channels, channels * sizeof *running);
        return;
    }
    if (src == SGEO_NONE) {
        memset(norm->mean, 0, padded_channels(net, n) * sizeof *norm->mean);
        memset(norm->var, 0, padded_channels(net, n) * sizeof *norm->var);
    } else {
        net->backend->ops->channel_moments(net->backend, norm->mean, norm->var,
                                           net->values[src].buffer->data, &net->layouts[n]);
    }
    if (net->running != NULL) {
        update_running(net, n, norm);
    }
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    struct sgeo_norm *norm = norm_of(net, n);
    statistics(net, n, norm);
    for (size_t c = 0; c < node->channels; c++) { /* padding channels keep scale and shift 0 */
        norm->inv_std[c] = 1.0 / sqrt(norm->var[c] + SGEO_BN_EPSILON);
        double gamma = node->weight == SGEO_NONE ? 1.0 : sgeo_network_param(net, node->weight, c);
        norm->scale[c] = gamma * norm->inv_std[c];
        norm->shift[c] = node->bias == SGEO_NONE ? 0.0 : sgeo_network_param(net, node->bias, c);
    }
    return net->plan->nodes[n].fused ? SGEO_OK : sgeo_combine_forward(net, n);
}

void sgeo_batchnorm_add_value(struct sgeo_network *net, size_t n, struct sgeo_affine_parts *parts)
{
    const struct sgeo_norm *norm = norm_of(net, n);
    size_t src = sgeo_plan_source(net->plan, n, 0), channels = net->graph->nodes[n].channels;
    if (src != SGEO_NONE) {
        parts->terms[parts->n_terms++] =
            (struct sgeo_term){net->values[src].buffer->data, norm->mean, norm->scale};
    }
    for (size_t c = 0; c < channels;
         c++) { /* a source of zeros: its mean is not 0 in evaluation mode */
        parts->shift[c] +=
            norm->shift[c] - (src == SGEO_NONE ? norm->mean[c] * norm->scale[c] : 0.0);
    }
    parts->shifted = true;
}

/* Coefficients of the tangent in training mode, where the source's own value contributes var to the
 * covariance. */
static void tangent_training(struct sgeo_network *net, size_t n, struct sgeo_norm *norm, size_t src)
{
    const struct sgeo_tangent *t = &net->values[src].tangent;
    double *sum = net->scratch, *dot = net->scratch + net->max_channels;
    double count = pixels(net, n);
    if (t->buffer != NULL) {
        net->backend->ops->channel_dots(net->backend, sum, dot, t->buffer->data,
                                        net->values[src].buffer->data, norm->mean,
                                        &net->layouts[n]);
    } else {
        memset(sum, 0, padded_channels(net, n) * sizeof *sum);
        memset(dot, 0, padded_channels(net, n) * sizeof *dot);
    }
    for (size_t c = 0; c < net->graph->nodes[n].channels; c++) {
        /* own - (own*var + cov)/(var + eps), with own = 0 or 1 written so that nothing cancels */
        double own = t->plus_value ? SGEO_BN_EPSILON : 0.0;
        norm->tangent_own[c] =
            norm->scale[c] * (own - dot[c] / count) * norm->inv_std[c] * norm->inv_std[c];
        norm->tangent_shift[c] = -norm->scale[c] * sum[c] / count;
    }
}

/* In evaluation mode the statistics are constants. */
static void tangent_evaluation(struct sgeo_network *net, size_t n, struct sgeo_norm *norm,
                               size_t src)
{
    bool own = net->values[src].tangent.plus_value;
    for (size_t c = 0; c < net->graph->nodes[n].channels; c++) {
        norm->tangent_own[c] = own ? norm->scale[c] : 0.0;
        norm->tangent_shift[c] = own ? norm->scale[c] * norm->mean[c] : 0.0;
    }
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    if (src != SGEO_NONE) {
        (net->evaluate ? tangent_evaluation : tangent_training)(net, n, norm_of(net, n), src);
    }
    return net->plan->nodes[n].fused ? SGEO_OK : sgeo_combine_tangent(net, n);
}

void sgeo_batchnorm_add_tangent(struct sgeo_network *net, size_t n, struct sgeo_affine_parts *parts)
{
    const struct sgeo_norm *norm = norm_of(net, n);
    size_t src = sgeo_plan_source(net->plan, n, 0);
    if (src == SGEO_NONE) {
        return;
    }
    const struct sgeo_value *value = &net->values[src];
    if (value->tangent.buffer != NULL) {
        parts->terms[parts->n_terms++] =
            (struct sgeo_term){value->tangent.buffer->data, NULL, norm->scale};
    } else if (!value->tangent.plus_value) {
        return;
    }
    parts->terms[parts->n_terms++] =
        (struct sgeo_term){value->buffer->data, norm->mean, norm->tangent_own};
    for (size_t c = 0; c < net->graph->nodes[n].channels; c++) {
        parts->shift[c] += norm->tangent_shift[c];
    }
    parts->shifted = true;
}

/* Gradients of gamma and beta from the two sums over the batch. */
static void parameter_gradients(struct sgeo_network *net, size_t n, const double *sum,
                                const double *dot)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_norm *norm = norm_of(net, n);
    for (size_t c = 0; node->weight != SGEO_NONE && c < node->channels; c++) {
        sgeo_network_set_grad(net, node->weight, c, dot[c] * norm->inv_std[c]);
        sgeo_network_set_grad(net, node->bias, c, sum[c]);
    }
}

/* d_x, over x's own buffer when nothing reads x any more. */
static enum sgeo_status source_gradient(struct sgeo_network *net, size_t n, size_t src,
                                        const struct sgeo_buffer *d, const double *sum,
                                        const double *dot)
{
    const struct sgeo_norm *norm = norm_of(net, n);
    double *own = net->scratch + 2 * net->max_channels,
           *shift = net->scratch; /* shift overwrites sum */
    double count = pixels(net, n);
    for (size_t c = 0; c < padded_channels(net, n); c++) {
        own[c] = net->evaluate
                     ? 0.0
                     : -norm->scale[c] * norm->inv_std[c] * norm->inv_std[c] * dot[c] / count;
        shift[c] = net->evaluate ? 0.0 : -norm->scale[c] * sum[c] / count;
    }
    struct sgeo_buffer *x = net->values[src].buffer;
    bool in_place = net->plan->nodes[src].last_backward == n && x->refs == 1;
    struct sgeo_buffer *dx = in_place ? sgeo_buffer_share(x) : sgeo_network_take(net, src);
    if (dx == NULL) {
        return SGEO_IO;
    }
    const struct sgeo_term terms[2] = {{d->data, NULL, norm->scale}, {x->data, norm->mean, own}};
    net->backend->ops->maps.affine_sum(net->backend, dx->data, NULL, terms, 2, shift,
                                       &net->layouts[n]);
    sgeo_network_add_gradient(net, src, dx);
    return SGEO_OK;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    double *sum = net->scratch, *dot = net->scratch + net->max_channels;
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status != SGEO_OK || d == NULL) {
        return status;
    }
    const void *x = src == SGEO_NONE ? d->data : net->values[src].buffer->data;
    net->backend->ops->channel_dots(net->backend, sum, dot, d->data, x, norm_of(net, n)->mean,
                                    &net->layouts[n]);
    if (src == SGEO_NONE) { /* x - mean = -mean, 0 in training mode */
        for (size_t c = 0; c < padded_channels(net, n); c++) {
            dot[c] = -norm_of(net, n)->mean[c] * sum[c];
        }
    }
    parameter_gradients(net, n, sum, dot);
    if (sgeo_network_learns(net, src)) {
        status = source_gradient(net, n, src, d, sum, dot);
    }
    sgeo_buffer_drop(d);
    return status;
}

/* Per channel, in the mean over the batch: of d, d h; dd, dd h; t, (x - mean) t, d t. */
struct curvature_means {
    double a, b, da, db_direct, t, cov, dt;
};

/* Coefficients of dd_x for one channel: of dd, d, t, x - mean, and the constant. */
struct curvature_terms {
    double dd, d, t, own, constant;
};

static struct curvature_terms curvature_terms(const struct sgeo_norm *norm, size_t c,
                                              const struct curvature_means *m)
{
    double r = norm->inv_std[c], scale = norm->scale[c], rho = -r * r * m->cov;
    double db = m->db_direct + r * (m->dt - m->a * m->t) + rho * m->b;
    return (struct curvature_terms){.dd = scale,
                                    .d = scale * rho,
                                    .t = -scale * m->b * r,
                                    .own = -scale * (2.0 * rho * m->b + db) * r,
                                    .constant = scale * (m->b * r * m->t - m->da - rho * m->a)};
}

/* Buffers of x, t (may be NULL), d and dd. */
struct curvature_sources {
    const void *x, *t, *d, *dd;
};

/* All sums of a batch norm's curvature, padded channels each, in this order: d, d(x-mean), dd,
 * dd(x-mean), t, t(x-mean), d, dt. */
enum { SUM_D, DOT_D, SUM_DD, DOT_DD, SUM_T, DOT_T, SUM_AGAIN, DOT_DT, CURVATURE_SUMS };

static void curvature_sums(struct sgeo_network *net, size_t n, double *sums,
                           const struct curvature_sources *from)
{
    const struct sgeo_backend_table *ops = net->backend->ops;
    const struct sgeo_layout *layout = &net->layouts[n];
    size_t channels = padded_channels(net, n);
    double *mean = norm_of(net, n)->mean, *zero = net->scratch;
    memset(zero, 0, channels * sizeof *zero);
    ops->channel_dots(net->backend, sums + SUM_D * channels, sums + DOT_D * channels, from->d,
                      from->x, mean, layout);
    ops->channel_dots(net->backend, sums + SUM_DD * channels, sums + DOT_DD * channels, from->dd,
                      from->x, mean, layout);
    if (from->t != NULL) {
        ops->channel_dots(net->backend, sums + SUM_T * channels, sums + DOT_T * channels, from->t,
                          from->x, mean, layout);
        ops->channel_dots(net->backend, sums + SUM_AGAIN * channels, sums + DOT_DT * channels,
                          from->d, from->t, zero, layout);
    }
}

/* The five coefficient arrays, padded channels each, from the sums. */
static void curvature_coefficients(struct sgeo_network *net, size_t n, double *coefficients,
                                   const double *sums)
{
    const struct sgeo_norm *norm = norm_of(net, n);
    size_t channels = padded_channels(net, n);
    double count = pixels(net, n);
    for (size_t c = 0; c < channels; c++) {
        double r = norm->inv_std[c];
        const struct curvature_means means = {.a = sums[SUM_D * channels + c] / count,
                                              .b = r * sums[DOT_D * channels + c] / count,
                                              .da = sums[SUM_DD * channels + c] / count,
                                              .db_direct = r * sums[DOT_DD * channels + c] / count,
                                              .t = sums[SUM_T * channels + c] / count,
                                              .cov = sums[DOT_T * channels + c] / count,
                                              .dt = sums[DOT_DT * channels + c] / count};
        struct curvature_terms terms = curvature_terms(norm, c, &means);
        const double values[] = {terms.dd, terms.d, terms.t, terms.own, terms.constant};
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            coefficients[i * channels + c] = values[i];
        }
    }
}

static enum sgeo_status source_curvature(struct sgeo_network *net, size_t n, size_t src,
                                         struct sgeo_buffer *const d[2],
                                         const struct sgeo_buffer *t, double *numbers)
{
    size_t channels = padded_channels(net, n);
    const struct curvature_sources from = {net->values[src].buffer->data,
                                           t == NULL ? NULL : t->data, d[0]->data, d[1]->data};
    double *coefficients = numbers + CURVATURE_SUMS * channels;
    struct sgeo_buffer *dx = sgeo_network_take(net, src);
    if (dx == NULL) {
        return SGEO_IO;
    }
    curvature_sums(net, n, numbers, &from);
    curvature_coefficients(net, n, coefficients, numbers);
    const double *mean = norm_of(net, n)->mean;
    struct sgeo_term terms[4] = {{from.dd, NULL, coefficients},
                                 {from.d, NULL, coefficients + channels},
                                 {from.x, mean, coefficients + 3 * channels},
                                 {from.t, NULL, coefficients + 2 * channels}};
    net->backend->ops->maps.affine_sum(net->backend, dx->data, NULL, terms, t == NULL ? 3 : 4,
                                       coefficients + 4 * channels, &net->layouts[n]);
    sgeo_network_add_to(net, SGEO_GRADIENT_TANGENT, src, dx);
    memcpy(net->scratch, numbers + SUM_D * channels, channels * sizeof *numbers);
    memcpy(net->scratch + net->max_channels, numbers + DOT_D * channels,
           channels * sizeof *numbers);
    return source_gradient(net, n, src, d[0], net->scratch, net->scratch + net->max_channels);
}

/* Training mode: batch statistics are functions of x. Scale and shift get no gradient here. */
static enum sgeo_status curvature(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0), channels = padded_channels(net, n);
    struct sgeo_buffer *d[2], *t = NULL;
    enum sgeo_status status = sgeo_network_merge_both(net, n, d);
    bool needed = status == SGEO_OK && d[0] != NULL && sgeo_network_learns(net, src);
    double *numbers = needed ? sgeo_calloc((CURVATURE_SUMS + 5) * channels, sizeof *numbers) : NULL;
    if (needed && numbers == NULL) {
        status = sgeo_fail_memory("curvature");
    } else if (needed) {
        status = sgeo_network_tangent_buffer(net, src, &t);
        status = status == SGEO_OK ? source_curvature(net, n, src, d, t, numbers) : status;
    }
    sgeo_free(numbers);
    sgeo_buffer_drop(t);
    sgeo_buffer_drop(d[0]);
    sgeo_buffer_drop(d[1]);
    return status;
}

const struct sgeo_op_functions sgeo_op_batchnorm = {forward, tangent, backward, curvature};
