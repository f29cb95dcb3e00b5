/*
 * Rows that lie about in memory, in the order in which a list names them: what embedding bags,
 * their gradient and the steps of touched rows have in common. Such rows come from memory a line at
 * a time, so each is requested well ahead of its turn.
 */
#ifndef SGEO_KERNELS_ROW_LIST_H
#define SGEO_KERNELS_ROW_LIST_H

#include "kernels/strip.h"

#define SGEO_LINE_FLOATS ((size_t)16) /* of a cache line */

/*
 * How far ahead rows are requested: 32 cache lines. From memory a line takes some 20 times as long
 * as a row of one line should; fewer would leave the core's queues of lines under way (10 to 16, 48
 * behind them) empty at times, many more would be gone again before their turn.
 */
#define SGEO_AHEAD_LINES ((size_t)32)

/* The same in rows. */
SGEO_INLINE size_t sgeo_rows_ahead(size_t dim)
{
    size_t lines = (dim + SGEO_LINE_FLOATS - 1) / SGEO_LINE_FLOATS;
    return lines < SGEO_AHEAD_LINES ? SGEO_AHEAD_LINES / lines : 1;
}

/* Request a row. Its last element is in a line of its own where rows straddle lines. */
SGEO_INLINE void sgeo_request_row(const float *row, size_t dim)
{
    for (size_t at = 0; at < dim; at += SGEO_LINE_FLOATS)
        SGEO_PREFETCH_READ(row + at);
    SGEO_PREFETCH_READ(row + dim - 1);
}

/* The place to request when place i has its turn: within a list that ends before `end`. */
SGEO_INLINE size_t sgeo_place_ahead(size_t i, size_t ahead, size_t end)
{
    return sgeo_min(i + ahead, end - 1);
}

/*
 * The rows of `src` that bags name, position by position; or that occurrences name by their bag,
 * one by one. Constant flags and pointers that are known to be NULL leave no branches.
 */
struct sgeo_row_list {
    const float *src; /* row r at r*pitch */
    size_t pitch, dim;
    const struct sgeo_bags *bags;
    const struct sgeo_occurrence *occurrences; /* NULL: the bags' positions are the list */
    size_t ahead, end;                         /* nothing is read of the list from `end` on */
};

/* The rows of a table that bags name. */
SGEO_INLINE struct sgeo_row_list sgeo_bags_list(const float *table, size_t dim,
                                                const struct sgeo_bags *bags)
{
    return (struct sgeo_row_list){.src = table,
                                  .pitch = dim,
                                  .dim = dim,
                                  .bags = bags,
                                  .ahead = sgeo_rows_ahead(dim),
                                  .end = sgeo_bags_first(bags, bags->count)};
}

SGEO_INLINE const float *sgeo_list_row(const struct sgeo_row_list *list, size_t i)
{
    size_t row = list->occurrences ? list->occurrences[i].bag : sgeo_bags_index(list->bags, i);
    return list->src + row * list->pitch;
}

/* Request the row whose turn comes `ahead` rows after place i. */
SGEO_INLINE void sgeo_list_request(const struct sgeo_row_list *list, size_t i)
{
    sgeo_request_row(sgeo_list_row(list, sgeo_place_ahead(i, list->ahead, list->end)), list->dim);
}

/* 1 / positions of bag b if that is what its sum is multiplied by, else 1. */
SGEO_INLINE float sgeo_bags_scale(const struct sgeo_bags *bags, size_t b)
{
    size_t positions = sgeo_bags_first(bags, b + 1) - sgeo_bags_first(bags, b);
    return bags->mean ? 1.0f / (float)(uint32_t)positions : 1.0f;
}

/* Whether rows are multiplied by factors as they are added. A bag's own scale comes last. */
SGEO_INLINE bool sgeo_list_has_factors(const struct sgeo_row_list *list)
{
    return list->bags->weights || (list->occurrences && list->bags->mean);
}

SGEO_INLINE float sgeo_list_factor(const struct sgeo_row_list *list, size_t i)
{
    const float *weights = list->bags->weights;
    if (!list->occurrences)
        return weights[i];
    struct sgeo_occurrence occurrence = list->occurrences[i];
    float scale = sgeo_bags_scale(list->bags, occurrence.bag);
    return weights ? weights[occurrence.position] * scale : scale;
}

/* Request, of a table, the row whose turn comes `ahead` rows after the u-th touched one. */
SGEO_INLINE void sgeo_touched_request(const float *table, const struct sgeo_touched *touched,
                                      size_t u, size_t ahead)
{
    size_t next = touched->rows[sgeo_place_ahead(u, ahead, touched->count)];
    sgeo_request_row(table + next * touched->dim, touched->dim);
}

/* CASE(dim) for each of the dims that tables usually have: loops of constant lengths. */
#define SGEO_USUAL_DIMS(CASE) CASE(16) CASE(32) CASE(64) CASE(128)

#endif
