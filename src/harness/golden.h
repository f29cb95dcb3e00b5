/*
 * Golden records: what a file of golden vectors asks for, rebuilt from its names alone. Formulas
 * and names: the golden vectors' naming rules, sections 1-8.
 */
#ifndef SGEO_HARNESS_GOLDEN_H
#define SGEO_HARNESS_GOLDEN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/embedding.h"
#include "graph/graph.h"
#include "graph/store.h"
#include "space/space.h"

/* The data of a recommender model's record: what its embedding tables turn into the input. */
struct sgeo_golden_features {
    struct sgeo_feature_layout layout;
    size_t rows;      /* of every table */
    double *dense;    /* (batch,D) */
    int32_t *indices; /* (F,batch) */
};

/* One record's network and data. */
struct sgeo_golden {
    char name[64];
    const json_t *expected; /* borrowed from the file */
    struct sgeo_graph *graph;
    size_t batch, k;                       /* images, and the sub-batches they are cut into */
    double *images;                        /* (batch,C,H,W) planar; NULL in a recommender model's */
    struct sgeo_golden_features *features; /* of a recommender model; NULL in an image network's */
    uint16_t *labels;
    bool is_toy;   /* the toy's own weights and field names */
    json_t *facts; /* fields that follow from the architecture alone, as computed here; or NULL */
    /* what the graph was built from; the toy has none */
    const struct sgeo_space *space;
    struct sgeo_arch arch;
    struct sgeo_net_config config;
};

/* Whether records of this search space (NULL: none named) can be rebuilt. */
bool sgeo_golden_knows(const char *space);

/* Build the record of one object of a known search space. SGEO_IO when a field is missing,
 * SGEO_USAGE when its architecture is malformed. */
enum sgeo_status sgeo_golden_network(struct sgeo_golden *golden, const char *space,
                                     const json_t *object);

/* Build the record of one recommender model; failures as above. */
enum sgeo_status sgeo_golden_model(struct sgeo_golden *golden, const json_t *object);

/* Build the toy problem; expected is the whole file, name the file's stem. */
enum sgeo_status sgeo_golden_toy(struct sgeo_golden *golden, const json_t *object,
                                 const char *name);

/* The toy's vectors s(n, a, b, m): m sin(a i + b), i = 0..n-1. */
void sgeo_golden_sine(double *values, size_t n, double a, double b, double m);

void sgeo_golden_clear(struct sgeo_golden *golden);

/* sgeo_theta_fill for a record (context). */
enum sgeo_status sgeo_golden_fill(const struct sgeo_store *store, void *theta, void *golden);

#endif
