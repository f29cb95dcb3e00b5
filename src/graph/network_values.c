/* The tensors of a network on their way: taken, summed, handed on, dropped. */
#include "graph/network_ops.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

static void drop_gradient(struct sgeo_gradient *gradient)
{
    while (gradient->n_terms > 0) {
        sgeo_buffer_drop(gradient->terms[--gradient->n_terms]);
    }
}

void sgeo_value_drop_forward(struct sgeo_value *value)
{
    sgeo_buffer_drop(value->buffer);
    value->buffer = NULL;
}

void sgeo_value_drop_tangent(struct sgeo_value *value)
{
    sgeo_buffer_drop(value->tangent.buffer);
    value->tangent = (struct sgeo_tangent){0};
}

void sgeo_network_drop_all(struct sgeo_network *net)
{
    for (size_t n = 0; net->values != NULL && n < net->graph->n_nodes; n++) {
        sgeo_value_drop_forward(&net->values[n]);
        sgeo_buffer_drop(net->values[n].where);
        net->values[n].where = NULL;
        sgeo_value_drop_tangent(&net->values[n]);
        drop_gradient(&net->values[n].gradient[SGEO_GRADIENT]);
        drop_gradient(&net->values[n].gradient[SGEO_GRADIENT_TANGENT]);
    }
}

void sgeo_network_drop_input_gradient(struct sgeo_network *net)
{
    sgeo_buffer_drop(net->input_gradient);
    net->input_gradient = NULL;
}

struct sgeo_layout sgeo_network_matrix_layout(size_t rows, size_t columns)
{
    return (struct sgeo_layout){.n = rows,
                                .groups = 1,
                                .lanes = columns,
                                .height = 1,
                                .width = 1,
                                .image = columns,
                                .group = columns,
                                .pitch = columns};
}

const struct sgeo_tensor_table *sgeo_network_tensors(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    bool is_map = !node->is_matrix && node->op != SGEO_OP_INPUT;
    return is_map ? &net->backend->ops->maps : &net->backend->ops->plain;
}

/* Elements of a node's activation, and their bytes. */
static size_t activation_elems(const struct sgeo_network *net, size_t n)
{
    return net->graph->nodes[n].is_matrix ? net->options.batch * net->graph->nodes[n].channels
                                          : sgeo_layout_elems(&net->layouts[n]);
}

static size_t activation_bytes(const struct sgeo_network *net, size_t n)
{
    return activation_elems(net, n) * sgeo_network_tensors(net, n)->bytes;
}

struct sgeo_buffer *sgeo_network_take(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *buffer = sgeo_pool_take(net->pool, activation_bytes(net, n));
    if (buffer == NULL) {
        sgeo_fail_memory("activations");
    }
    return buffer;
}

struct sgeo_buffer *sgeo_network_matrix(struct sgeo_network *net, size_t n, const double *numbers)
{
    size_t count = net->options.batch * net->graph->nodes[n].channels;
    struct sgeo_buffer *buffer = sgeo_network_take(net, n);
    for (size_t i = 0; buffer != NULL && i < count; i++) {
        if (net->backend->ops->precision == SGEO_F64) {
            ((double *)buffer->data)[i] = numbers[i];
        } else {
            ((float *)buffer->data)[i] = (float)numbers[i];
        }
    }
    return buffer;
}

void sgeo_network_show_output(const struct sgeo_network *net, size_t n,
                              const struct sgeo_buffer *output, const struct sgeo_buffer *gradient)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    net->probe->output(net->probe->context, node->weight, output->data, gradient->data,
                       node->op == SGEO_OP_LINEAR ? NULL : &net->layouts[n]);
}

bool sgeo_network_shows_outputs(const struct sgeo_network *net)
{
    return net->options.keep_outputs && net->probe != NULL && net->probe->output != NULL;
}

void sgeo_network_add_gradient(struct sgeo_network *net, size_t n, struct sgeo_buffer *owned)
{
    struct sgeo_gradient *gradient = &net->values[n].gradient[net->side];
    gradient->terms[gradient->n_terms++] = owned;
}

enum sgeo_status sgeo_network_own(struct sgeo_network *net, size_t n, struct sgeo_buffer **buffer)
{
    if ((*buffer)->refs == 1) {
        return SGEO_OK;
    }
    struct sgeo_buffer *copy = sgeo_network_take(net, n);
    if (copy == NULL) {
        return SGEO_IO;
    }
    memcpy(copy->data, (*buffer)->data, activation_bytes(net, n));
    sgeo_buffer_drop(*buffer);
    *buffer = copy;
    return SGEO_OK;
}

