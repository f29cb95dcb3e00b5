/*
 * Hand-crafted recommender models (spec nasrec, section 4): every field an embedding of 16 numbers,
 * one logit. Module names: the golden vectors' naming rules, section 8.
 */
#ifndef SGEO_SPACE_CTR_MODELS_H
#define SGEO_SPACE_CTR_MODELS_H

#include <stddef.h>

#include "base/status.h"
#include "graph/embedding.h"
#include "graph/graph.h"

enum sgeo_ctr_model {
    SGEO_CTR_DLRM,
    SGEO_CTR_DEEPFM,
    SGEO_CTR_XDEEPFM,
    SGEO_CTR_AUTOINT_PLUS,
    SGEO_CTR_DCNV2,
    SGEO_CTR_MODELS
};

enum { SGEO_CTR_DIM = 16, SGEO_CTR_LAYERS_MAX = 8 };

/* Units of hidden layers, or maps of a CIN's, in order. */
struct sgeo_ctr_layers {
    size_t n, widths[SGEO_CTR_LAYERS_MAX];
};

/* Sizes of a model; those that it does not have are empty. */
struct sgeo_ctr_sizes {
    struct sgeo_ctr_layers bottom; /* DLRM: before the dot products; the last is 16 */
    struct sgeo_ctr_layers mlp;    /* hidden layers above, or beside, the interactions */
    struct sgeo_ctr_layers cin;    /* xDeepFM */
    size_t crosses;                /* AutoInt+: attention layers; DCNv2: cross layers */
};

/* "dlrm", "deepfm", "xdeepfm", "autoint_plus", "dcnv2"; SGEO_CTR_MODELS for another name. */
enum sgeo_ctr_model sgeo_ctr_find(const char *name);
const char *sgeo_ctr_name(enum sgeo_ctr_model model);

/* The sizes of Table 3's rows here. */
struct sgeo_ctr_sizes sgeo_ctr_standard_sizes(enum sgeo_ctr_model model);

/* The features that a data set gives a model. */
struct sgeo_feature_layout sgeo_ctr_features(enum sgeo_ctr_model model, size_t dense,
                                             size_t fields);

/* The model's network on them. Labels name the outputs of its parts. The caller owns *graph.
 * SGEO_USAGE for sizes that make no network. */
enum sgeo_status sgeo_ctr_build(struct sgeo_graph **graph, enum sgeo_ctr_model model,
                                const struct sgeo_feature_layout *features,
                                const struct sgeo_ctr_sizes *sizes);

#endif
