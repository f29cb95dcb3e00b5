#include "space/nasrec_supernet_slices.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

void sgeo_nasrec_ranges_add(struct sgeo_nasrec_ranges *ranges, size_t first, size_t count)
{
    size_t last = ranges->n - 1;
    if (ranges->n > 0 && ranges->at[last].first + ranges->at[last].count == first) {
        ranges->at[last].count += count;
        return;
    }
    ranges->at[ranges->n].first = first;
    ranges->at[ranges->n++].count = count;
}

struct sgeo_nasrec_slices *sgeo_nasrec_slices_create(void)
{
    return sgeo_calloc(1, sizeof(struct sgeo_nasrec_slices));
}

void sgeo_nasrec_slices_destroy(struct sgeo_nasrec_slices *slices)
{
    if (slices == NULL) {
        return;
    }
    sgeo_free(slices->at);
    sgeo_free(slices);
}

enum sgeo_status sgeo_nasrec_slices_add(struct sgeo_nasrec_slices *slices,
                                        const struct sgeo_nasrec_slice *slice)
{
    if (slices->n == slices->capacity) {
        size_t capacity = slices->capacity == 0 ? 16 : 2 * slices->capacity;
        struct sgeo_nasrec_slice *at =
            sgeo_grow(slices->at, slices->capacity, capacity, sizeof *slices->at);
        if (at == NULL) {
            return sgeo_fail_memory("slices of a nasrec path");
        }
        slices->at = at;
        slices->capacity = capacity;
    }
    slices->at[slices->n++] = *slice;
    return SGEO_OK;
}

/* --- copying --- */

/* A segment in both vectors. */
struct match {
    struct sgeo_place path, supernet;
    size_t columns; /* of a row in the supernet */
    struct sgeo_nasrec_ranges rows, cols;
};

static size_t covered(const struct sgeo_nasrec_ranges *ranges)
{
    size_t sum = 0;
    for (size_t i = 0; i < ranges->n; i++) {
        sum += ranges->at[i].count;
    }
    return sum;
}

static size_t range_end(const struct sgeo_nasrec_ranges *ranges)
{
    return ranges->n == 0 ? 0 : ranges->at[ranges->n - 1].first + ranges->at[ranges->n - 1].count;
}

static const struct sgeo_nasrec_slice *slice_of(const struct sgeo_nasrec_slices *slices,
                                                size_t segment)
{
    for (size_t i = 0; i < slices->n; i++) {
        if (slices->at[i].segment == segment) {
            return &slices->at[i];
        }
    }
    return NULL;
}

/* Whether the match covers `to` numbers, and lies within the supernet's `from`. */
static bool fits(const struct match *match, size_t to, size_t from)
{
    return match->columns > 0 && from % match->columns == 0 &&
           range_end(&match->rows) * match->columns <= from &&
           range_end(&match->cols) <= match->columns &&
           covered(&match->rows) * covered(&match->cols) == to;
}

static enum sgeo_status find_match(struct match *match, const struct sgeo_nasrec_pair *pair,
                                   size_t index)
{
    const struct sgeo_segment *segment = sgeo_store_segment(pair->path, index);
    size_t other = sgeo_store_find(pair->supernet, segment->name);
    if (other == SGEO_NONE) {
        return sgeo_fail(SGEO_USAGE, NULL, "the nasrec supernet has no segment %s", segment->name);
    }
    size_t count = sgeo_store_segment(pair->supernet, other)->count;
    const struct sgeo_nasrec_slice *slice = slice_of(pair->slices, index);
    *match = (struct match){.path = sgeo_store_place(pair->path, index),
                            .supernet = sgeo_store_place(pair->supernet, other),
                            .columns = count};
    if (slice != NULL) {
        match->columns = slice->columns;
        match->rows = slice->rows;
        match->cols = slice->cols;
    } else {
        sgeo_nasrec_ranges_add(&match->cols, 0, count);
    }
    if (match->rows.n == 0 && match->columns > 0) {
        sgeo_nasrec_ranges_add(&match->rows, 0, count / match->columns);
    }
    if (!fits(match, segment->count, count)) {
        return sgeo_fail(SGEO_USAGE, NULL, "segment %s of a path is no part of the supernet's %zu",
                         segment->name, count);
    }
    return SGEO_OK;
}

/* Copies n bytes between the path at `path` and the supernet at `supernet`. */
typedef void (*copy_fn)(const struct match *match, size_t elem_bytes, void *to, const void *from);

static void gather_segment(const struct match *match, size_t elem_bytes, void *to, const void *from)
{
    unsigned char *path = (unsigned char *)to + match->path.offset * elem_bytes;
    const unsigned char *supernet =
        (const unsigned char *)from + match->supernet.offset * elem_bytes;
    for (size_t i = 0; i < match->rows.n; i++) {
        for (size_t r = 0; r < match->rows.at[i].count; r++) {
            size_t row = (match->rows.at[i].first + r) * match->columns;
            for (size_t c = 0; c < match->cols.n; c++) {
                size_t bytes = match->cols.at[c].count * elem_bytes;
                memcpy(path, supernet + (row + match->cols.at[c].first) * elem_bytes, bytes);
                path += bytes;
            }
        }
    }
}

static void scatter_segment(const struct match *match, size_t elem_bytes, void *to,
                            const void *from)
{
    unsigned char *supernet = (unsigned char *)to + match->supernet.offset * elem_bytes;
    const unsigned char *path = (const unsigned char *)from + match->path.offset * elem_bytes;
    for (size_t i = 0; i < match->rows.n; i++) {
        for (size_t r = 0; r < match->rows.at[i].count; r++) {
            size_t row = (match->rows.at[i].first + r) * match->columns;
            for (size_t c = 0; c < match->cols.n; c++) {
                size_t bytes = match->cols.at[c].count * elem_bytes;
                memcpy(supernet + (row + match->cols.at[c].first) * elem_bytes, path, bytes);
                path += bytes;
            }
        }
    }
}

static enum sgeo_status copy_all(const struct sgeo_nasrec_pair *pair, copy_fn copy, void *to,
                                 const void *from)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < sgeo_store_count(pair->path); i++) {
        struct match match;
        status = find_match(&match, pair, i);
        if (status == SGEO_OK) {
            copy(&match, pair->backend->ops->elem_bytes, to, from);
        }
    }
    return status;
}

enum sgeo_status sgeo_nasrec_gather(const struct sgeo_nasrec_pair *pair, void *path_vector,
                                    const void *supernet_vector)
{
    return copy_all(pair, gather_segment, path_vector, supernet_vector);
}

enum sgeo_status sgeo_nasrec_scatter(const struct sgeo_nasrec_pair *pair, void *supernet_vector,
                                     const void *path_vector)
{
    return copy_all(pair, scatter_segment, supernet_vector, path_vector);
}
