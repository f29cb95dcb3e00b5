/* Proofs of the optimiser steps of touched rows. */
#include <math.h>

#include "kernels/prove/prover.h"

#define MAX_ROWS 19

static const float lr = 0.1f, epsilon = 1e-2f;

/* A table's rows, of which every other, on the average, is touched. */
struct steps {
    struct sgeo_touched touched;
    struct sgeo_buffer *table;
    const float *grad;
    size_t n_rows;
};

/* Rows from the first or the last on: each at most once, in an order that need not ascend. */
static struct sgeo_touched draw_touched(struct sgeo_prover *prover, size_t n_rows, size_t dim)
{
    uint32_t rows[MAX_ROWS];
    size_t count = 0;
    bool backwards = sgeo_prover_coin(prover);
    for (size_t r = 0; r < n_rows; r++)
        if (sgeo_prover_coin(prover))
            rows[count++] = (uint32_t)(backwards ? n_rows - 1 - r : r);
    struct sgeo_buffer *buffer = sgeo_prover_copy(prover, SGEO_INTS, SGEO_SOURCE, count, rows);
    return (struct sgeo_touched){sgeo_candidate_data(buffer), count, dim};
}

/* False when the case is skipped. */
static bool draw_steps(struct steps *steps, struct sgeo_prover *prover, size_t n_rows, size_t dim)
{
    if (!sgeo_prover_case(prover, "%zu rows of %zu", n_rows, dim))
        return false;
    steps->n_rows = n_rows;
    steps->touched = draw_touched(prover, n_rows, dim);
    steps->table = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, n_rows * dim);
    steps->grad = sgeo_prover_source(prover, steps->touched.count * dim);
    for (size_t i = 0; i < n_rows * dim; i++)
        prover->magnitudes[i] = fabs((double)sgeo_ref_floats(steps->table)[i]);
    return true;
}

/* Run `one_case` for tables from none to some rows, and dims around the tile and the usual ones. */
static bool all_sizes(struct sgeo_prover *prover,
                      bool (*one_case)(struct sgeo_prover *prover, size_t n_rows, size_t dim))
{
    static const size_t rows[] = {0, 1, 3, MAX_ROWS};
    static const size_t dims[] = {1, 3, 4, 8, 10, 15, 16, 17, 31, 32, 33, 64, 65, 128, 200, 256};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
            if (!one_case(prover, rows[r], dims[d]))
                return false;
    return true;
}

static bool sgd_case(struct sgeo_prover *prover, size_t n_rows, size_t dim)
{
    struct steps steps;
    if (!draw_steps(&steps, prover, n_rows, dim))
        return true;
    for (size_t u = 0; u < steps.touched.count; u++)
        for (size_t d = 0; d < dim; d++)
            prover->magnitudes[steps.touched.rows[u] * dim + d] +=
                fabs((double)lr * (double)steps.grad[u * dim + d]);
    prover->ref.f32_row_sgd(sgeo_ref_floats(steps.table), steps.grad, &steps.touched, lr);
    prover->candidate->f32_row_sgd(sgeo_candidate_floats(steps.table), steps.grad, &steps.touched,
                                   lr);
    return sgeo_prover_compare(prover, steps.table, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_sgd(struct sgeo_prover *prover)
{
    return all_sizes(prover, sgd_case);
}

/* Add the lengths of the steps to the magnitudes of touched elements; squares as they are after. */
static void add_adagrad_steps(struct sgeo_prover *prover, const struct steps *steps,
                              const float *squares, bool rowwise)
{
    size_t dim = steps->touched.dim;
    for (size_t u = 0; u < steps->touched.count; u++)
        for (size_t d = 0; d < dim; d++) {
            size_t row = steps->touched.rows[u], at = row * dim + d;
            double norm = sqrt((double)squares[rowwise ? row : at]) + (double)epsilon;
            prover->magnitudes[at] += fabs((double)lr * (double)steps->grad[u * dim + d]) / norm;
        }
}

static bool adagrad_case(struct sgeo_prover *prover, size_t n_rows, size_t dim)
{
    struct steps steps;
    if (!draw_steps(&steps, prover, n_rows, dim))
        return true;
    struct sgeo_buffer *accumulator = sgeo_prover_accumulator(prover, n_rows * dim);
    prover->ref.f32_row_adagrad(sgeo_ref_floats(steps.table), sgeo_ref_floats(accumulator),
                                steps.grad, &steps.touched, lr, epsilon);
    prover->candidate->f32_row_adagrad(sgeo_candidate_floats(steps.table),
                                       sgeo_candidate_floats(accumulator), steps.grad,
                                       &steps.touched, lr, epsilon);
    add_adagrad_steps(prover, &steps, sgeo_ref_floats(accumulator), false);
    return sgeo_prover_compare(prover, steps.table, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_compare(prover, accumulator, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_adagrad(struct sgeo_prover *prover)
{
    return all_sizes(prover, adagrad_case);
}

static bool rowwise_case(struct sgeo_prover *prover, size_t n_rows, size_t dim)
{
    struct steps steps;
    if (!draw_steps(&steps, prover, n_rows, dim))
        return true;
    struct sgeo_buffer *accumulator = sgeo_prover_accumulator(prover, n_rows);
    prover->ref.f32_row_adagrad_rowwise(sgeo_ref_floats(steps.table), sgeo_ref_floats(accumulator),
                                        steps.grad, &steps.touched, lr, epsilon);
    prover->candidate->f32_row_adagrad_rowwise(sgeo_candidate_floats(steps.table),
                                               sgeo_candidate_floats(accumulator), steps.grad,
                                               &steps.touched, lr, epsilon);
    add_adagrad_steps(prover, &steps, sgeo_ref_floats(accumulator), true);
    return sgeo_prover_compare(prover, steps.table, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_compare(prover, accumulator, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_adagrad_rowwise(struct sgeo_prover *prover)
{
    return all_sizes(prover, rowwise_case);
}
