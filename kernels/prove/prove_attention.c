/* Proofs of self-attention. */
#include <math.h>

#include "kernels/prove/prover.h"
#include "kernels/ref/attention.h"

/* Rows around the tile; head dimensions: NASRec's 2, its neighbours, and the largest. */
static const struct sgeo_attention all_shapes[] = {
    {0, 5, 8, 2},  {2, 0, 8, 2},  {3, 1, 8, 2},  {2, 2, 3, 2},   {1, 15, 2, 2}, {2, 16, 8, 2},
    {1, 17, 3, 2}, {1, 31, 1, 2}, {1, 33, 2, 2}, {2, 3, 0, 2},   {2, 4, 3, 1},  {1, 16, 2, 1},
    {2, 5, 2, 3},  {1, 17, 2, 5}, {1, 6, 2, 8},  {1, 18, 1, 16}, {1, 5, 1, 64},
};

static size_t elems_of(const struct sgeo_attention *shape)
{
    return shape->batch * shape->rows * shape->heads * shape->head_dim;
}

static size_t stats_elems(const struct sgeo_attention *shape)
{
    return shape->batch * shape->heads * 2 * shape->rows;
}

static struct sgeo_attention_inputs draw_inputs(struct sgeo_prover *prover,
                                                const struct sgeo_attention *shape)
{
    struct sgeo_attention_inputs inputs;
    inputs.query = sgeo_prover_source(prover, elems_of(shape));
    inputs.key = sgeo_prover_source(prover, elems_of(shape));
    inputs.value = sgeo_prover_source(prover, elems_of(shape));
    return inputs;
}

/* sum |a| |b| of row i of a and row j of b */
static double row_magnitude(const struct sgeo_ref_head *head, const float *a, size_t i,
                            const float *b, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < head->dim; d++)
        sum += fabs((double)a[i * head->stride + d] * (double)b[j * head->stride + d]);
    return sum;
}

/* A row's softmax, and by how much a rounding of its logits is magnified in it. */
struct row {
    double largest, sum, logits;
};

static struct row row_of(const struct sgeo_ref_head *head, size_t i)
{
    struct row row = {.largest = sgeo_ref_largest_logit(head, i)};
    row.sum = sgeo_ref_exponentials(head, i, row.largest);
    for (size_t j = 0; j < head->rows; j++) {
        double logit = row_magnitude(head, head->query, i, head->key, j) / sqrt((double)head->dim);
        if (isfinite(logit)) /* an exponential of -infinity is exact */
            row.logits = fmax(row.logits, logit);
    }
    return row;
}

/* p_ij times what its relative error amounts to in roundings; infinite where logits overflow. */
static double weight_magnitude(const struct sgeo_ref_head *head, const struct row *row, size_t i,
                               size_t j)
{
    double p = exp(sgeo_ref_logit(head, i, j) - row->largest) / row->sum;
    return isinf(sgeo_prover_in_f32(row->logits)) ? (double)INFINITY
                                                  : p * (1.0 + 2.0 * row->logits);
}

/* Magnitudes of one head's results; stats: those of the largest logits and reciprocal sums. */
static void forward_magnitudes(double *dst, double *stats, const struct sgeo_ref_head *head)
{
    for (size_t i = 0; i < head->rows; i++) {
        struct row row = row_of(head, i);
        stats[i] = row.logits;
        stats[head->rows + i] = (1.0 + 2.0 * row.logits) / row.sum;
        for (size_t d = 0; d < head->dim; d++) {
            double sum = 0.0;
            for (size_t j = 0; j < head->rows; j++)
                sum += weight_magnitude(head, &row, i, j) *
                       fabs((double)head->value[j * head->stride + d]);
            dst[i * head->stride + d] = sum;
        }
    }
}

