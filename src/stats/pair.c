#include "stats/pair.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/ranks.h"

/* A point in cell order: its two groups packed so that one comparison orders by x, then y. */
struct point {
    uint64_t key;
    uint32_t index;
};

static uint64_t pack(uint32_t x_group, uint32_t y_group)
{
    return (uint64_t)x_group << 32 | y_group;
}

static int compare_points(const void *a, const void *b)
{
    uint64_t x = ((const struct point *)a)->key;
    uint64_t y = ((const struct point *)b)->key;
    return (x > y) - (x < y);
}

/* Per-point arrays, and per-cell and per-group arrays sized for the worst case of n of each. */
static enum sgeo_status allocate(struct sgeo_pair *pair, size_t n)
{
    pair->n = n;
    pair->cell = sgeo_calloc(n, sizeof *pair->cell);
    pair->cell_x = sgeo_calloc(n, sizeof *pair->cell_x);
    pair->cell_y = sgeo_calloc(n, sizeof *pair->cell_y);
    pair->y = sgeo_calloc(n, sizeof *pair->y);
    pair->weight = sgeo_calloc(n, sizeof *pair->weight);
    pair->weight_x = sgeo_calloc(n, sizeof *pair->weight_x);
    pair->weight_y = sgeo_calloc(n, sizeof *pair->weight_y);
    pair->rank_x = sgeo_calloc(n, sizeof *pair->rank_x);
    pair->rank_y = sgeo_calloc(n, sizeof *pair->rank_y);
    pair->item = sgeo_calloc(n, sizeof *pair->item);
    pair->other = sgeo_calloc(n, sizeof *pair->other);
    bool whole = pair->cell != NULL && pair->cell_x != NULL && pair->cell_y != NULL &&
                 pair->y != NULL && pair->weight != NULL && pair->weight_x != NULL &&
                 pair->weight_y != NULL && pair->rank_x != NULL && pair->rank_y != NULL &&
                 pair->item != NULL && pair->other != NULL;
    return whole ? SGEO_OK : sgeo_fail_memory("ranked pair");
}

/* Points with their packed groups, unsorted. weight_x and weight_y, unused so far, hold groups. */
static enum sgeo_status group_points(struct sgeo_pair *pair, struct point *points,
                                     struct sgeo_column x, struct sgeo_column y)
{
    enum sgeo_status status = sgeo_ranks_group(pair->weight_x, &pair->n_x, x);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_ranks_group(pair->weight_y, &pair->n_y, y);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t i = 0; i < pair->n; i++) {
        points[i].key = pack(pair->weight_x[i], pair->weight_y[i]);
        points[i].index = (uint32_t)i;
        pair->y[pair->weight_y[i]] = y.values[i];
    }
    return SGEO_OK;
}

/* Number the distinct points of the sorted list. */
static void number_cells(struct sgeo_pair *pair, const struct point *sorted)
{
    for (size_t i = 0; i < pair->n; i++) {
        if (i == 0 || sorted[i].key != sorted[i - 1].key) {
            pair->cell_x[pair->n_cells] = (uint32_t)(sorted[i].key >> 32);
            pair->cell_y[pair->n_cells] = (uint32_t)(sorted[i].key & UINT32_MAX);
            pair->n_cells++;
        }
        pair->cell[sorted[i].index] = (uint32_t)(pair->n_cells - 1);
    }
}

static enum sgeo_status fill(struct sgeo_pair *pair, struct sgeo_column x, struct sgeo_column y)
{
    enum sgeo_status status = allocate(pair, x.n);
    if (status != SGEO_OK) {
        return status;
    }
    struct point *points = sgeo_calloc(x.n, sizeof *points);
    if (points == NULL) {
        return sgeo_fail_memory("points of a ranked pair");
    }
    status = group_points(pair, points, x, y);
    if (status == SGEO_OK) {
        qsort(points, pair->n, sizeof *points, compare_points);
        number_cells(pair, points);
    }
    sgeo_free(points);
    return status;
}

enum sgeo_status sgeo_pair_create(struct sgeo_pair **pair, struct sgeo_column x,
                                  struct sgeo_column y)
{
    enum sgeo_status status = sgeo_column_check(x, x.n, "first column of a correlation");
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_column_check(y, x.n, "second column of a correlation");
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_pair *made = sgeo_calloc(1, sizeof *made);
    if (made == NULL) {
        return sgeo_fail_memory("ranked pair");
    }
    status = fill(made, x, y);
    if (status != SGEO_OK) {
        sgeo_pair_destroy(made);
        return status;
    }
    *pair = made;
    return SGEO_OK;
}

void sgeo_pair_destroy(struct sgeo_pair *pair)
{
    if (pair == NULL) {
        return;
    }
    sgeo_free(pair->cell);
    sgeo_free(pair->cell_x);
    sgeo_free(pair->cell_y);
    sgeo_free(pair->y);
    sgeo_free(pair->weight);
    sgeo_free(pair->weight_x);
    sgeo_free(pair->weight_y);
    sgeo_free(pair->rank_x);
    sgeo_free(pair->rank_y);
    sgeo_free(pair->item);
    sgeo_free(pair->other);
    sgeo_free(pair);
}

/* Total and group weights from the cell weights. */
static void sum_margins(struct sgeo_pair *pair)
{
    memset(pair->weight_x, 0, pair->n_x * sizeof *pair->weight_x);
    memset(pair->weight_y, 0, pair->n_y * sizeof *pair->weight_y);
    pair->total = 0;
    for (size_t i = 0; i < pair->n_cells; i++) {
        pair->weight_x[pair->cell_x[i]] += pair->weight[i];
        pair->weight_y[pair->cell_y[i]] += pair->weight[i];
        pair->total += pair->weight[i];
    }
}

void sgeo_pair_weigh(struct sgeo_pair *pair, const uint32_t *counts)
{
    memset(pair->weight, 0, pair->n_cells * sizeof *pair->weight);
    for (size_t i = 0; i < pair->n; i++) {
        pair->weight[pair->cell[i]] += counts == NULL ? 1 : counts[i];
    }
    sum_margins(pair);
}

void sgeo_pair_keep_top(struct sgeo_pair *pair, uint64_t n_top)
{
    size_t lowest = pair->n_y; /* y groups from here on stay */
    for (uint64_t kept = 0; kept < n_top && lowest > 0;) {
        lowest--;
        kept += pair->weight_y[lowest];
    }
    for (size_t i = 0; i < pair->n_cells; i++) {
        if (pair->cell_y[i] < lowest) {
            pair->weight[i] = 0;
        }
    }
    sum_margins(pair);
}
