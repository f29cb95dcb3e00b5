/*
 * Inside of the golden-vector check: verify.c reads files, verify_fields.c computes a record's
 * fields, verify_compare.c faces them with what is expected.
 */
#ifndef SGEO_HARNESS_VERIFY_PARTS_H
#define SGEO_HARNESS_VERIFY_PARTS_H

#include <jansson.h>

#include "harness/golden.h"
#include "harness/verify.h"
#include "proxy/session.h"

/*
 * Relative tolerances (naming rules, section 9). Fields of one layer's gradient are compared to
 * 1e-2 in f32: among millions of pre-activations a few lie within rounding of zero, and a ReLU that
 * opens or closes there moves single layers by up to 5e-3 while loss, scores and Fisher-Rao fields
 * stay within 4e-5.
 */
#define TOLERANCE_F64        1e-6
#define TOLERANCE_F32        1e-3
#define TOLERANCE_F32_FISHER 1e-2
#define TOLERANCE_F32_LAYER  1e-2
#define TOLERANCE_F32_KINK   2e-2 /* one ReLU within rounding of zero moves these */

/* One record in one precision: what was computed, as JSON of the expected shape, and the scales of
 * its comparisons. */
struct sgeo_attempt {
    const struct sgeo_golden *golden;
    struct sgeo_session *session;
    enum sgeo_precision precision;
    void *images;   /* in backend elements */
    json_t *got;    /* field -> value */
    json_t *scales; /* field -> number or object/array of numbers: scale of the comparison */
};

struct sgeo_verifier {
    struct sgeo_executor single; /* the f32 executor */
    struct sgeo_verify_result *result;
    sgeo_text_sink sink;
    void *sink_context;
};

/* Compute every field of the record that this precision is asked for: to attempt->got. */
enum sgeo_status sgeo_verify_compute(struct sgeo_attempt *attempt);

/* Whether the record says that this field means nothing. */
bool sgeo_verify_is_null(const struct sgeo_attempt *attempt, const char *field);

/* Report every field of the record: a row each, and counts. */
void sgeo_verify_compare(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt);

#endif
