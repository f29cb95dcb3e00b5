/*
 * Occurrences by row: a radix sort of (row, position), by the bytes of the row from the lowest up.
 * Each pass is stable, so that positions stay in order; as many passes as the last row has bytes.
 */
#include "kernels/scalar/tier.h"

/* The counts of a pass, and the 256 places that it writes to, fit the first-level cache. */
#define DIGIT_BITS 8
#define DIGITS     ((size_t)1 << DIGIT_BITS)
#define ROW_SHIFT  32 /* key: the row above, the position below */

static size_t digit_of(uint64_t key, unsigned shift)
{
    return (size_t)(key >> shift) % DIGITS;
}

/* Keys in the order of the positions, and the bag of each. */
static void list_positions(uint64_t *keys, uint64_t *bag_of, const struct sgeo_bags *bags)
{
    for (size_t b = 0; b < bags->count; b++)
        for (size_t i = sgeo_bags_first(bags, b); i < sgeo_bags_first(bags, b + 1); i++) {
            *keys++ = (uint64_t)sgeo_bags_index(bags, i) << ROW_SHIFT | i;
            *bag_of++ = b;
        }
}

static void sort_by_digit(uint64_t *restrict to, const uint64_t *restrict from, size_t n,
                          unsigned shift)
{
    uint32_t counts[DIGITS] = {0}, places[DIGITS];
    for (size_t i = 0; i < n; i++)
        counts[digit_of(from[i], shift)]++;
    places[0] = 0;
    for (size_t d = 1; d < DIGITS; d++)
        places[d] = places[d - 1] + counts[d - 1];
    for (size_t i = 0; i < n; i++)
        to[places[digit_of(from[i], shift)]++] = from[i];
}

/* Rows, starts and occurrences of sorted keys; bag_of[0] belongs to the position `first`. */
static void cut_groups(struct sgeo_row_groups *groups, const uint64_t *keys, const uint64_t *bag_of,
                       size_t n, size_t first)
{
    groups->n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = (uint32_t)(keys[i] >> ROW_SHIFT), position = (uint32_t)keys[i];
        if (i == 0 || row != groups->rows[groups->n_rows - 1]) {
            groups->starts[groups->n_rows] = (uint32_t)i;
            groups->rows[groups->n_rows++] = row;
        }
        groups->occurrences[i] =
            (struct sgeo_occurrence){(uint32_t)bag_of[position - first], position};
    }
    groups->starts[groups->n_rows] = (uint32_t)n;
}

void SGEO_SYMBOL(u32_row_groups)(struct sgeo_row_groups *groups, uint64_t *workspace,
                                 const struct sgeo_bags *bags, size_t table_rows)
{
    size_t n = sgeo_bags_positions(bags);
    uint64_t *keys = workspace, *sorted = workspace + n, *bag_of = workspace + 2 * n;
    list_positions(keys, bag_of, bags);
    unsigned shift = ROW_SHIFT;
    for (size_t left = table_rows > 0 ? table_rows - 1 : 0; left > 0; left >>= DIGIT_BITS) {
        sort_by_digit(sorted, keys, n, shift);
        shift += DIGIT_BITS;
        uint64_t *swapped = keys;
        keys = sorted;
        sorted = swapped;
    }
    cut_groups(groups, keys, bag_of, n, n > 0 ? sgeo_bags_first(bags, 0) : 0);
}
