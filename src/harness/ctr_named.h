/* A recommender model by its name, as tables and journals have it: hand-crafted, or an architecture
 * of NASRec. */
#ifndef SGEO_HARNESS_CTR_NAMED_H
#define SGEO_HARNESS_CTR_NAMED_H

#include "space/ctr_models.h"
#include "space/nasrec.h"

struct sgeo_ctr_named {
    enum sgeo_ctr_model crafted;  /* SGEO_CTR_MODELS: arch */
    struct sgeo_nasrec_arch arch; /* "nasrec-small ..." */
};

/*
 * What a user may write: dlrm, deepfm, xdeepfm, autoint_plus, dcnv2; else as sgeo_nasrec_parse: a
 * published architecture's name, its text, or the path of a JSON file. Errors likewise; *model is
 * then untouched.
 */
enum sgeo_status sgeo_ctr_named_parse(struct sgeo_ctr_named *model, const char *what);

/* The one text of a model, on one line; parse reads it. */
void sgeo_ctr_named_text(char text[SGEO_NASREC_TEXT_MAX], const struct sgeo_ctr_named *model);

/* Its stand-alone network, without layer norms, on a data set's features, which *features becomes.
 * The caller owns *graph. Fails as the spaces do. */
enum sgeo_status sgeo_ctr_named_build(struct sgeo_graph **graph,
                                      struct sgeo_feature_layout *features,
                                      const struct sgeo_ctr_named *model, size_t dense,
                                      size_t fields);

/* Whose learning rates it is trained at: hand-crafted models share those of nasrec-small. */
enum sgeo_nasrec_space sgeo_ctr_named_space(const struct sgeo_ctr_named *model);

#endif
