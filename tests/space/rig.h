/*
 * What the tests of search spaces share: architectures and graphs that must be there, looking into
 * a graph, and the benchmark's own numbers where they are at hand.
 */
#ifndef SGEO_TESTS_SPACE_RIG_H
#define SGEO_TESTS_SPACE_RIG_H

#include <jansson.h>

#include "base/csv.h"
#include "graph/rig.h"
#include "space/space.h"

#define RIG_LENGTH(array) ((int)(sizeof(array) / sizeof *(array)))

/* A text that a space refuses, and parts of what it says about it. */
struct rig_malformed {
    const char *text;
    const char *where;    /* in the error's text */
    const char *expected; /* likewise */
    const char *hint;
};

static inline void rig_refuses(const struct sgeo_space *space, const struct rig_malformed *bad)
{
    struct sgeo_arch arch;
    memset(&arch, 77, sizeof arch);
    const struct sgeo_arch untouched = arch;
    ck_assert_msg(space->decode(&arch, bad->text) == SGEO_USAGE, "%s", bad->text);
    ck_assert_mem_eq(&arch, &untouched, sizeof arch);
    const char *text = sgeo_error_text();
    ck_assert_msg(strstr(text, bad->where) != NULL, "%s: %s", bad->text, text);
    ck_assert_msg(strstr(text, bad->expected) != NULL, "%s: %s", bad->text, text);
    ck_assert_msg(strstr(sgeo_error_hint(), bad->hint) != NULL, "%s: hint %s", bad->text,
                  sgeo_error_hint());
    ck_assert_ptr_null(strchr(text, '\n'));
}

/* A network that a space refuses, and a part of its complaint. */
struct rig_impossible {
    struct sgeo_net_config config;
    const char *complaint;
};

static inline void rig_cannot_build(const struct sgeo_space *space, const struct sgeo_arch *arch,
                                    const struct rig_impossible *bad)
{
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(space->build(&graph, arch, &bad->config), SGEO_USAGE);
    ck_assert_ptr_null(graph);
    ck_assert_msg(strstr(sgeo_error_text(), bad->complaint) != NULL, "%s", sgeo_error_text());
}

static inline struct sgeo_arch rig_arch(const struct sgeo_space *space, const char *text)
{
    struct sgeo_arch arch;
    ck_assert_msg(space->decode(&arch, text) == SGEO_OK, "%s: %s", text, sgeo_error_text());
    return arch;
}

static inline struct sgeo_graph *rig_graph(const struct sgeo_space *space,
                                           const struct sgeo_arch *arch,
                                           const struct sgeo_net_config *config)
{
    struct sgeo_graph *graph = NULL;
    rig_ok(space->build(&graph, arch, config));
    return graph;
}

static inline struct sgeo_graph *rig_supernet(const struct sgeo_space *space,
                                              const struct sgeo_net_config *config)
{
    struct sgeo_graph *graph = NULL;
    rig_ok(space->build_supernet(&graph, config));
    return graph;
}

static inline struct sgeo_counts rig_counts(const struct sgeo_space *space,
                                            const struct sgeo_arch *arch,
                                            const struct sgeo_net_config *config)
{
    struct sgeo_counts counts;
    struct sgeo_graph *graph = rig_graph(space, arch, config);
    sgeo_graph_count(&counts, graph);
    sgeo_graph_destroy(graph);
    return counts;
}

static inline const struct sgeo_segment *rig_find_segment(const struct sgeo_graph *graph,
                                                          const char *name)
{
    for (size_t i = 0; i < graph->n_segments; i++) {
        if (strcmp(graph->segments[i].name, name) == 0) {
            return &graph->segments[i];
        }
    }
    return NULL;
}

/* The node behind a label, which must be there. */
static inline size_t rig_find_label(const struct sgeo_graph *graph, const char *label)
{
    for (size_t l = 0; l < graph->n_labels; l++) {
        if (strcmp(graph->labels[l].name, label) == 0) {
            return graph->labels[l].node;
        }
    }
    ck_abort_msg("no label %s", label);
    return SGEO_NONE;
}

static inline size_t rig_count_nodes(const struct sgeo_graph *graph, enum sgeo_op op)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        n += graph->nodes[i].op == op;
    }
    return n;
}

/* Every segment of a candidate's graph is one of the supernet's, of the same size. */
static inline void rig_shares_segments(const struct sgeo_graph *graph,
                                       const struct sgeo_graph *supernet)
{
    for (size_t i = 0; i < graph->n_segments; i++) {
        const struct sgeo_segment *segment = &graph->segments[i];
        const struct sgeo_segment *shared = rig_find_segment(supernet, segment->name);
        ck_assert_msg(shared != NULL, "%s", segment->name);
        ck_assert_uint_eq(shared->count, segment->count);
        ck_assert_int_eq(shared->kind, segment->kind);
        ck_assert_uint_eq(shared->fan_in, segment->fan_in);
    }
}

/* The weights of L are exactly the layers that a golden record lists. */
static inline void rig_check_layers(const struct sgeo_graph *graph, const json_t *layers)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_segments; i++) {
        char name[SGEO_NAME_MAX];
        snprintf(name, sizeof name, "%s", graph->segments[i].name);
        if (sgeo_segment_in_l(&graph->segments[i])) {
            *strrchr(name, '.') = '\0';
            ck_assert_msg(json_object_get(layers, name) != NULL, "%s is not in the record", name);
            n++;
        }
    }
    ck_assert_uint_eq(n, json_object_size(layers));
}

/* Hand every architecture record of a golden file to `check`. */
static inline void rig_golden(const char *path, void (*check)(const json_t *record))
{
    json_error_t error;
    json_t *file = json_load_file(path, 0, &error);
    ck_assert_msg(file != NULL, "%s: %s", path, error.text);
    const json_t *records = json_object_get(file, "archs");
    ck_assert_uint_gt(json_array_size(records), 0);
    for (size_t i = 0; i < json_array_size(records); i++) {
        check(json_array_get(records, i));
    }
    json_decref(file);
}

/* Read groundtruth/NAME of the data folder; false, and a line that says so, when there is none. */
static inline bool rig_read_ground_truth(struct sgeo_csv *csv, const char *name)
{
    const char *data = getenv("SIGEO_DATA");
    if (data == NULL) {
        printf("skipped: %s (SIGEO_DATA is not set)\n", name);
        return false;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/groundtruth/%s", data, name);
    rig_ok(sgeo_csv_read(csv, path));
    return true;
}

static inline const char *rig_cell(const struct sgeo_csv *csv, size_t row, const char *column)
{
    size_t index = sgeo_csv_column(csv, column);
    ck_assert_msg(index != SGEO_CSV_NONE, "%s: no column %s", csv->path, column);
    return sgeo_csv_cell(csv, row, index);
}

/* Millions, to the 8 digits that the files print. */
static inline void rig_check_millions(size_t value, const char *printed, const char *what)
{
    char got[32], expected[32];
    snprintf(got, sizeof got, "%.8g", (double)value * 1e-6);
    snprintf(expected, sizeof expected, "%.8g", strtod(printed, NULL));
    ck_assert_msg(strcmp(got, expected) == 0, "%s: got %s, expected %s", what, got, expected);
}

#endif
