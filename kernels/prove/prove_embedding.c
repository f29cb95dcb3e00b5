/* Proofs of the embedding bags, the groups of their occurrences, and their gradient. */
#include <math.h>

#include "kernels/prove/bags.h"

#define MAX_TABLES ((size_t)4)

/* Rows of a table and bags that look them up, from nothing on. */
struct batch {
    size_t rows, bags;
};

static const struct batch batches[] = {{1, 0}, {1, 1}, {2, 3}, {37, SGEO_BAGS_MAX_COUNT}};

/* Columns around those of each block of a sum, and the usual dims. */
static const size_t dims[] = {1,  3,  4,  8,  10,  15,  16,  17,  31,
                              32, 33, 64, 65, 100, 127, 128, 200, 256};

#define N_DIMS (sizeof dims / sizeof *dims)

/* Run `one_case` for all batches and dims. */
static bool all_sizes(struct sgeo_prover *prover,
                      bool (*one_case)(struct sgeo_prover *prover, const struct batch *batch,
                                       size_t dim))
{
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
        for (size_t d = 0; d < N_DIMS; d++)
            if (!one_case(prover, &batches[b], dims[d]))
                return false;
    return true;
}

/* Elements of `n` rows of `dim` elements, `pitch` apart. */
static size_t elems_of(size_t n, size_t pitch, size_t dim)
{
    return n == 0 ? 0 : (n - 1) * pitch + dim;
}

/* What an occurrence's row is multiplied by. */
static double factor_of(const struct sgeo_bags *bags, size_t b, size_t position)
{
    double weight = bags->weights ? (double)bags->weights[position] : 1.0;
    size_t length = sgeo_bags_first(bags, b + 1) - sgeo_bags_first(bags, b);
    return bags->mean ? weight / (double)length : weight;
}

/* Magnitudes of the columns of one table. */
static void pooled_magnitudes(struct sgeo_prover *prover, size_t dst_pitch,
                              const struct sgeo_lookup *lookup)
{
    const struct sgeo_bags *bags = &lookup->bags;
    for (size_t b = 0; b < bags->count; b++)
        for (size_t d = 0; d < lookup->dim; d++) {
            double *sum = &prover->magnitudes[b * dst_pitch + lookup->column + d];
            *sum = 0.0;
            for (size_t i = sgeo_bags_first(bags, b); i < sgeo_bags_first(bags, b + 1); i++)
                *sum += fabs(factor_of(bags, b, i) *
                             (double)lookup->table[sgeo_bags_index(bags, i) * lookup->dim + d]);
        }
}

/* A table and its bags. */
static struct sgeo_lookup draw_lookup(struct sgeo_prover *prover, const struct batch *batch,
                                      size_t dim, const struct sgeo_bags_form *form)
{
    struct sgeo_lookup lookup = {.dim = dim};
    lookup.table = sgeo_prover_source(prover, batch->rows * dim);
    lookup.bags = sgeo_bags_draw(prover, form, batch->bags, batch->rows);
    return lookup;
}

static bool name_case(struct sgeo_prover *prover, const struct batch *batch, size_t dim,
                      const struct sgeo_bags_form *form)
{
    return sgeo_prover_case(prover, "%zu rows of %zu, %zu bags, %s, %d-bit indices", batch->rows,
                            dim, batch->bags, sgeo_bags_form_name(form), form->wide ? 64 : 32);
}

static bool embbag_case(struct sgeo_prover *prover, const struct batch *batch, size_t dim)
{
    struct sgeo_bags_form form = sgeo_bags_form_draw(prover);
    size_t pitch = dim + sgeo_prover_below(prover, 2) * 5;
    if (!name_case(prover, batch, dim, &form))
        return true;
    struct sgeo_lookup lookup = draw_lookup(prover, batch, dim, &form);
    struct sgeo_buffer *dst =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, elems_of(batch->bags, pitch, dim));
    pooled_magnitudes(prover, pitch, &lookup);
    prover->ref.f32_embbag(sgeo_ref_floats(dst), pitch, lookup.table, dim, &lookup.bags);
    prover->candidate->f32_embbag(sgeo_candidate_floats(dst), pitch, lookup.table, dim,
                                  &lookup.bags);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_embbag(struct sgeo_prover *prover)
{
    return all_sizes(prover, embbag_case);
}

