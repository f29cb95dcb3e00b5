/*
 * Cells of nb101 as graphs: pruning and the channels of the vertices. Source: the public code of
 * NAS-Bench-101, its model specification and vertex channels (spec cv_spaces, section 2).
 */
#include <string.h>

#include "space/nb101_parts.h"

void sgeo_nb101_cell(struct sgeo_nb101_cell *cell, const struct sgeo_arch *arch)
{
    const unsigned char *digit = arch->code + SGEO_NB101_CODE_ADJ;
    *cell = (struct sgeo_nb101_cell){.n_vertices = arch->code[0]};
    for (size_t from = 0; from < cell->n_vertices; from++) {
        for (size_t to = from + 1; to < cell->n_vertices; to++) {
            cell->edges[from][to] = *digit++ != 0;
        }
    }
    for (size_t v = 1; v + 1 < cell->n_vertices; v++) {
        cell->ops[v] = arch->code[SGEO_NB101_CODE_OPS + v - 1];
    }
}

bool sgeo_nb101_prune(struct sgeo_nb101_cell *pruned, const struct sgeo_nb101_cell *cell)
{
    size_t n = cell->n_vertices, kept[7], n_kept = 0;
    bool reached[7] = {true}, reaching[7] = {false};
    reaching[n - 1] = true;
    for (size_t to = 1; to < n; to++) { /* edges lead upwards */
        for (size_t from = 0; from < to; from++) {
            reached[to] |= cell->edges[from][to] && reached[from];
        }
    }
    for (size_t from = n - 1; from-- > 0;) {
        for (size_t to = from + 1; to < n; to++) {
            reaching[from] |= cell->edges[from][to] && reaching[to];
        }
    }
    if (!reached[n - 1]) {
        return false;
    }
    for (size_t v = 0; v < n; v++) {
        if (reached[v] && reaching[v]) {
            kept[n_kept++] = v;
        }
    }
    struct sgeo_nb101_cell result = {.n_vertices = n_kept};
    for (size_t to = 0; to < n_kept; to++) {
        result.ops[to] = cell->ops[kept[to]];
        for (size_t from = 0; from < to; from++) {
            result.edges[from][to] = cell->edges[kept[from]][kept[to]];
        }
    }
    *pruned = result;
    return true;
}

size_t sgeo_nb101_count_edges(const struct sgeo_nb101_cell *cell)
{
    size_t edges = 0;
    for (size_t from = 0; from < cell->n_vertices; from++) {
        for (size_t to = from + 1; to < cell->n_vertices; to++) {
            edges += cell->edges[from][to];
        }
    }
    return edges;
}

void sgeo_nb101_channels(size_t channels[7], const struct sgeo_nb101_cell *pruned, size_t in,
                         size_t out)
{
    size_t last = pruned->n_vertices - 1, feeding = 0, taken = 0;
    memset(channels, 0, 7 * sizeof *channels);
    channels[0] = in;
    channels[last] = out;
    for (size_t v = 1; v < last; v++) {
        feeding += pruned->edges[v][last];
    }
    for (size_t v = 1; v < last; v++) {
        if (pruned->edges[v][last]) {
            channels[v] = out / feeding + (taken++ < out % feeding ? 1 : 0);
        }
    }
    for (size_t v = last; v-- > 1;) {
        for (size_t to = v + 1; to < last && !pruned->edges[v][last]; to++) {
            if (pruned->edges[v][to] && channels[to] > channels[v]) {
                channels[v] = channels[to];
            }
        }
    }
}