static bool forward_case(struct sgeo_prover *prover, const struct sgeo_attention *shape)
{
    bool keep = sgeo_prover_coin(prover);
    if (!sgeo_prover_case(prover, "batch=%zu, %zu rows, %zu heads of %zu, stats %d", shape->batch,
                          shape->rows, shape->heads, shape->head_dim, keep))
        return true;
    struct sgeo_attention_inputs inputs = draw_inputs(prover, shape);
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems_of(shape));
    struct sgeo_buffer *stats =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, keep ? stats_elems(shape) : 0);
    double *values = prover->magnitudes, *logits = values + elems_of(shape);
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            struct sgeo_ref_head head = sgeo_ref_head_at(&inputs, shape, b, h);
            forward_magnitudes(values + sgeo_ref_head_offset(shape, b, h),
                               logits + (b * shape->heads + h) * 2 * shape->rows, &head);
        }
    prover->ref.f32_attention(sgeo_ref_floats(dst), keep ? sgeo_ref_floats(stats) : NULL, &inputs,
                              shape);
    prover->candidate->f32_attention(sgeo_candidate_floats(dst),
                                     keep ? sgeo_candidate_floats(stats) : NULL, &inputs, shape);
    return sgeo_prover_compare(prover, dst, values, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, stats, logits, SGEO_LOOSE) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_attention(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < sizeof all_shapes / sizeof *all_shapes; i++)
        if (!forward_case(prover, &all_shapes[i]))
            return false;
    return true;
}

/* Magnitudes of the gradients of one head: of query, key and value. */
struct magnitudes {
    double *query, *key, *value;
};

/* What query i adds to its own magnitudes and to those of all keys and values. */
static void add_query(const struct magnitudes *to, const struct sgeo_ref_head *head,
                      const float *ddst, const float *dst, size_t i)
{
    struct row row = row_of(head, i);
    double mean = row_magnitude(head, ddst, i, dst, i);
    for (size_t j = 0; j < head->rows; j++) {
        double weight = weight_magnitude(head, &row, i, j);
        double slope = weight * (row_magnitude(head, ddst, i, head->value, j) + mean) /
                       sqrt((double)head->dim);
        for (size_t d = 0; d < head->dim; d++) {
            size_t at_i = i * head->stride + d, at_j = j * head->stride + d;
            to->query[at_i] += slope * fabs((double)head->key[at_j]);
            to->key[at_j] += slope * fabs((double)head->query[at_i]);
            to->value[at_j] += weight * fabs((double)ddst[at_i]);
        }
    }
}

static void gradient_magnitudes(double *magnitudes, const struct sgeo_attention_inputs *inputs,
                                const float *ddst, const float *dst,
                                const struct sgeo_attention *shape)
{
    size_t elems = elems_of(shape);
    for (size_t i = 0; i < 3 * elems; i++)
        magnitudes[i] = 0.0;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            size_t at = sgeo_ref_head_offset(shape, b, h);
            struct sgeo_ref_head head = sgeo_ref_head_at(inputs, shape, b, h);
            struct magnitudes to = {magnitudes + at, magnitudes + elems + at,
                                    magnitudes + 2 * elems + at};
            for (size_t i = 0; i < shape->rows; i++)
                add_query(&to, &head, ddst + at, dst + at, i);
        }
}

/* The outcome of the reference's forward call becomes a source of both backward calls. */
static const float *as_source(struct sgeo_prover *prover, const struct sgeo_buffer *outcome)
{
    return sgeo_candidate_floats(sgeo_prover_copy(prover, SGEO_FLOATS, SGEO_SOURCE, outcome->count,
                                                  sgeo_ref_floats(outcome)));
}

