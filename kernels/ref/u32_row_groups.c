/* Occurrences by row: for each row of the table in turn, those of its positions. */
#include "kernels/symbols.h"

/* The occurrences of one row, from number n on; the number behind the last. */
static size_t collect(struct sgeo_row_groups *groups, const struct sgeo_bags *bags, size_t row,
                      size_t n)
{
    for (size_t b = 0; b < bags->count; b++)
        for (size_t i = sgeo_bags_first(bags, b); i < sgeo_bags_first(bags, b + 1); i++)
            if (sgeo_bags_index(bags, i) == row)
                groups->occurrences[n++] = (struct sgeo_occurrence){(uint32_t)b, (uint32_t)i};
    return n;
}

/* The smallest row in use that is `from` or above; table_rows when there is none. */
static size_t next_row(const struct sgeo_bags *bags, size_t from, size_t table_rows)
{
    size_t first = bags->count == 0 ? 0 : sgeo_bags_first(bags, 0), next = table_rows;
    for (size_t i = first; i < first + sgeo_bags_positions(bags); i++) {
        size_t row = sgeo_bags_index(bags, i);
        if (row >= from && row < next)
            next = row;
    }
    return next;
}

void sgeo_u32_row_groups__ref(struct sgeo_row_groups *groups, uint64_t *workspace,
                              const struct sgeo_bags *bags, size_t table_rows)
{
    size_t n = 0;
    (void)workspace;
    groups->n_rows = 0;
    groups->starts[0] = 0;
    for (size_t row = next_row(bags, 0, table_rows); row < table_rows;
         row = next_row(bags, row + 1, table_rows)) {
        n = collect(groups, bags, row, n);
        groups->rows[groups->n_rows++] = (uint32_t)row;
        groups->starts[groups->n_rows] = (uint32_t)n;
    }
}
