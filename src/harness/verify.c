#include "harness/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/fpenv.h"
#include "base/memory.h"
#include "harness/verify_parts.h"

static enum sgeo_status convert_images(struct sgeo_attempt *attempt)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_node *image = &golden->graph->nodes[0];
    size_t elems = golden->batch * image->channels * image->height * image->width;
    if (attempt->precision == SGEO_F64) {
        attempt->images = golden->images;
        return SGEO_OK;
    }
    float *images = sgeo_calloc(elems, sizeof *images);
    if (images == NULL) {
        return sgeo_fail_memory("golden images");
    }
    for (size_t i = 0; i < elems; i++) {
        images[i] = (float)golden->images[i];
    }
    attempt->images = images;
    return SGEO_OK;
}

/* Every field, of an image network or of a recommender model. */
static enum sgeo_status compute(struct sgeo_attempt *attempt)
{
    if (attempt->golden->features != NULL) {
        return sgeo_verify_compute_model(attempt);
    }
    enum sgeo_status status = convert_images(attempt);
    return status == SGEO_OK ? sgeo_verify_compute(attempt) : status;
}

/* In double as the files were made, with denormals: a deviation of 1e-154 has a square. */
static enum sgeo_status compute_as_made(struct sgeo_attempt *attempt)
{
    bool flushes = sgeo_fpenv_flushes();
    if (attempt->precision == SGEO_F64) {
        sgeo_fpenv_keep_denormals();
    }
    enum sgeo_status status = compute(attempt);
    if (flushes) {
        sgeo_fpenv_flush_denormals();
    }
    return status;
}

static enum sgeo_status verify_record(struct sgeo_verifier *verifier,
                                      const struct sgeo_golden *golden)
{
    static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
    enum sgeo_status status = SGEO_OK;
    for (size_t p = 0; status == SGEO_OK && p < 2; p++) {
        struct sgeo_attempt attempt = {.golden = golden,
                                       .precision = precisions[p],
                                       .got = json_object(),
                                       .scales = json_object()};
        status = sgeo_session_create(&attempt.session,
                                     attempt.precision == SGEO_F64
                                         ? (struct sgeo_executor){.precision = SGEO_F64}
                                         : verifier->single);
        if (status == SGEO_OK) {
            status = compute_as_made(&attempt);
        }
        if (status == SGEO_OK) {
            sgeo_verify_compare(verifier, &attempt);
        }
        if (attempt.images != golden->images) {
            sgeo_free(attempt.images);
        }
        sgeo_session_destroy(attempt.session);
        json_decref(attempt.got);
        json_decref(attempt.scales);
    }
    return status;
}

/* Records of networks of a search space, or, space NULL, of recommender models. */
static enum sgeo_status verify_records(struct sgeo_verifier *verifier, const char *space,
                                       const json_t *records)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        struct sgeo_golden golden;
        status = space == NULL ? sgeo_golden_model(&golden, record)
                               : sgeo_golden_network(&golden, space, record);
        if (status == SGEO_OK) {
            status = verify_record(verifier, &golden);
        }
        if (status == SGEO_USAGE) { /* the file's mistake, not the user's */
            status = sgeo_fail(SGEO_IO, sgeo_error_hint(), "golden record %s: %s",
                               golden.name[0] == '\0' ? "(without a name)" : golden.name,
                               sgeo_error_text());
        }
        sgeo_golden_clear(&golden);
    }
    return status;
}

static enum sgeo_status verify_toy(struct sgeo_verifier *verifier, const json_t *root,
                                   const char *path)
{
    const char *slash = strrchr(path, '/');
    char stem[64];
    struct sgeo_golden golden;
    snprintf(stem, sizeof stem, "%s", slash == NULL ? path : slash + 1);
    stem[strcspn(stem, ".")] = '\0';
    enum sgeo_status status = sgeo_golden_toy(&golden, root, stem);
    if (status == SGEO_OK) {
        status = verify_record(verifier, &golden);
    }
    sgeo_golden_clear(&golden);
    return status;
}

static enum sgeo_status verify_root(struct sgeo_verifier *verifier, const json_t *root,
                                    const char *path)
{
    const char *space = json_string_value(json_object_get(root, "space"));
    if (sgeo_golden_knows(space)) {
        return verify_records(verifier, space, json_object_get(root, "archs"));
    }
    if (space != NULL && strcmp(space, "recsys") == 0) {
        return verify_records(verifier, NULL, json_object_get(root, "models"));
    }
    if (json_object_get(root, "zico_k4_fixed_theta") != NULL) {
        return verify_toy(verifier, root, path);
    }
    return sgeo_fail(SGEO_UNSUPPORTED,
                     "known: the toy problem, recsys and the spaces of --list spaces",
                     "%s holds nothing that can be verified", path);
}

enum sgeo_status sgeo_verify(struct sgeo_verify_result *result, const char *path,
                             struct sgeo_executor executor, sgeo_text_sink sink, void *sink_context)
{
    struct sgeo_verifier verifier = {executor, result, sink, sink_context};
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    json_error_t error;
    *result = (struct sgeo_verify_result){0};
    enum sgeo_status status = sgeo_file_read(path, (size_t)256 << 20, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    json_t *root = json_loadb((const char *)bytes, n_bytes, 0, &error);
    sgeo_free(bytes);
    if (root == NULL) {
        return sgeo_fail(SGEO_IO, "fetch the file again", "%s is not JSON: line %d, %s", path,
                         error.line, error.text);
    }
    sink("record,field,expected,got,rel_error,verdict\n", sink_context);
    status = verify_root(&verifier, root, path);
    json_decref(root);
    if (status == SGEO_OK && result->passed + result->failed == 0) {
        return sgeo_fail(SGEO_UNSUPPORTED, NULL, "%s holds nothing that can be verified", path);
    }
    if (status == SGEO_OK && result->failed > 0) {
        return sgeo_fail(SGEO_CHECK_FAILED, "see the rows marked FAIL",
                         "%zu of %zu fields of %s differ", result->failed,
                         result->passed + result->failed, path);
    }
    return status;
}