void sgeo_network_add_to(struct sgeo_network *net, enum sgeo_side side, size_t n,
                         struct sgeo_buffer *owned)
{
    net->side = side;
    sgeo_network_add_gradient(net, n, owned);
    net->side = SGEO_GRADIENT;
}

void sgeo_network_zero_parameters(struct sgeo_network *net, size_t n)
{
    const size_t segments[2] = {net->graph->nodes[n].weight, net->graph->nodes[n].bias};
    for (size_t i = 0; net->grad != NULL && i < 2; i++) {
        if (segments[i] != SGEO_NONE) {
            memset(sgeo_network_weight_grad(net, segments[i]), 0,
                   net->places[segments[i]].elems * net->backend->ops->elem_bytes);
        }
    }
}

void sgeo_network_dot_parameters(struct sgeo_network *net, size_t n, const struct sgeo_buffer *d)
{
    if (!net->options.parameter_dots) {
        return;
    }
    const struct sgeo_backend_table *ops = net->backend->ops;
    const unsigned char *y = net->values[n].buffer->data, *dy = d->data;
    size_t width = net->graph->nodes[n].channels, row = width * ops->elem_bytes;
    for (size_t i = 0; i < net->options.batch; i++) {
        net->parameter_dots[i] += ops->dot(net->backend, y + i * row, dy + i * row, width);
    }
}

double sgeo_network_param(const struct sgeo_network *net, size_t segment, size_t i)
{
    size_t at = net->places[segment].offset + i;
    return net->backend->ops->precision == SGEO_F64 ? ((const double *)net->theta)[at]
                                                    : (double)((const float *)net->theta)[at];
}

void sgeo_network_set_grad(struct sgeo_network *net, size_t segment, size_t i, double value)
{
    size_t at = net->places[segment].offset + i;
    if (net->grad == NULL) {
        return;
    }
    if (net->backend->ops->precision == SGEO_F64) {
        ((double *)net->grad)[at] = value;
    } else {
        ((float *)net->grad)[at] = (float)value;
    }
}

const void *sgeo_network_weight(const struct sgeo_network *net, size_t segment)
{
    return (const unsigned char *)net->theta +
           net->places[segment].offset * net->backend->ops->elem_bytes;
}

void *sgeo_network_weight_grad(const struct sgeo_network *net, size_t segment)
{
    return net->grad == NULL ? NULL
                             : (unsigned char *)net->grad +
                                   net->places[segment].offset * net->backend->ops->elem_bytes;
}

bool sgeo_network_learns(const struct sgeo_network *net, size_t n)
{
    return n != SGEO_NONE && net->plan->nodes[n].learns;
}

/* Add the terms of a gradient to dst, gated where gate is not NULL; dst holds a partial sum already
 * when `started`. */
static void add_terms(struct sgeo_network *net, size_t n, void *dst, const void *gate,
                      const struct sgeo_gradient *gradient, bool *started)
{
    const struct sgeo_tensor_table *tensors = sgeo_network_tensors(net, n);
    size_t elems = activation_elems(net, n);
    for (size_t done = 0; done < gradient->n_terms;) {
        const void *terms[SGEO_AFFINE_MAX_TERMS];
        const void *partial[1] = {dst};
        size_t room = SGEO_AFFINE_MAX_TERMS - (*started ? 1 : 0), count = 0;
        while (count < room && done < gradient->n_terms) {
            terms[count++] = gradient->terms[done++]->data;
        }
        if (gate != NULL) {
            tensors->gated_sum(net->backend, dst, gate, terms, count, partial, *started ? 1 : 0,
                               elems);
        } else {
            if (*started) {
                terms[count++] = dst;
            }
            tensors->gated_sum(net->backend, dst, NULL, NULL, 0, terms, count, elems);
        }
        *started = true;
    }
}

/* All terms in one pass, when they fit: a node's gradient is read and written once. */
static void add_both(struct sgeo_network *net, size_t n, void *dst,
                     const struct sgeo_gradient *gated, const void *gate,
                     const struct sgeo_gradient *plain)
{
    if (gated->n_terms + plain->n_terms > SGEO_AFFINE_MAX_TERMS) {
        bool started = false;
        add_terms(net, n, dst, gate, gated, &started);
        add_terms(net, n, dst, NULL, plain, &started);
        return;
    }
    const void *terms[2][SGEO_AFFINE_MAX_TERMS];
    for (size_t i = 0; i < gated->n_terms; i++) {
        terms[0][i] = gated->terms[i]->data;
    }
    for (size_t i = 0; i < plain->n_terms; i++) {
        terms[1][i] = plain->terms[i]->data;
    }
    sgeo_network_tensors(net, n)->gated_sum(net->backend, dst, gate, terms[0], gated->n_terms,
                                            terms[1], plain->n_terms, activation_elems(net, n));
}