static bool backward_case(struct sgeo_prover *prover, const struct sgeo_attention *shape)
{
    struct sgeo_buffer *grads[3];
    size_t elems = elems_of(shape);
    if (!sgeo_prover_case(prover, "batch=%zu, %zu rows, %zu heads of %zu", shape->batch,
                          shape->rows, shape->heads, shape->head_dim))
        return true;
    struct sgeo_attention_inputs inputs = draw_inputs(prover, shape);
    const float *ddst = sgeo_prover_source(prover, elems);
    struct sgeo_buffer *outcome = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    struct sgeo_buffer *kept =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, stats_elems(shape));
    prover->ref.f32_attention(sgeo_ref_floats(outcome), sgeo_ref_floats(kept), &inputs, shape);
    const float *dst = as_source(prover, outcome), *stats = as_source(prover, kept);
    for (size_t g = 0; g < 3; g++)
        grads[g] = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    gradient_magnitudes(prover->magnitudes, &inputs, ddst, dst, shape);
    struct sgeo_attention_grads expected = {sgeo_ref_floats(grads[0]), sgeo_ref_floats(grads[1]),
                                            sgeo_ref_floats(grads[2])};
    struct sgeo_attention_grads got = {sgeo_candidate_floats(grads[0]),
                                       sgeo_candidate_floats(grads[1]),
                                       sgeo_candidate_floats(grads[2])};
    prover->ref.f32_attention_grad(&expected, ddst, dst, stats, &inputs, shape);
    prover->candidate->f32_attention_grad(&got, ddst, dst, stats, &inputs, shape);
    for (size_t g = 0; g < 3; g++)
        if (!sgeo_prover_compare(prover, grads[g], prover->magnitudes + g * elems, SGEO_LOOSE))
            return false;
    return sgeo_prover_end(prover);
}

bool sgeo_prove_f32_attention_grad(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < sizeof all_shapes / sizeof *all_shapes; i++)
        if (!backward_case(prover, &all_shapes[i]))
            return false;
    return true;
}

/* Magnitudes of one head's tangents. */
static void tangent_magnitudes(double *to, const struct sgeo_ref_head *head,
                               const struct sgeo_ref_head *tangents, const float *dst)
{
    for (size_t i = 0; i < head->rows; i++) {
        struct row row = row_of(head, i);
        for (size_t d = 0; d < head->dim; d++)
            to[i * head->stride + d] = 0.0;
        for (size_t j = 0; j < head->rows; j++) {
            double weight = weight_magnitude(head, &row, i, j);
            double slope = weight *
                           (row_magnitude(head, tangents->query, i, head->key, j) +
                            row_magnitude(head, head->query, i, tangents->key, j)) /
                           sqrt((double)head->dim);
            for (size_t d = 0; d < head->dim; d++) {
                size_t at_i = i * head->stride + d, at_j = j * head->stride + d;
                to[at_i] += slope * (fabs((double)head->value[at_j]) + fabs((double)dst[at_i])) +
                            weight * fabs((double)tangents->value[at_j]);
            }
        }
    }
}

static bool tangent_case(struct sgeo_prover *prover, const struct sgeo_attention *shape)
{
    size_t elems = elems_of(shape);
    if (!sgeo_prover_case(prover, "batch=%zu, %zu rows, %zu heads of %zu", shape->batch,
                          shape->rows, shape->heads, shape->head_dim))
        return true;
    struct sgeo_attention_inputs inputs = draw_inputs(prover, shape);
    struct sgeo_attention_inputs tangents = draw_inputs(prover, shape);
    struct sgeo_buffer *outcome = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    struct sgeo_buffer *kept =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, stats_elems(shape));
    prover->ref.f32_attention(sgeo_ref_floats(outcome), sgeo_ref_floats(kept), &inputs, shape);
    const float *dst = as_source(prover, outcome), *stats = as_source(prover, kept);
    struct sgeo_buffer *tdst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems);
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t h = 0; h < shape->heads; h++) {
            size_t at = sgeo_ref_head_offset(shape, b, h);
            struct sgeo_ref_head head = sgeo_ref_head_at(&inputs, shape, b, h);
            struct sgeo_ref_head along = sgeo_ref_head_at(&tangents, shape, b, h);
            tangent_magnitudes(prover->magnitudes + at, &head, &along, dst + at);
        }
    prover->ref.f32_attention_tangent(sgeo_ref_floats(tdst), &tangents, dst, stats, &inputs, shape);
    prover->candidate->f32_attention_tangent(sgeo_candidate_floats(tdst), &tangents, dst, stats,
                                             &inputs, shape);
    return sgeo_prover_compare(prover, tdst, prover->magnitudes, SGEO_LOOSE) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_attention_tangent(struct sgeo_prover *prover)
{
    for (size_t i = 0; i < sizeof all_shapes / sizeof *all_shapes; i++)
        if (!tangent_case(prover, &all_shapes[i]))
            return false;
    return true;
}
