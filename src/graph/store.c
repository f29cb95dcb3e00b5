#include "graph/store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"

struct entry {
    struct sgeo_segment segment;
    struct sgeo_place place;
    struct sgeo_conv *conv; /* CONV: knows the layout of the weights */
};

struct sgeo_store {
    struct sgeo_backend *backend;
    struct entry *entries;
    size_t n_entries;
    size_t total, logical;
    size_t largest; /* logical count of the largest segment */
    enum sgeo_init init;
};

/* Vectors start segments at cache lines, so kernels see whole lines and no two segments share one.
 */
enum { PLACE_MULTIPLE = 16 };

static enum sgeo_status place_entry(struct sgeo_store *store, struct entry *entry,
                                    const struct sgeo_graph *graph, size_t batch)
{
    size_t elems = entry->segment.count;
    if (entry->segment.kind == SGEO_SEGMENT_CONV) {
        struct sgeo_conv_geometry geometry = graph->nodes[entry->segment.node].conv;
        geometry.n = batch;
        enum sgeo_status status =
            store->backend->ops->conv_create(store->backend, &entry->conv, &geometry);
        if (status != SGEO_OK) {
            return status;
        }
        elems = store->backend->ops->conv_weight_elems(entry->conv);
    }
    entry->place.offset = store->total;
    entry->place.elems = elems;
    store->total += sgeo_round_up(elems, PLACE_MULTIPLE);
    store->logical += entry->segment.count;
    if (entry->segment.count > store->largest) {
        store->largest = entry->segment.count;
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_store_create(struct sgeo_store **out, const struct sgeo_graph *graph,
                                   struct sgeo_backend *backend, size_t batch)
{
    struct sgeo_store *store = sgeo_calloc(1, sizeof *store);
    if (store == NULL) {
        return sgeo_fail_memory("parameter store");
    }
    store->backend = backend;
    store->init = graph->init;
    store->n_entries = graph->n_segments;
    store->entries = sgeo_calloc(graph->n_segments, sizeof *store->entries);
    enum sgeo_status status =
        store->entries == NULL ? sgeo_fail_memory("parameter store") : SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < store->n_entries; i++) {
        store->entries[i].segment = graph->segments[i];
        status = place_entry(store, &store->entries[i], graph, batch);
    }
    if (status != SGEO_OK) {
        sgeo_store_destroy(store);
        return status;
    }
    *out = store;
    return SGEO_OK;
}

void sgeo_store_destroy(struct sgeo_store *store)
{
    if (store == NULL) {
        return;
    }
    sgeo_free(store->entries);
    sgeo_free(store);
}

size_t sgeo_store_total(const struct sgeo_store *store)
{
    return store->total;
}

size_t sgeo_store_logical(const struct sgeo_store *store)
{
    return store->logical;
}

size_t sgeo_store_count(const struct sgeo_store *store)
{
    return store->n_entries;
}

const struct sgeo_segment *sgeo_store_segment(const struct sgeo_store *store, size_t index)
{
    return &store->entries[index].segment;
}

struct sgeo_place sgeo_store_place(const struct sgeo_store *store, size_t index)
{
    return store->entries[index].place;
}

size_t sgeo_store_find(const struct sgeo_store *store, const char *name)
{
    for (size_t i = 0; i < store->n_entries; i++) {
        if (strcmp(store->entries[i].segment.name, name) == 0) {
            return i;
        }
    }
    return SGEO_NONE;
}

void *sgeo_store_vector(const struct sgeo_store *store)
{
    return sgeo_calloc(store->total, store->backend->ops->elem_bytes);
}

struct sgeo_buffer *sgeo_store_take(const struct sgeo_store *store, struct sgeo_pool *pool)
{
    return sgeo_pool_take(pool, store->total * store->backend->ops->elem_bytes);
}

static void *segment_at(const struct sgeo_store *store, void *vector, size_t index)
{
    return (unsigned char *)vector +
           store->entries[index].place.offset * store->backend->ops->elem_bytes;
}

static const void *const_segment_at(const struct sgeo_store *store, const void *vector,
                                    size_t index)
{
    return (const unsigned char *)vector +
           store->entries[index].place.offset * store->backend->ops->elem_bytes;
}

void sgeo_store_import(const struct sgeo_store *store, void *vector, size_t index,
                       const double *values)
{
    const struct entry *entry = &store->entries[index];
    void *at = segment_at(store, vector, index);
    if (entry->conv != NULL) {
        store->backend->ops->conv_weight_import(store->backend, entry->conv, at, values);
    } else if (store->backend->ops->precision == SGEO_F64) {
        memcpy(at, values, entry->segment.count * sizeof *values);
    } else {
        for (size_t i = 0; i < entry->segment.count; i++) {
            ((float *)at)[i] = (float)values[i];
        }
    }
}

void sgeo_store_export(const struct sgeo_store *store, double *values, size_t index,
                       const void *vector)
{
    const struct entry *entry = &store->entries[index];
    const void *at = const_segment_at(store, vector, index);
    if (entry->conv != NULL) {
        store->backend->ops->conv_weight_export(store->backend, entry->conv, values, at);
    } else if (store->backend->ops->precision == SGEO_F64) {
        memcpy(values, at, entry->segment.count * sizeof *values);
    } else {
        for (size_t i = 0; i < entry->segment.count; i++) {
            values[i] = (double)((const float *)at)[i];
        }
    }
}

void sgeo_store_export_all(const struct sgeo_store *store, double *values, const void *vector)
{
    for (size_t i = 0; i < store->n_entries; i++) {
        sgeo_store_export(store, values, i, vector);
        values += store->entries[i].segment.count;
    }
}

void sgeo_store_import_all(const struct sgeo_store *store, void *vector, const double *values)
{
    for (size_t i = 0; i < store->n_entries; i++) {
        sgeo_store_import(store, vector, i, values);
        values += store->entries[i].segment.count;
    }
}

/* Value of element i of a segment whose uniform stream has `key`. */
static double initial_value(const struct sgeo_segment *segment, uint64_t key, size_t i)
{
    switch (segment->kind) {
    case SGEO_SEGMENT_SCALE:
        return 1.0;
    case SGEO_SEGMENT_GAMMA:
        return segment->start;
    case SGEO_SEGMENT_SHIFT:
    case SGEO_SEGMENT_BETA:
        return 0.0;
    case SGEO_SEGMENT_CONV:
    case SGEO_SEGMENT_LINEAR:
    case SGEO_SEGMENT_BIAS:
        break;
    }
    double bound = 1.0 / sqrt((double)segment->fan_in);
    return bound * (2.0 * sgeo_hash_uniform(key, i) - 1.0);
}

/* Networks that start by fan-out; source: the public network of NAS-Bench-101's proxies (spec
 * cv_spaces, section 2). */
static double fan_out_value(const struct sgeo_segment *segment, uint64_t key, size_t i)
{
    size_t fan_out = segment->count / segment->fan_in * segment->taps;
    switch (segment->kind) {
    case SGEO_SEGMENT_CONV:
        return sqrt(2.0 / (double)fan_out) * sgeo_hash_normal(key, i);
    case SGEO_SEGMENT_LINEAR:
        return 0.01 * sgeo_hash_normal(key, i);
    case SGEO_SEGMENT_SCALE:
    case SGEO_SEGMENT_GAMMA:
        return initial_value(segment, key, i);
    case SGEO_SEGMENT_BIAS:
    case SGEO_SEGMENT_SHIFT:
    case SGEO_SEGMENT_BETA:
        break;
    }
    return 0.0;
}

/* Kaiming-normal by fan-out with a ReLU's gain, convolutions only (spec cv_spaces, section 4). */
static double kaiming_value(const struct sgeo_segment *segment, uint64_t key, size_t i)
{
    return segment->kind == SGEO_SEGMENT_CONV ? fan_out_value(segment, key, i)
                                              : initial_value(segment, key, i);
}

/* Xavier-uniform weights and biases of zero (spec nasrec, section 1.4). */
static double xavier_value(const struct sgeo_segment *segment, uint64_t key, size_t i)
{
    if (segment->kind == SGEO_SEGMENT_BIAS) {
        return 0.0;
    }
    if (!sgeo_segment_in_l(segment)) {
        return initial_value(segment, key, i);
    }
    double fan_out = (double)segment->count / (double)segment->fan_in * (double)segment->taps;
    double bound = sqrt(6.0 / ((double)segment->fan_in + fan_out));
    return bound * (2.0 * sgeo_hash_uniform(key, i) - 1.0);
}

static double zen_value(const struct sgeo_segment *segment, uint64_t key, size_t i)
{
    if (segment->kind == SGEO_SEGMENT_BIAS) {
        return 0.0;
    }
    return sgeo_segment_in_l(segment) ? sgeo_hash_normal(key, i) : initial_value(segment, key, i);
}

/* How a vector is filled: what names its streams, and an element's value in one. */
struct rule {
    const char *formula, *random; /* before the segment's name */
    double (*value)(const struct sgeo_segment *segment, uint64_t key, size_t i);
};

static const struct rule initial_rule = {"", "init:", initial_value};
static const struct rule fan_out_rule = {"", "init:", fan_out_value};
static const struct rule kaiming_rule = {"", "init:", kaiming_value};
static const struct rule xavier_rule = {"", "init:", xavier_value};
static const struct rule zen_rule = {"zen.weight:", "zen.weight:", zen_value};

/* random == NULL: keys are hashes of names, without a seed. */
static enum sgeo_status init(const struct sgeo_store *store, void *vector, const struct rule *rule,
                             const uint64_t random[2])
{
    double *values = sgeo_calloc(store->largest, sizeof *values);
    if (values == NULL) {
        return sgeo_fail_memory("initial weights");
    }
    for (size_t s = 0; s < store->n_entries; s++) {
        const struct sgeo_segment *segment = &store->entries[s].segment;
        char stream[SGEO_NAME_MAX + 16];
        snprintf(stream, sizeof stream, "%s%s", random == NULL ? rule->formula : rule->random,
                 segment->name);
        uint64_t key =
            random == NULL ? sgeo_fnv1a(stream) : sgeo_stream_key(random[0], stream, random[1]);
        for (size_t i = 0; i < segment->count; i++) {
            values[i] = rule->value(segment, key, i);
        }
        sgeo_store_import(store, vector, s, values);
    }
    sgeo_free(values);
    return SGEO_OK;
}

enum sgeo_status sgeo_store_init_formula(const struct sgeo_store *store, void *vector)
{
    return init(store, vector, &initial_rule, NULL);
}

enum sgeo_status sgeo_store_init_random(const struct sgeo_store *store, void *vector, uint64_t seed,
                                        uint64_t index)
{
    static const struct rule *const rules[] = {[SGEO_INIT_FAN_IN] = &initial_rule,
                                               [SGEO_INIT_FAN_OUT] = &fan_out_rule,
                                               [SGEO_INIT_KAIMING] = &kaiming_rule,
                                               [SGEO_INIT_XAVIER] = &xavier_rule};
    const uint64_t random[2] = {seed, index};
    return init(store, vector, rules[store->init], random);
}

enum sgeo_status sgeo_store_zen_formula(const struct sgeo_store *store, void *vector)
{
    return init(store, vector, &zen_rule, NULL);
}

enum sgeo_status sgeo_store_zen_random(const struct sgeo_store *store, void *vector, uint64_t seed,
                                       uint64_t index)
{
    const uint64_t random[2] = {seed, index};
    return init(store, vector, &zen_rule, random);
}

/* --- inheritance --- */

/* A segment as a matrix of kernels, row-major. */
struct shape {
    size_t out, in, taps;
};

static struct shape shape_of(const struct sgeo_segment *segment)
{
    if (!sgeo_segment_in_l(segment)) {
        return (struct shape){segment->count, 1, 1};
    }
    return (struct shape){segment->count / segment->fan_in, segment->fan_in / segment->taps,
                          segment->taps};
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->out == b->out && a->in == b->in && a->taps == b->taps;
}

/* Segments of one name, one of them the first channels of the other; numbers row-major. */
struct kinship {
    const struct sgeo_store *narrow, *wide;
    size_t in_narrow, in_wide;
    double *narrow_values, *wide_values;
};

/* Copy the first channels, to the narrow segment or back to the wide one. */
static void copy_first_channels(const struct kinship *kin, bool back)
{
    struct shape narrow = shape_of(&kin->narrow->entries[kin->in_narrow].segment);
    struct shape wide = shape_of(&kin->wide->entries[kin->in_wide].segment);
    size_t row = narrow.in * narrow.taps;
    for (size_t o = 0; o < narrow.out; o++) {
        double *few = kin->narrow_values + o * row;
        double *many = kin->wide_values + o * wide.in * wide.taps;
        memcpy(back ? many : few, back ? few : many, row * sizeof *few);
    }
}

/* Segments of a narrow store that a wide one has too: to the narrow vector, or back. */
static enum sgeo_status share(struct kinship *kin, void *narrow, void *wide, bool back)
{
    size_t bytes = kin->narrow->backend->ops->elem_bytes;
    for (size_t i = 0; i < kin->narrow->n_entries; i++) {
        const struct entry *entry = &kin->narrow->entries[i];
        size_t j = sgeo_store_find(kin->wide, entry->segment.name);
        if (j == SGEO_NONE) {
            continue;
        }
        struct shape few = shape_of(&entry->segment);
        struct shape many = shape_of(&kin->wide->entries[j].segment);
        kin->in_narrow = i;
        kin->in_wide = j;
        if (same_shape(&few, &many)) {
            void *here = segment_at(kin->narrow, narrow, i),
                 *there = segment_at(kin->wide, wide, j);
            memcpy(back ? there : here, back ? here : there, entry->place.elems * bytes);
        } else if (few.out > many.out || few.in > many.in || few.taps != many.taps) {
            return sgeo_fail(
                SGEO_USAGE, NULL, "segment %s (%zu,%zu,%zu) is no part of (%zu,%zu,%zu)",
                entry->segment.name, few.out, few.in, few.taps, many.out, many.in, many.taps);
        } else {
            sgeo_store_export(kin->wide, kin->wide_values, j, wide);
            if (back) {
                sgeo_store_export(kin->narrow, kin->narrow_values, i, narrow);
            }
            copy_first_channels(kin, back);
            if (back) {
                sgeo_store_import(kin->wide, wide, j, kin->wide_values);
            } else {
                sgeo_store_import(kin->narrow, narrow, i, kin->narrow_values);
            }
        }
    }
    return SGEO_OK;
}

static enum sgeo_status open_kinship(struct kinship *kin, const struct sgeo_store *narrow,
                                     const struct sgeo_store *wide)
{
    *kin = (struct kinship){.narrow = narrow, .wide = wide};
    kin->narrow_values = sgeo_calloc(narrow->largest + 1, sizeof *kin->narrow_values);
    kin->wide_values = sgeo_calloc(wide->largest + 1, sizeof *kin->wide_values);
    return kin->narrow_values == NULL || kin->wide_values == NULL
               ? sgeo_fail_memory("inherited weights")
               : SGEO_OK;
}

static void close_kinship(struct kinship *kin)
{
    sgeo_free(kin->narrow_values);
    sgeo_free(kin->wide_values);
}

enum sgeo_status sgeo_store_inherit(const struct sgeo_store *to, void *to_vector,
                                    const struct sgeo_store *from, const void *from_vector)
{
    struct kinship kin;
    enum sgeo_status status = open_kinship(&kin, to, from);
    if (status == SGEO_OK) { /* the wide vector is only read */
        status = share(&kin, to_vector, (void *)(uintptr_t)from_vector, false);
    }
    close_kinship(&kin);
    return status;
}

enum sgeo_status sgeo_store_hand_back(const struct sgeo_store *to, void *to_vector,
                                      const struct sgeo_store *from, const void *from_vector)
{
    struct kinship kin;
    enum sgeo_status status = open_kinship(&kin, from, to);
    if (status == SGEO_OK) { /* the narrow vector is only read */
        status = share(&kin, (void *)(uintptr_t)from_vector, to_vector, true);
    }
    close_kinship(&kin);
    return status;
}

bool sgeo_store_is_wider(const struct sgeo_store *store, const struct sgeo_graph *graph)
{
    for (size_t s = 0; s < graph->n_segments; s++) {
        size_t index = sgeo_store_find(store, graph->segments[s].name);
        if (index != SGEO_NONE && store->entries[index].segment.count != graph->segments[s].count) {
            return true;
        }
    }
    return false;
}
