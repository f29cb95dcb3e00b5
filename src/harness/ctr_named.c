#include "harness/ctr_named.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "space/nasrec_build.h"

/* Whether it can only be meant as an architecture of NASRec: a text, a published name, a file. */
static bool is_nasrec(const char *what)
{
    bool known = strncmp(what, "nasrec-", 7) == 0 || sgeo_file_exists(what);
    for (size_t i = 0; i < SGEO_NASREC_PUBLISHED; i++) {
        known = known || strcmp(what, sgeo_nasrec_published[i].name) == 0;
    }
    return known;
}

enum sgeo_status sgeo_ctr_named_parse(struct sgeo_ctr_named *model, const char *what)
{
    struct sgeo_ctr_named named = {.crafted = sgeo_ctr_find(what)};
    enum sgeo_status status = SGEO_OK;
    if (named.crafted == SGEO_CTR_MODELS && !is_nasrec(what)) {
        return sgeo_fail(SGEO_USAGE,
                         "dlrm deepfm xdeepfm autoint_plus dcnv2 criteo-small criteo-full "
                         "avazu-small avazu-full kdd-small kdd-full, a JSON file, or nasrec-small "
                         "and seven blocks",
                         "no click-through model has this name, and no file: %.80s", what);
    }
    if (named.crafted == SGEO_CTR_MODELS) {
        status = sgeo_nasrec_parse(&named.arch, what);
    }
    if (status == SGEO_OK) {
        *model = named;
    }
    return status;
}

void sgeo_ctr_named_text(char text[SGEO_NASREC_TEXT_MAX], const struct sgeo_ctr_named *model)
{
    if (model->crafted == SGEO_CTR_MODELS) {
        sgeo_nasrec_encode(text, &model->arch);
    } else {
        snprintf(text, SGEO_NASREC_TEXT_MAX, "%s", sgeo_ctr_name(model->crafted));
    }
}

enum sgeo_status sgeo_ctr_named_build(struct sgeo_graph **graph,
                                      struct sgeo_feature_layout *features,
                                      const struct sgeo_ctr_named *model, size_t dense,
                                      size_t fields)
{
    if (model->crafted == SGEO_CTR_MODELS) {
        *features = sgeo_nasrec_features(dense, fields);
        return sgeo_nasrec_build(graph, &model->arch, features, false);
    }
    const struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes(model->crafted);
    *features = sgeo_ctr_features(model->crafted, dense, fields);
    return sgeo_ctr_build(graph, model->crafted, features, &sizes);
}

enum sgeo_nasrec_space sgeo_ctr_named_space(const struct sgeo_ctr_named *model)
{
    return model->crafted == SGEO_CTR_MODELS ? model->arch.space : SGEO_NASREC_SMALL;
}