/* Up to MAX_TABLES tables of different dims, from the right to the left of every other dst. */
static bool tables_case(struct sgeo_prover *prover, const struct batch *batch, size_t dim)
{
    struct sgeo_lookup lookups[MAX_TABLES];
    size_t n_tables = sgeo_prover_below(prover, MAX_TABLES + 1), used = 0;
    size_t gap = sgeo_prover_below(prover, 2) * 3;
    bool backwards = sgeo_prover_coin(prover);
    if (!sgeo_prover_case(prover, "%zu tables, the first %zux%zu, %zu bags, gaps of %zu", n_tables,
                          batch->rows, dim, batch->bags, gap))
        return true;
    for (size_t t = 0; t < n_tables; t++) {
        struct sgeo_bags_form form = sgeo_bags_form_draw(prover);
        size_t own_dim = t == 0 ? dim : dims[sgeo_prover_below(prover, N_DIMS)];
        lookups[t] = draw_lookup(prover, batch, own_dim, &form);
        lookups[t].column = used;
        used += own_dim + gap;
    }
    for (size_t t = 0; backwards && t < n_tables; t++)
        lookups[t].column = used - gap - lookups[t].column - lookups[t].dim;
    struct sgeo_buffer *dst = sgeo_prover_buffer(
        prover, SGEO_FLOATS, SGEO_OUTPUT, used == 0 ? 0 : elems_of(batch->bags, used, used - gap));
    for (size_t t = 0; t < n_tables; t++)
        pooled_magnitudes(prover, used, &lookups[t]);
    prover->ref.f32_embbag_tables(sgeo_ref_floats(dst), used, lookups, n_tables);
    prover->candidate->f32_embbag_tables(sgeo_candidate_floats(dst), used, lookups, n_tables);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_embbag_tables(struct sgeo_prover *prover)
{
    return all_sizes(prover, tables_case);
}

/* Buffers for the groups of n positions. */
struct groups_buffers {
    struct sgeo_buffer *rows, *starts, *occurrences, *workspace;
};

static struct groups_buffers draw_groups(struct sgeo_prover *prover, size_t n)
{
    return (struct groups_buffers){
        sgeo_prover_buffer(prover, SGEO_INTS, SGEO_OUTPUT, n),
        sgeo_prover_buffer(prover, SGEO_INTS, SGEO_OUTPUT, n + 1),
        sgeo_prover_buffer(prover, SGEO_INTS, SGEO_OUTPUT, 2 * n), /* bag and position */
        sgeo_prover_buffer(prover, SGEO_LONGS, SGEO_OUTPUT, sgeo_row_groups_words(n))};
}

/* One side of them. */
static struct sgeo_row_groups side_of(const struct groups_buffers *buffers,
                                      void *(*data)(const struct sgeo_buffer *buffer))
{
    return (struct sgeo_row_groups){.rows = data(buffers->rows),
                                    .starts = data(buffers->starts),
                                    .occurrences = data(buffers->occurrences)};
}

static bool groups_case(struct sgeo_prover *prover, size_t n_bags, size_t table_rows)
{
    struct sgeo_bags_form form = sgeo_bags_form_draw(prover);
    form.wide = form.wide || table_rows > INT32_MAX;
    if (!sgeo_prover_case(prover, "%zu bags, %zu rows, %s, %d-bit indices", n_bags, table_rows,
                          sgeo_bags_form_name(&form), form.wide ? 64 : 32))
        return true;
    struct sgeo_bags bags = sgeo_bags_draw(prover, &form, n_bags, table_rows);
    struct groups_buffers buffers = draw_groups(prover, sgeo_bags_positions(&bags));
    struct sgeo_row_groups expected = side_of(&buffers, sgeo_ref_data);
    struct sgeo_row_groups got = side_of(&buffers, sgeo_candidate_data);
    prover->ref.u32_row_groups(&expected, sgeo_ref_data(buffers.workspace), &bags, table_rows);
    prover->candidate->u32_row_groups(&got, sgeo_candidate_data(buffers.workspace), &bags,
                                      table_rows);
    if (got.n_rows != expected.n_rows)
        return sgeo_prover_fail(prover, "%zu touched rows for %zu", got.n_rows, expected.n_rows);
    return sgeo_prover_compare(prover, buffers.rows, NULL, SGEO_STRICT) &&
           sgeo_prover_compare(prover, buffers.starts, NULL, SGEO_STRICT) &&
           sgeo_prover_compare(prover, buffers.occurrences, NULL, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_u32_row_groups(struct sgeo_prover *prover)
{
    static const size_t bags[] = {0, 1, 3, SGEO_BAGS_MAX_COUNT};
    static const size_t rows[] = {1,     2,     37,       255,      256,       257,
                                  65536, 65537, 16777216, 16777217, INT32_MAX, UINT32_MAX};
    for (size_t b = 0; b < sizeof bags / sizeof *bags; b++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            if (!groups_case(prover, bags[b], rows[r]))
                return false;
    return true;
}

/* The groups of some bags, by the reference; in buffers as long as they need to be. */
static struct sgeo_row_groups groups_of(struct sgeo_prover *prover, const struct sgeo_bags *bags,
                                        size_t table_rows)
{
    size_t n = sgeo_bags_positions(bags);
    struct groups_buffers buffers = draw_groups(prover, n);
    struct sgeo_row_groups groups = side_of(&buffers, sgeo_ref_data);
    prover->ref.u32_row_groups(&groups, NULL, bags, table_rows);
    groups.rows = sgeo_candidate_data(
        sgeo_prover_copy(prover, SGEO_INTS, SGEO_SOURCE, groups.n_rows, groups.rows));
    groups.starts = sgeo_candidate_data(
        sgeo_prover_copy(prover, SGEO_INTS, SGEO_SOURCE, groups.n_rows + 1, groups.starts));
    groups.occurrences = sgeo_candidate_data(
        sgeo_prover_copy(prover, SGEO_INTS, SGEO_SOURCE, 2 * n, groups.occurrences));
    return groups;
}

static void grad_magnitudes(struct sgeo_prover *prover, const float *ddst, size_t pitch, size_t dim,
                            const struct sgeo_row_groups *groups, const struct sgeo_bags *bags)
{
    for (size_t u = 0; u < groups->n_rows; u++)
        for (size_t d = 0; d < dim; d++) {
            prover->magnitudes[u * dim + d] = 0.0;
            for (size_t i = groups->starts[u]; i < groups->starts[u + 1]; i++) {
                struct sgeo_occurrence at = groups->occurrences[i];
                prover->magnitudes[u * dim + d] +=
                    fabs(factor_of(bags, at.bag, at.position) * (double)ddst[at.bag * pitch + d]);
            }
        }
}

static bool grad_case(struct sgeo_prover *prover, const struct batch *batch, size_t dim)
{
    struct sgeo_bags_form form = sgeo_bags_form_draw(prover);
    size_t pitch = dim + sgeo_prover_below(prover, 2) * 5;
    if (!name_case(prover, batch, dim, &form))
        return true;
    struct sgeo_bags bags = sgeo_bags_draw(prover, &form, batch->bags, batch->rows);
    struct sgeo_row_groups groups = groups_of(prover, &bags, batch->rows);
    const float *ddst = sgeo_prover_source(prover, elems_of(batch->bags, pitch, dim));
    struct sgeo_buffer *dtable =
        sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, groups.n_rows * dim);
    grad_magnitudes(prover, ddst, pitch, dim, &groups, &bags);
    prover->ref.f32_embbag_grad(sgeo_ref_floats(dtable), ddst, pitch, dim, &groups, &bags);
    prover->candidate->f32_embbag_grad(sgeo_candidate_floats(dtable), ddst, pitch, dim, &groups,
                                       &bags);
    return sgeo_prover_compare(prover, dtable, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_embbag_grad(struct sgeo_prover *prover)
{
    return all_sizes(prover, grad_case);
}