/* A term that nobody else holds may take the sum, if all terms go in one pass (a chunked sum would
 * overwrite it early). */
static struct sgeo_buffer *sum_in_place(const struct sgeo_gradient *gated,
                                        const struct sgeo_gradient *plain)
{
    const struct sgeo_gradient *both[2] = {gated, plain};
    for (size_t g = 0; g < 2 && gated->n_terms + plain->n_terms <= SGEO_AFFINE_MAX_TERMS; g++) {
        for (size_t i = 0; i < both[g]->n_terms; i++) {
            if (both[g]->terms[i]->refs == 1) {
                return sgeo_buffer_share(both[g]->terms[i]);
            }
        }
    }
    return NULL;
}

enum sgeo_status sgeo_network_merge_gradient(struct sgeo_network *net, size_t n,
                                             struct sgeo_buffer **sum)
{
    static const struct sgeo_gradient none = {0};
    size_t relu = sgeo_plan_is_combine(net->plan, n) ? net->plan->nodes[n].relu_of : SGEO_NONE;
    struct sgeo_gradient *plain = &net->values[n].gradient[net->side];
    const struct sgeo_gradient *gated =
        relu == SGEO_NONE ? &none : &net->values[relu].gradient[net->side];
    *sum = NULL;
    if (gated->n_terms == 0 && plain->n_terms <= 1) {
        if (plain->n_terms == 1) {
            *sum = plain->terms[--plain->n_terms];
        }
        return SGEO_OK;
    }
    struct sgeo_buffer *dst = sum_in_place(gated, plain);
    if (dst == NULL) {
        dst = sgeo_network_take(net, n);
    }
    if (dst == NULL) {
        return SGEO_IO;
    }
    add_both(net, n, dst->data, gated, gated->n_terms == 0 ? NULL : net->values[relu].buffer->data,
             plain);
    drop_gradient(plain);
    if (relu != SGEO_NONE) {
        drop_gradient(&net->values[relu].gradient[net->side]);
    }
    *sum = dst;
    return SGEO_OK;
}

enum sgeo_status sgeo_network_merge_both(struct sgeo_network *net, size_t n,
                                         struct sgeo_buffer *sums[2])
{
    enum sgeo_status status = SGEO_OK;
    sums[0] = sums[1] = NULL;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        net->side = (enum sgeo_side)side;
        status = sgeo_network_merge_gradient(net, n, &sums[side]);
    }
    net->side = SGEO_GRADIENT;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        if (sums[side] == NULL && sums[1 - side] != NULL) {
            sums[side] = sgeo_network_take(net, n);
            if (sums[side] == NULL) {
                status = SGEO_IO;
            } else {
                memset(sums[side]->data, 0, sums[side]->bytes);
            }
        }
    }
    if (status != SGEO_OK) {
        sgeo_buffer_drop(sums[0]);
        sgeo_buffer_drop(sums[1]);
        sums[0] = sums[1] = NULL;
    }
    return status;
}

enum sgeo_status sgeo_network_tangent_buffer(struct sgeo_network *net, size_t n,
                                             struct sgeo_buffer **out)
{
    const struct sgeo_value *value = &net->values[n];
    *out = NULL;
    if (!value->tangent.plus_value) {
        *out = value->tangent.buffer == NULL ? NULL : sgeo_buffer_share(value->tangent.buffer);
        return SGEO_OK;
    }
    if (value->tangent.buffer == NULL) {
        *out = sgeo_buffer_share(value->buffer);
        return SGEO_OK;
    }
    struct sgeo_buffer *sum = sgeo_network_take(net, n);
    if (sum == NULL) {
        return SGEO_IO;
    }
    const void *terms[2] = {value->tangent.buffer->data, value->buffer->data};
    sgeo_network_tensors(net, n)->gated_sum(net->backend, sum->data, NULL, NULL, 0, terms, 2,
                                            sgeo_layout_elems(&net->layouts[n]));
    *out = sum;
    return SGEO_OK;
}
