/*
 * Inside of the golden-vector check: verify.c reads files, verify_fields.c (with
 * verify_batch.c and, for the toy, verify_toy.c) computes the fields of an image network's record
 * and verify_models.c those of a recommender model's, verify_compare.c faces them with what is
 * expected.
 */
#ifndef SGEO_HARNESS_VERIFY_PARTS_H
#define SGEO_HARNESS_VERIFY_PARTS_H

#include <jansson.h>

#include "harness/golden.h"
#include "harness/verify.h"
#include "proxy/session.h"

/*
 * Relative tolerances (naming rules, section 9). Fields of one layer's or tensor's gradient are
 * compared to 1e-2 in f32: among millions of pre-activations a few lie within rounding of zero, and
 * a ReLU that opens or closes there moves single layers by up to 5e-3 while loss, scores and
 * Fisher-Rao fields stay within 4e-5.
 */
#define TOLERANCE_F64        1e-9
#define TOLERANCE_F64_LOOSE  1e-6 /* paths of steps of rate 1; quotients by tiny deviations */
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
    void *images;   /* in backend elements; a recommender model's input (N,W) */
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

/* The same for a recommender model, whose input it allocates: to attempt->images, which the caller
 * frees. */
enum sgeo_status sgeo_verify_compute_model(struct sgeo_attempt *attempt);

/* Of the toy: sigeo_recsys_lastlayer, the path of the authors' code for recommender models; and of
 * a path of SGD steps, what its inner products are by module where they are scale-invariant
 * (scale_invariance_prediction, a new object). */
enum sgeo_status sgeo_verify_lastlayer_fields(struct sgeo_attempt *attempt);
enum sgeo_status sgeo_verify_invariance(json_t **prediction, struct sgeo_attempt *attempt,
                                        double lr);

/* Of them, those of one forward and backward pass over all images; *snip is their sum of |W g|. */
enum sgeo_status sgeo_verify_batch_fields(struct sgeo_attempt *attempt, double *snip);

/* The module of a weight: its name without ".weight". */
void sgeo_verify_layer_name(char name[SGEO_NAME_MAX], const struct sgeo_segment *segment);

/* A value as JSON, by name ("nan", "inf", "-inf") where JSON has no number; values as an array; the
 * root of the sum of their squares. */
json_t *sgeo_verify_number(double value);
json_t *sgeo_verify_numbers(const double *values, size_t n);
double sgeo_verify_norm(const double *values, size_t n);

/*
 * What rounding leaves of the sums sum |W g| behind derivatives along theta, and of their squares
 * behind Fisher-Rao fields: the rule's own scale, that sum whole, would let any value pass.
 */
double sgeo_verify_derivative_floor(const struct sgeo_attempt *attempt);
double sgeo_verify_fisher_floor(const struct sgeo_attempt *attempt);

/* Whether the record says that this field means nothing. */
bool sgeo_verify_is_null(const struct sgeo_attempt *attempt, const char *field);

/* Report every field of the record: a row each, and counts. */
void sgeo_verify_compare(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt);

#endif
